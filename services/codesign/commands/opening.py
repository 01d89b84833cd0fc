"""Opening a consultation, and inviting to it."""

from dataclasses import dataclass

from services.codesign import policy, store
from services.codesign.commands.saving import record
from services.codesign.domain import opening
from services.codesign.domain.opening import NewConsultation
from services.kernel import clock, db, ids
from services.kernel.events import Actor, Event


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
        event = record(tx, opened)
        for invitation in invitations:
            record(tx, invitation)
        return event


def invite_organisation(actor: Actor, consultation_id: str, organisation: str) -> Invitation:
    """Invite an organisation. One that is invited already stays so: asking again is no mistake."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_run(actor, consultation)
        if there := store.invitation(tx, consultation_id, organisation):
            return Invitation(organisation, there["event_id"], there["sequence"], new=False)
        fact = opening.invite(consultation, organisation, actor, known=store.known(tx, [organisation]))
        event = record(tx, fact)
        return Invitation(organisation, event.id, event.sequence, new=True)
