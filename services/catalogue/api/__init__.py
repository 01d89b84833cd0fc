"""The REST doors of the catalogue."""

from typing import Any

from flask.typing import ResponseReturnValue

from services.catalogue import commands, examples, skills
from services.catalogue.api import importing
from services.catalogue.api import versions as going_back
from services.catalogue.api.blueprint import HERE, JSON_PATCH, api, changes_a_draft
from services.catalogue.domain.acts import Opening, Revision
from services.catalogue.domain.completeness import gaps
from services.catalogue.domain.draft import Draft, Submission
from services.catalogue.schemas import (
    Credentials,
    CredentialWhole,
    Drafts,
    DraftWhole,
    Examples,
    OpenDraft,
    Recall,
    ReviseDraft,
    SkillQuery,
    Skills,
    Versions,
    VersionWhole,
)
from services.kernel import ids
from services.kernel.documents import elements
from services.kernel.errors import Invalid
from services.kernel.http import (
    Created,
    Page,
    PageQuery,
    created,
    idempotent,
    if_match,
    public,
    require_actor,
    signed_in,
    with_etag,
)


@api.route("/drafts", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@api.arguments(OpenDraft)
@api.response(201, Created)
def open_draft(wish: Opening) -> ResponseReturnValue:
    """Open a draft from an example or from a document."""
    event = commands.open_draft(require_actor(), wish)
    return created(event, f"{HERE}/drafts/{event.subject}", version=1)


@api.route("/drafts")
@signed_in("designer", "lead")
@api.arguments(PageQuery, location="query")
@api.response(200, Drafts)
def drafts(page: Page) -> Any:
    """The drafts of your organisation, newest first."""
    found = commands.drafts(require_actor(), _id(page.after), page.limit + 1)
    return page.of([_line(draft) for draft in found], key="id")


@api.route("/drafts/<id:draft_id>")
@signed_in("designer", "lead")
@api.response(200, DraftWhole)
def draft(draft_id: str) -> ResponseReturnValue:
    """A draft at its newest version, how far it has come, and what it still lacks."""
    found = commands.draft(require_actor(), draft_id)
    return with_etag(_whole(found), found.version)


@api.route("/drafts/<id:draft_id>", methods=["PATCH"])
@signed_in("designer", "lead")
@idempotent
@changes_a_draft(requestBody=JSON_PATCH)
@api.arguments(ReviseDraft)
@api.response(200, Created)
def revise(wish: Revision, draft_id: str) -> ResponseReturnValue:
    """Make the next version, by a JSON Patch (bare or with words) or by the whole document."""
    event = commands.revise(require_actor(), draft_id, if_match(), wish)
    version = event.data["version"]
    return created(event, f"{HERE}/drafts/{draft_id}/versions/{version}", version=version)


@api.route("/drafts/<id:draft_id>/versions")
@signed_in("designer", "lead")
@api.arguments(PageQuery, location="query")
@api.response(200, Versions)
def versions(page: Page, draft_id: str) -> Any:
    """The versions of a draft, newest first."""
    rows = commands.versions(require_actor(), draft_id, _number(page.after), page.limit + 1)
    return page.of(rows, key="version")


@api.route("/drafts/<id:draft_id>/versions/<int:number>")
@signed_in("designer", "lead")
@api.response(200, VersionWhole)
def version(draft_id: str, number: int) -> Any:
    """One version, its document, and the patch that led to it."""
    found = commands.version(require_actor(), draft_id, number)
    return {**found, "elements": elements(found["document"])}


@api.route("/drafts/<id:draft_id>/submission", methods=["POST"])
@signed_in("lead")
@idempotent
@changes_a_draft()
@api.response(201, Created)
def submit(draft_id: str) -> ResponseReturnValue:
    """Put the newest version forward for the seal. Its words stay as they are until the answer comes."""
    event = commands.submit(require_actor(), draft_id, if_match())
    return created(event, f"{HERE}/drafts/{draft_id}", id=event.data["submission"])


@api.route("/drafts/<id:draft_id>/recall", methods=["POST"])
@signed_in("lead")
@idempotent
@changes_a_draft()
@api.arguments(Recall)
@api.response(200, Created)
def recall(wish: dict[str, str], draft_id: str) -> ResponseReturnValue:
    """Take the submission back; it lifts the seal."""
    event = commands.recall(require_actor(), draft_id, if_match(), wish.get("reason"))
    return created(event, f"{HERE}/drafts/{draft_id}", id=event.data["submission"])


@api.route("/drafts/<id:draft_id>/publication", methods=["POST"])
@signed_in("lead")
@idempotent
@changes_a_draft()
@api.response(201, Created)
def publish(draft_id: str) -> ResponseReturnValue:
    """Publish the sealed version that another lead submitted."""
    event = commands.publish(require_actor(), draft_id, if_match())
    credential = event.data["credential"]
    return created(event, f"{HERE}/credentials/{credential}", id=credential)


@api.route("/credentials")
@public
@api.arguments(PageQuery, location="query")
@api.response(200, Credentials)
def credentials(page: Page) -> Any:
    """Published credentials, newest first; for everybody."""
    return page.of(commands.credentials(_id(page.after), page.limit + 1), key="id")


@api.route("/credentials/<id:credential_id>")
@public
@api.response(200, CredentialWhole)
def credential(credential_id: str) -> Any:
    """A published credential; for everybody."""
    return commands.credential(credential_id)


@api.route("/skills")
@signed_in()
@api.arguments(SkillQuery, location="query")
@api.response(200, Skills)
def find_skills(sought: dict[str, Any]) -> Any:
    """Skills of ESCO by the beginnings of their words, in their labels and alternative labels; the best first."""
    return {"items": skills.find(sought["q"], sought["language"], sought["limit"])}


@api.route("/examples")
@public
@api.response(200, Examples)
def every_example() -> Any:
    """The examples a draft can be opened from; for everybody."""
    return {"items": examples.every()}


def _line(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "title": draft.document.get("title", {}),
        "version": draft.version,
        "status": draft.status,
        "changed_at": draft.changed_at,
    }


def _whole(draft: Draft) -> dict[str, Any]:
    return _line(draft) | {
        "organisation": draft.organisation,
        "document": draft.document,
        "document_hash": draft.document_hash,
        "consultation": draft.consultation,
        "credential": draft.credential,
        "submission": None if draft.pending is None else _submission(draft.pending),
        "gaps": gaps(draft.document),
    }


def _submission(submission: Submission) -> dict[str, Any]:
    answer = submission.answer
    return {
        "id": submission.id,
        "version": submission.version,
        "by": submission.by,
        "at": submission.at,
        "sealed": None if answer is None else answer.sealed,
        "missing": [] if answer is None else list(answer.missing),
    }


def _id(cursor: Any) -> str | None:
    if cursor is None or (isinstance(cursor, str) and ids.is_id(cursor)):
        return cursor
    raise _not_ours()


def _number(cursor: Any) -> int | None:
    if cursor is None or (isinstance(cursor, int) and 0 < cursor < 2**31):
        return cursor
    raise _not_ours()


def _not_ours() -> Invalid:
    sentence = "This is no cursor of this list: use `next` of the page before."
    return Invalid(sentence, fields={"?cursor": [sentence]})


__all__ = ["api", "going_back", "importing"]
