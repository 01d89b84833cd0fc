"""One's own acts, each with how far its proof is."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.audit.directory import following
from services.audit.signing import checkpoints
from services.audit.telling import timeline
from services.audit.telling.timeline import Told, Wish
from services.audit.words.vocabulary import ACTS
from services.kernel import db
from services.kernel.errors import NotFound
from services.kernel.events import Actor

NOT_THERE = "There is no such act in the record, or it is not open to you. If it was done just now, look again."


@dataclass(frozen=True, slots=True)
class Act:
    """Something a person did, in words, and whether its proof is there."""

    told: Told
    witnessed: bool


def own(actor: Actor, after: int | None, limit: int) -> Sequence[Act]:
    """Return what somebody did, newest first, beyond the entry numbered `after`."""
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        reader, newest = timeline.reader_of(tx, actor), checkpoints.newest(tx)
        rows = timeline.visible(tx, reader, Wish(types=ACTS, actor=actor.person), after, limit)
        size = newest.size if newest else 0
        return [Act(told, told.idx < size) for told in timeline.told(tx, reader, rows)]


def event_of(consultation: str, sequence: int) -> str:
    """Return the id of an event of a consultation by its sequence; who asks is judged by what is done with it."""
    with db.of("audit").transaction(read_only=True) as tx:
        found = tx.value(
            """SELECT event_id FROM entry
               WHERE subject = %(subject)s AND sequence = %(sequence)s AND source = '/codesign'""",
            {"subject": consultation, "sequence": sequence},
        )
    if found is None:
        raise NotFound(NOT_THERE)
    return str(found)
