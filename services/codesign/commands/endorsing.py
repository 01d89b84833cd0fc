"""Endorsing a design."""

from services.codesign import policy, store
from services.codesign.commands.saving import record
from services.codesign.domain import endorsing
from services.codesign.domain.endorsing import NewEndorsement
from services.kernel import db, ids
from services.kernel.events import Actor, Event


def endorse(actor: Actor, consultation_id: str, wish: NewEndorsement) -> Event:
    """Endorse the whole design, or elements of it, for the actor's organisation."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_review(actor, consultation)
        version = store.version(tx, consultation.draft, wish.version or consultation.newest)
        return record(tx, endorsing.endorse(consultation, version, actor, wish, id=ids.new_id()))
