"""The history of a draft: its versions, and what changed from one to another."""

from flask import render_template, request

from services.catalogue import commands, differences
from services.catalogue.domain import policy
from services.catalogue.pages.blueprint import pages, reading
from services.kernel.errors import Invalid
from services.kernel.http import PageQuery, read_query, require_actor, signed_in
from services.kernel.language import say


@pages.get("/drafts/<id:draft_id>/versions")
@signed_in(*policy.STAFF)
def versions(draft_id: str) -> str:
    """Every version, newest first."""
    actor = require_actor()
    page = read_query(PageQuery)
    if page.after is not None and not isinstance(page.after, int):
        raise Invalid(say("This address is not complete. Begin at the first page."))
    rows = commands.versions(actor, draft_id, page.after, page.limit + 1)
    draft = commands.draft(actor, draft_id)
    return render_template("catalogue/versions.html", draft=draft, versions=page.of(rows, key="version"))


@pages.get("/drafts/<id:draft_id>/versions/<int:number>")
@signed_in(*policy.STAFF)
def version(draft_id: str, number: int) -> str:
    """One version: what changed since the one before (or since `?since=`), and the whole of it."""
    actor = require_actor()
    draft = commands.draft(actor, draft_id)
    found = commands.version(actor, draft_id, number)
    since = request.args.get("since", default=number - 1, type=int)
    before = commands.version(actor, draft_id, since)["document"] if 0 < since < number else {}
    return render_template(
        "catalogue/version.html",
        draft=draft,
        version=found,
        since=since,
        changes=differences.changes(before, found["document"]) if number > 1 else [],
        **reading(found["document"]),
    )
