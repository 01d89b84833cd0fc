"""What happens to a draft: opened, revised, submitted, recalled, published. Each is a fact, or a refusal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.catalogue.domain import changes, policy
from services.catalogue.domain.completeness import gaps
from services.catalogue.domain.document import check, refuse_faults, used_ids
from services.catalogue.domain.draft import Draft
from services.catalogue.domain.shapes import Fault
from services.kernel.documents import Document, Patch, digest
from services.kernel.errors import Invalid, Refused, Stale
from services.kernel.events import Actor, Fact
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Opening:
    """The wish for a new draft: its document, and where that came from: an example, or a file by its SHA-256."""

    document: Document
    example: str | None = None
    imported: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """The wish for a new version: a patch or a whole document, what changed in words, the comments it answers."""

    patch: Patch | None = None
    document: Document | None = None
    summary: str | None = None
    answers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a comment suggests: a patch of the version it speaks of; None where its words were erased."""

    comment: str
    draft: str
    version: int
    pointer: str
    patch: Patch | None
    withdrawn: bool


def open_draft(actor: Actor, organisation: policy.Organisation | None, draft_id: str, wish: Opening) -> Fact:
    """Open a draft at version 1."""
    policy.may_open(actor, organisation)
    check(wish.document, draft_id)
    data = {
        "draft": draft_id,
        "version": 1,
        "organisation": actor.organisation,
        "document": wish.document,
        "document_hash": digest(wish.document),
        "origin": _origin(wish),
    }
    return Fact("catalogue.draft.opened.v1", draft_id, data, actor)


def revise(actor: Actor, draft: Draft, if_match: int, wish: Revision, ids_before: Mapping[str, str]) -> Fact:
    """Make the next version. `ids_before` holds every element id the draft ever used, with its collection."""
    policy.may_see(actor, draft.organisation)
    _hold_version(draft, if_match)
    _hold_editable(draft)
    after = _after(draft, wish)
    check(after, draft.id)
    _hold_ids(draft.document, after, ids_before)
    said = {"answers": sorted(set(wish.answers))} if wish.answers else {}
    return _next(actor, draft, after, said | ({"summary": wish.summary} if wish.summary else {}))


def restore(actor: Actor, draft: Draft, if_match: int, number: int, document: Document, summary: str | None) -> Fact:
    """Put the words of version `number` back as the next version; each id names the very element it always named."""
    policy.may_see(actor, draft.organisation)
    _hold_version(draft, if_match)
    _hold_editable(draft)
    check(document, draft.id)
    return _next(actor, draft, document, {"restores": number} | ({"summary": summary} if summary else {}))


def apply(actor: Actor, draft: Draft, if_match: int, wish: Suggestion, ids_before: Mapping[str, str]) -> Fact:
    """Make what a comment suggests the next version, which names the comment; Refused where the words have changed."""
    policy.may_see(actor, draft.organisation)
    _hold_version(draft, if_match)
    _hold_editable(draft)
    if wish.withdrawn:
        raise Refused(say("This comment was withdrawn, and its suggestion with it."), code="withdrawn")
    if wish.patch is None:
        raise Refused(say("The words of this suggestion were erased, so there is nothing to apply."), code="erased")
    after = changes.applied(draft.document, wish.patch)
    check(after, draft.id)
    _hold_ids(draft.document, after, ids_before)
    return _next(actor, draft, after, {"applies": [wish.comment], "answers": [wish.comment]})


def _next(actor: Actor, draft: Draft, after: Document, said: Mapping[str, Any]) -> Fact:
    patch = changes.bounded(changes.between(draft.document, after))
    if not patch:
        raise Refused(
            say("Nothing differs from version {version}, so there is nothing to save.", version=draft.version),
            code="unchanged",
        )
    data: dict[str, Any] = {
        "draft": draft.id,
        "version": draft.version + 1,
        "patch": patch,
        "document_hash": digest(after),
    }
    return Fact("catalogue.draft.revised.v1", draft.id, data | dict(said), actor)


def submit(actor: Actor, draft: Draft, if_match: int, submission_id: str) -> Fact:
    """Put the newest version forward for the seal."""
    policy.may_lead(actor, draft, "submit")
    _hold_version(draft, if_match)
    _hold_editable(draft)
    if draft.consultation is None:
        raise Refused(
            say("No consultation was opened on this draft yet. Open one, and hear what others say first."),
            code="unheard",
        )
    refuse_faults(gaps(draft.document), "The design is not complete, so it cannot be submitted yet.")
    data = {
        "draft": draft.id,
        "version": draft.version,
        "submission": submission_id,
        "document": draft.document,
        "document_hash": draft.document_hash,
    }
    return Fact("catalogue.draft.submitted.v1", draft.id, data, actor)


def recall(actor: Actor, draft: Draft, if_match: int, reason: str | None = None) -> Fact:
    """Take a submission back; it lifts the seal, if there is one."""
    policy.may_lead(actor, draft, "recall")
    _hold_version(draft, if_match)
    submission = draft.pending
    if submission is None or draft.status not in ("submitted", "sealed"):
        raise Refused(
            say("No version is submitted or sealed, so there is nothing to take back."), code="nothing-submitted"
        )
    data = {"draft": draft.id, "version": submission.version, "submission": submission.id}
    return Fact("catalogue.draft.recalled.v1", draft.id, data | ({"reason": reason} if reason else {}), actor)


def publish(actor: Actor, draft: Draft, if_match: int, credential_id: str) -> Fact:
    """Publish the sealed version, by another lead than the one who submitted it (four eyes)."""
    policy.may_lead(actor, draft, "publish")
    _hold_version(draft, if_match)
    if draft.credential is not None:
        raise Refused(say("This design is published already."), code="published")
    submission, answer = draft.pending, draft.answer
    if submission is None or answer is None or not answer.sealed:
        raise Refused(
            say("Only a sealed version can be published. Submit it, and wait for the seal."), code="not-sealed"
        )
    if actor.person == submission.by:
        raise Refused(say("You submitted this version yourself; a second lead has to publish it."), code="four-eyes")
    data = {
        "draft": draft.id,
        "version": draft.version,
        "submission": submission.id,
        "credential": credential_id,
        "organisation": draft.organisation,
        "document_hash": draft.document_hash,
        "seal": answer.event,
        "consultation": answer.consultation,
    }
    return Fact("catalogue.credential.published.v1", draft.id, data, actor)


def _origin(wish: Opening) -> Mapping[str, Any]:
    if wish.imported:
        return {"kind": "import", "format": "elm", "source_hash": wish.imported}
    return {"kind": "example", "name": wish.example} if wish.example else {"kind": "blank"}


def _hold_version(draft: Draft, seen: int) -> None:
    """Refuse an act that was decided on another version than the newest."""
    if seen != draft.version:
        raise Stale(
            say(
                "You saw version {seen}; the draft is at version {version} now. Look at what changed, "
                "and make your change on top of it.",
                seen=seen,
                version=draft.version,
            )
        )


def _hold_editable(draft: Draft) -> None:
    if draft.status == "published":
        raise Refused(say("This design is published; its words stay as they are."), code="published")
    if draft.locked:
        raise Refused(
            say(
                "Version {version} is submitted, so its words stay as they are. A lead can recall it first.",
                version=draft.version,
            ),
            code="submitted",
        )


def _after(draft: Draft, wish: Revision) -> Mapping[str, Any]:
    if wish.patch is not None:
        return changes.applied(draft.document, wish.patch)
    if wish.document is not None:
        return wish.document
    raise Invalid(say("Say what changes: a patch, or the whole document."), fields={"/patch": [say("This is needed.")]})


def _hold_ids(before: Document, after: Document, ever: Mapping[str, str]) -> None:
    """A comment speaks of an id: were it given to another element, the comment would speak of something else."""
    present = used_ids(before)
    faults = [
        Fault(f"/{name}/{key}", f"“{key}” once named one of the {ever[key]}. Give the new element an id of its own.")
        for key, name in used_ids(after).items()
        if key in ever and present.get(key) != name
    ]
    refuse_faults(faults, "An id that was used once is never given to another element.")
