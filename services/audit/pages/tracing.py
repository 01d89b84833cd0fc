"""The trace of a design, as a table and as a picture, and what a suggestion would have made of it."""

from flask import render_template

from services.audit import stories
from services.audit.pages.blueprint import pages
from services.audit.reading import differing
from services.audit.trace import trace as traced
from services.audit.what_if import what_if as applied
from services.kernel.http import current_actor, public


@pages.get("/drafts/<id:draft_id>/trace")
@public
def trace(draft_id: str) -> str:
    """What led to what: from comments to the published words, and back."""
    found = stories.story(current_actor(), draft_id)
    return render_template(
        "audit/trace.html", story=found, design=found.design, trace=traced(found.design, found.consultations)
    )


@pages.get("/drafts/<id:draft_id>/what-if/<id:comment_id>")
@public
def what_if(draft_id: str, comment_id: str) -> str:
    """A suggestion, applied to the version it was made for, beside that version."""
    found = stories.story(current_actor(), draft_id)
    tried = applied(found.design, list(found.consultations), comment_id)
    elements = differing.elements(tried.document, tried.suggested)
    return render_template("audit/what_if.html", story=found, design=found.design, tried=tried, elements=elements)
