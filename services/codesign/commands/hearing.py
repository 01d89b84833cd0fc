"""What co-design does when it hears from others: of drafts, of people, of what has to be forgotten."""

import logging

from services.codesign import store
from services.codesign.commands.saving import record
from services.codesign.domain import opening, sealing
from services.codesign.domain.sealing import Submission
from services.kernel import erasures, revocation
from services.kernel.db import Transaction
from services.kernel.events import Actor, Event

log = logging.getLogger(__name__)


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
        record(tx, opening.invite(consultation, organisation, actor, known={organisation}))


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of the words of somebody who was erased, or of one text; who was erased is not let in any more."""
    erasures.hear(tx, event)
    store.project(tx, event)
    if event.type == "accounts.person.erased.v1":
        revocation.revoke(tx, "person", event.subject, event.time)


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
    record(tx, sealing.answer(consultation, submission, version, comments, endorsements))
