"""What can be done in co-design: one function each."""

import logging
from dataclasses import dataclass

from services.codesign import policy, store
from services.codesign.domain import answering, commenting, endorsing, opening, sealing
from services.codesign.domain.answering import NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.codesign.domain.sealing import Submission
from services.kernel import clock, db, erasures, ids, outbox, revocation
from services.kernel.db import Transaction
from services.kernel.events import Actor, Event, Fact

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Invitation:
    """An organisation's invitation to a consultation: the event that tells of it, and whether it was made just now."""

    organisation: str
    event: str
    sequence: int
    new: bool


def open_consultation(actor: Actor, wish: NewConsultation) -> Event:
    """Open a consultation on a version of a draft and invite organisations to it."""
    with db.of("codesign").transaction() as tx:
        draft = store.draft(tx, wish.draft, lock=True)
        policy.must_open(actor, draft)
        version = store.version(tx, draft.id, wish.version or draft.newest)
        known = store.known(tx, wish.organisations)
        opened, *invitations = opening.open_consultation(
            draft, version, actor, wish, known=known, id=ids.new_id(), now=clock.now()
        )
        event = _record(tx, opened)
        for invitation in invitations:
            _record(tx, invitation)
        return event


def invite_organisation(actor: Actor, consultation_id: str, organisation: str) -> Invitation:
    """Invite an organisation. One that is invited already stays so: asking again is no mistake."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_run(actor, consultation)
        if there := store.invitation(tx, consultation_id, organisation):
            return Invitation(organisation, there["event_id"], there["sequence"], new=False)
        fact = opening.invite(consultation, organisation, actor, known=store.known(tx, [organisation]))
        event = _record(tx, fact)
        return Invitation(organisation, event.id, event.sequence, new=True)


def submit_comment(actor: Actor, consultation_id: str, wish: NewComment) -> Event:
    """Record one comment on one element of a version the consultation has reached."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_review(actor, consultation)
        version = store.version(tx, consultation.draft, wish.version or consultation.newest)
        return _record(tx, commenting.comment(consultation, version, actor, wish, id=ids.new_id(), now=clock.now()))


def record_disposition(actor: Actor, comment_id: str, wish: NewDisposition) -> Event:
    """Answer a comment with a disposition and its reason."""
    with db.of("codesign").transaction() as tx:
        comment = store.comment(tx, comment_id)
        consultation = store.consultation(tx, comment.consultation, lock=True)
        policy.must_answer(actor, consultation, comment)
        return _record(tx, answering.dispose(consultation, comment, actor, wish))


def endorse(actor: Actor, consultation_id: str, wish: NewEndorsement) -> Event:
    """Endorse the whole design, or elements of it, for the actor's organisation."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_review(actor, consultation)
        version = store.version(tx, consultation.draft, wish.version or consultation.newest)
        return _record(tx, endorsing.endorse(consultation, version, actor, wish, id=ids.new_id()))


def hear_of_draft(tx: Transaction, event: Event) -> None:
    """Take in what the catalogue says of a draft; answer a submission with the seal, or with what is missing for it."""
    store.project(tx, event)
    if event.type == "catalogue.draft.submitted.v1":
        _answer(tx, event)


def hear_of_invited_person(tx: Transaction, event: Event) -> None:
    """Take in that somebody was invited by address; where the provider asked for it, invite their organisation too."""
    store.project(tx, event)
    organisation, consultation_id = event.data["organisation"], event.data.get("consultation")
    consultation = store.find_consultation(tx, consultation_id, lock=True) if consultation_id else None
    if consultation is None or organisation in consultation.participants:
        return
    if event.organisation == consultation.provider and consultation.is_changeable:
        # accounts has registered the organisation; that its event may come after this one must not matter
        actor = Actor(event.actor, event.organisation)
        _record(tx, opening.invite(consultation, organisation, actor, known={organisation}))


def _answer(tx: Transaction, event: Event) -> None:
    """Seal or not under the lock of the consultation: a comment is either heard here, or refused from here on."""
    consultation = store.consultation_of_draft(tx, event.data["draft"], lock=True)
    if consultation is None:
        log.warning("the draft %s was submitted without a consultation; nobody answers", event.data["draft"])
        return
    submission = Submission(event.data["submission"], event.data["version"], event.data["document_hash"])
    version = store.version(tx, consultation.draft, submission.version)
    comments = store.open_comments(tx, consultation.id)
    endorsements = store.endorsements(tx, consultation.id)
    _record(tx, sealing.answer(consultation, submission, version, comments, endorsements))


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of the words of somebody who was erased, or of one text; who was erased is not let in any more."""
    erasures.hear(tx, event)
    store.project(tx, event)
    if event.type == "accounts.person.erased.v1":
        revocation.revoke(tx, "person", event.subject, event.time)


def _record(tx: Transaction, fact: Fact) -> Event:
    """Say what happened and write it into the rows, together."""
    event = outbox.emit(tx, fact)
    store.project(tx, event)
    return event
