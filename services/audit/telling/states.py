"""A consultation by itself as it was at a point of the record: for those, too, who may not see the design's drafts."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.audit.directory import following
from services.audit.reading.consultations import Consultation, consultation
from services.audit.reading.designs import design
from services.audit.telling import timeline
from services.audit.telling.stories import LONGEST
from services.audit.telling.timeline import Wish
from services.kernel import db
from services.kernel.errors import NotFound
from services.kernel.events import Actor
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class State:
    """A consultation as of entry `at`; `elements` are those of the design's newest version that the reader may see."""

    at: int
    consultation: Consultation
    elements: Mapping[str, str]


def state(actor: Actor | None, consultation_id: str, at: int | None = None) -> State:
    """Return a consultation as of an entry, or as of the last; raise NotFound where the reader may not know of it."""
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        reader = timeline.reader_of(tx, actor)
        of = tx.value("SELECT design FROM consultation WHERE id = %(id)s", {"id": consultation_id})
        wishes = [Wish(subject=subject, oldest_first=True) for subject in (of, consultation_id) if subject]
        rows = [row for wish in wishes for row in timeline.visible(tx, reader, wish, None, LONGEST)]
        size = tx.value("SELECT size FROM head")
        if at is not None and at >= size:
            raise NotFound(
                say("There is no entry {at:,} yet: the record goes up to entry {size:,}.", at=at, size=size - 1)
            )
        rows = sorted((row for row in rows if at is None or row["idx"] <= at), key=lambda row: int(row["idx"]))
        entries = timeline.entries_of(tx, reader, rows)
    read = design(of or "", entries)
    found = consultation(consultation_id, read, entries)
    if not found.opened:
        raise NotFound(say("There is no such consultation in the record at this point, or it is not open to you."))
    return State(size - 1 if at is None else at, found, read.newest.elements if read.newest else {})
