"""Commenting on one element."""

from services.codesign import policy, store
from services.codesign.commands.saving import record
from services.codesign.domain import commenting
from services.codesign.domain.commenting import NewComment
from services.kernel import clock, db, ids
from services.kernel.events import Actor, Event


def submit_comment(actor: Actor, consultation_id: str, wish: NewComment) -> Event:
    """Record one comment on one element of a version the consultation has reached."""
    with db.of("codesign").transaction() as tx:
        consultation = store.consultation(tx, consultation_id, lock=True)
        policy.must_review(actor, consultation)
        version = store.version(tx, consultation.draft, wish.version or consultation.newest)
        return record(tx, commenting.comment(consultation, version, actor, wish, id=ids.new_id(), now=clock.now()))
