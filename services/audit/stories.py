"""The story of a design: the design and its consultations as they were after any entry, by the audit's own reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from services.audit import directory, timeline
from services.audit.names import Names, names
from services.audit.policy import Reader
from services.audit.reading.consultations import Consultation, consultation
from services.audit.reading.designs import Design, design
from services.audit.timeline import Told, Wish
from services.kernel import db
from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.events import Actor

LONGEST = 5000  # entries of one design; what is beyond is another kind of reading


@dataclass(frozen=True, slots=True)
class Story:
    """A design and its consultations as of entry `at`; `told` is how it came to that, `later` what comes after."""

    at: int
    design: Design
    consultations: Sequence[Consultation]
    told: Sequence[Told]
    later: Sequence[int]
    names: Names

    @property
    def latest(self) -> Told:
        """Return the last thing that had happened."""
        return self.told[-1]

    @property
    def previous(self) -> int | None:
        """Return the entry before the last that had happened."""
        return self.told[-2].idx if len(self.told) > 1 else None

    @property
    def next(self) -> int | None:
        """Return the entry that comes next in this story."""
        return self.later[0] if self.later else None


def story(actor: Actor | None, design_id: str, at: int | None = None) -> Story:
    """Return a design as of an entry, or as of its last; raise NotFound where the reader may not know of it then."""
    with db.of("audit").transaction() as tx:
        directory.follow(tx)
        reader = timeline.reader_of(tx, actor)
        subjects = _subjects(tx, design_id)
        rows = _rows(tx, reader, subjects)
        so_far = [row for row in rows if at is None or row["idx"] <= at]
        _must_know(design_id, rows, so_far, at)
        entries = timeline.entries_of(tx, reader, so_far)
        known = names(tx, entries)
        read = design(design_id, entries)
        consultations = [consultation(id, read, entries) for id in subjects[1:]]
        return Story(
            at=entries[-1].idx if at is None else at,
            design=read,
            consultations=[one for one in consultations if one.opened],
            told=timeline.tell(entries, known),
            later=[row["idx"] for row in rows if at is not None and row["idx"] > at],
            names=known,
        )


def _must_know(design_id: str, rows: Sequence[DictRow], so_far: Sequence[DictRow], at: int | None) -> None:
    """Raise NotFound where nothing of the design itself is among the rows."""
    first = next((row["idx"] for row in rows if row["subject"] == design_id), None)
    if first is None:
        raise NotFound("There is no such design in the record, or it is not open to you.")
    if all(row["subject"] != design_id for row in so_far):
        raise NotFound(f"At entry {at} this design was not in the record yet: it begins with entry {first}.")


def _rows(tx: Transaction, reader: Reader, subjects: Sequence[str]) -> list[DictRow]:
    """Return the rows of all these subjects that the reader may see, in the order of the record."""
    wishes = [Wish(subject=subject, oldest_first=True) for subject in subjects]
    found = [row for wish in wishes for row in timeline.visible(tx, reader, wish, None, LONGEST)]
    return sorted(found, key=lambda row: int(row["idx"]))


def _subjects(tx: Transaction, design_id: str) -> list[str]:
    """Return the design and the consultations on it."""
    rows = tx.all("SELECT id FROM consultation WHERE design = %(id)s ORDER BY id", {"id": design_id})
    return [design_id, *(row["id"] for row in rows)]
