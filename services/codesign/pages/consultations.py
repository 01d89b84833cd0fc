"""The list of consultations, and the page of one: for its reviewers, its provider, and auditors."""

from flask import render_template

from services.codesign import reading
from services.codesign.pages.blueprint import language, pages
from services.codesign.policy import Side
from services.kernel.http import ANYWHERE, Page, PageQuery, read_query, require_actor, signed_in


@pages.get("/")
@signed_in(scope=ANYWHERE)
def consultations() -> str:
    """My consultations: those that wait for me first."""
    page: Page = read_query(PageQuery)
    rows = reading.consultations(require_actor(), after=page.after, limit=page.limit + 1)
    listing = page.of(rows, key="id")
    waiting = [row for row in listing["items"] if row["waits_for"]]
    others = [row for row in listing["items"] if not row["waits_for"]]
    return render_template("codesign/consultations.html", listing=listing, waiting=waiting, others=others)


@pages.get("/consultations/<id:consultation_id>")
@signed_in(scope="consultation_id")
def consultation(consultation_id: str) -> str:
    """A consultation: the design as a document, with what was said beside each part of it."""
    found = reading.whole(require_actor(), consultation_id, language())
    template = "codesign/review.html" if found["side"] is Side.REVIEWER else "codesign/run.html"
    return render_template(template, consultation=found, language=language())
