"""Answering a comment."""

from services.codesign import policy, store
from services.codesign.commands.saving import record
from services.codesign.domain import answering
from services.codesign.domain.answering import NewDisposition
from services.kernel import db
from services.kernel.events import Actor, Event


def record_disposition(actor: Actor, comment_id: str, wish: NewDisposition) -> Event:
    """Answer a comment with a disposition and its reason."""
    with db.of("codesign").transaction() as tx:
        comment = store.comment(tx, comment_id)
        consultation = store.consultation(tx, comment.consultation, lock=True)
        policy.must_answer(actor, consultation, comment)
        return record(tx, answering.dispose(consultation, comment, actor, wish))
