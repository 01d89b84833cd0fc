"""How the log is doing, for everybody to see."""

from flask import render_template

from services.audit import health as data
from services.audit.health import SELDOM, STALE
from services.audit.pages.blueprint import pages
from services.kernel.http import public


@pages.get("/health")
@public
def health() -> str:
    """How the log is doing, in words."""
    return render_template("audit/health.html", log=data.health(), stale=STALE, seldom=SELDOM)
