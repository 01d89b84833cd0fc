"""What other services' pages show of co-design; each can be read alone, too."""

from flask import render_template, request

from services.codesign import reading
from services.codesign.pages.blueprint import pages
from services.kernel.http import require_actor, signed_in


@pages.get("/fragments/drafts/<id:draft_id>")
@signed_in("designer", "lead")
def draft_comments(draft_id: str) -> str:
    """The open comments on a draft; with `?pick=answers` each with a box to tick, for the form of a revision."""
    found = reading.open_comments_of_draft(require_actor(), draft_id)
    alone = request.headers.get("HX-Request") != "true"
    template = "codesign/draft_comments_page.html" if alone else "codesign/draft_comments.html"
    return render_template(template, pick=request.args.get("pick") == "answers" and not alone, **found)
