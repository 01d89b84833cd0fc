"""The history of a draft: its versions, and what changed from one to another."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.catalogue import commands, differences, sheet
from services.catalogue.domain import policy
from services.catalogue.pages.blueprint import pages, reading, saving, to_desk
from services.kernel.documents import Document, elements
from services.kernel.errors import Invalid, NotFound
from services.kernel.http import PageQuery, idempotent, read_query, redisplay, require_actor, signed_in
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


@pages.get("/drafts/<id:draft_id>/compare")
@signed_in(*policy.STAFF)
def compare(draft_id: str) -> str:
    """Any two versions side by side, word by word: what differs, and which versions between answer which comments."""
    actor = require_actor()
    first, last = (request.args.get(name, default=0, type=int) for name in ("from", "to"))
    draft = commands.draft(actor, draft_id)
    if not (0 < first <= draft.version and 0 < last <= draft.version) or first == last:
        raise NotFound(say("Choose two different versions of this design in its history, and compare these."))
    first, last = sorted((first, last))
    before, after = (commands.version(actor, draft_id, number) for number in (first, last))
    return render_template(
        "catalogue/compare.html",
        draft=draft,
        before=before,
        after=after,
        changes=differences.changes(before["document"], after["document"]),
        between=[row for row in commands.versions(actor, draft_id, last + 1, min(last - first, 200)) if row["answers"]],
    )


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
        prints=_prints(found["document"]),
        changes=differences.changes(before, found["document"]) if number > 1 else [],
        **reading(found["document"]),
    )


@pages.post("/drafts/<id:draft_id>/versions/<int:number>")
@signed_in(*policy.STAFF)
@redisplay(version)
@idempotent
def restore(draft_id: str, number: int) -> ResponseReturnValue:
    """Put the words of an earlier version back, as the next version."""
    said = saving()
    commands.restore(require_actor(), draft_id, said["version"], number, said["summary"])
    return to_desk(draft_id, "restored")


def _prints(document: Document) -> list[tuple[str, str]]:
    """Return each element's heading with the hash of its content."""
    hashes = elements(document)
    return [(part.heading, hashes[part.pointer]) for found in sheet.parts(document).values() for part in found]
