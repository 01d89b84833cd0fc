"""What people may read in co-design: one function each. Every answer is made for the one who asks (R28)."""

from contextlib import AbstractContextManager

from services.codesign import outline, policy, shown, store, voices
from services.codesign.domain.consultation import Consultation, Version
from services.codesign.policy import Side
from services.codesign.shown import Row, Shown
from services.codesign.store import seen
from services.kernel import db, documents
from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.events import Actor
from services.kernel.language import say

MOST_SHOWN = 500  # comments on one page; the REST door hands out all, a hundred at a time


def consultations(actor: Actor, *, after: str | None = None, limit: int = 100) -> list[Shown]:
    """Return the consultations of an actor, newest first: those they run, take part in, or audit."""
    with _reading() as tx:
        rows = seen.listed(
            tx,
            actor.organisation,
            run=actor.has("designer", "lead"),
            reviewed=actor.has("reviewer"),
            every=actor.has("auditor") and actor.scope is None,
            only=actor.scope,
            after=after,
            limit=limit,
        )
        return [shown.entry(tx, actor, row) for row in rows]


def consultation(actor: Actor, consultation_id: str) -> Shown:
    """Return one consultation; `participants` is None where they are not shown to the actor."""
    with _reading() as tx:
        row, found = _found(tx, actor, consultation_id)
        return shown.detail(tx, actor, row, found)


def document(actor: Actor, consultation_id: str, number: int | None = None) -> Shown:
    """Return a version of the design as it stands in the consultation (None: the newest), with its elements' hashes."""
    with _reading() as tx:
        _, found = _found(tx, actor, consultation_id)
        version = _version(tx, found, number)
        return {
            "version": version.number,
            "document_hash": version.hash,
            "document": version.document,
            "elements": documents.elements(version.document),
        }


def comments(actor: Actor, consultation_id: str, *, after: int = 0, limit: int = MOST_SHOWN) -> list[Shown]:
    """Return the comments that the actor may see, oldest first; `after` is the sequence of the last one seen."""
    with _reading() as tx:
        _, found = _found(tx, actor, consultation_id)
        return voices.comments(tx, actor, found, after=after, limit=limit)


def comment(actor: Actor, comment_id: str) -> Shown:
    """Return one comment; raise NotFound where it is not shown to the actor."""
    with _reading() as tx:
        found = store.consultation(tx, store.comment(tx, comment_id).consultation)
        policy.side(actor, found)
        if said := voices.comments(tx, actor, found, one=comment_id, limit=1):
            return said[0]
        raise NotFound(say("There is no such comment, or it is not open to you."))


def endorsements(actor: Actor, consultation_id: str) -> list[Shown]:
    """Return the endorsements that the actor may see, oldest first."""
    with _reading() as tx:
        _, found = _found(tx, actor, consultation_id)
        return voices.endorsements(tx, actor, found)


def readiness(actor: Actor, consultation_id: str) -> Shown:
    """Return what the version under consultation lacks for the seal, and what the last submission was told."""
    with _reading() as tx:
        _, found = _found(tx, actor, consultation_id)
        policy.must_see_readiness(actor, found)
        return shown.readiness(tx, found)


def whole(actor: Actor, consultation_id: str, language: str = "en") -> Shown:
    """Return everything the page of a consultation shows: it, its design part by part with comments, endorsements."""
    with _reading() as tx:
        row, found = _found(tx, actor, consultation_id)
        version = _version(tx, found, None)
        said = voices.comments(tx, actor, found, limit=MOST_SHOWN)
        page = shown.detail(tx, actor, row, found) | {
            "parts": shown.parts(version, said, language),
            "languages": outline.languages(version.document),
            "gone": [c for c in said if c["gone"]],
            "comments": said,
            "endorsements": voices.endorsements(tx, actor, found),
        }
        if page["side"] is not Side.REVIEWER:
            page["readiness"] = shown.readiness(tx, found)
        return page


def one_part(actor: Actor, consultation_id: str, pointer: str, language: str = "en") -> Shown:
    """Return one element of the newest version, for the page on which it is commented; raise NotFound."""
    with _reading() as tx:
        row, found = _found(tx, actor, consultation_id)
        version = _version(tx, found, None)
        element = documents.element_of(version.document, pointer)
        if element is None:
            raise NotFound(say("The design has no such part any more. Go back to it and choose one that is there."))
        part = next(part for part in outline.read(version.document, language) if part.pointer == element)
        return {"consultation": shown.detail(tx, actor, row, found), "part": part, "version": version.number}


def openable(actor: Actor, draft_id: str) -> Shown:
    """Return what the form that opens a consultation needs: the design, its newest version, who can be invited."""
    with _reading() as tx:
        draft = store.draft(tx, draft_id)
        policy.must_open(actor, draft)
        version = store.version(tx, draft_id, draft.newest)
        return {
            "draft": draft,
            "title": outline.title(version.document if version else {}),
            "organisations": [o for o in shown.organisations(tx) if o["id"] != draft.provider],
        }


def invitable(actor: Actor, consultation_id: str) -> Shown:
    """Return a consultation with the organisations that can still be invited to it."""
    with _reading() as tx:
        row, found = _found(tx, actor, consultation_id)
        policy.must_run(actor, found)
        absent = found.participants | {found.provider}
        others = [o for o in shown.organisations(tx) if o["id"] not in absent]
        return {"consultation": shown.detail(tx, actor, row, found), "organisations": others}


def open_comments_of_draft(actor: Actor, draft_id: str) -> Shown:
    """Return the consultation on a draft, if any, and its open comments: what a revision can answer."""
    with _reading() as tx:
        draft = store.draft(tx, draft_id)
        policy.must_open(actor, draft)
        if draft.consultation is None:
            return {"consultation": None, "comments": []}
        row, found = _found(tx, actor, draft.consultation)
        said = voices.comments(tx, actor, found, limit=MOST_SHOWN)
        return {
            "consultation": shown.detail(tx, actor, row, found),
            "comments": [c for c in said if c["disposition"] is None],
        }


def _reading() -> AbstractContextManager[Transaction]:
    """One snapshot for all that an answer is made of."""
    return db.of("codesign").transaction(read_only=True, isolation="repeatable read")


def _found(tx: Transaction, actor: Actor, consultation_id: str) -> tuple[Row, Consultation]:
    """Return a consultation that the actor may look at, as people see it and as the rules do."""
    row = seen.consultation(tx, consultation_id, actor.organisation)
    if row is None:
        raise NotFound(say("There is no such consultation, or it is not open to you."))
    found = store.as_consultation(row)
    policy.side(actor, found)
    return row, found


def _version(tx: Transaction, consultation: Consultation, number: int | None) -> Version:
    return consultation.check_reached(store.version(tx, consultation.draft, number or consultation.newest))
