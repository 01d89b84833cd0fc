"""How the log is doing, for everybody to see."""

from flask import render_template

from services.audit import vouching
from services.audit.pages.blueprint import pages
from services.kernel.http import public


@pages.get("/health")
@public
def health() -> str:
    """How the log is doing."""
    return render_template("audit/health.html", heads=vouching.heads())
