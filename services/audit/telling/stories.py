"""The story of a design: the design and its consultations as they were after any entry, by the audit's own reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from services.audit.directory import following
from services.audit.directory.policy import Reader
from services.audit.reading.consultations import Consultation, consultation
from services.audit.reading.designs import Design, design
from services.audit.telling import timeline
from services.audit.telling.names import Names, names
from services.audit.telling.timeline import Told, Wish
from services.kernel import db
from services.kernel.db import Transaction
from services.kernel.errors import Invalid, NotFound
from services.kernel.events import Actor
from services.kernel.language import say

LONGEST = 5000  # entries of one design; what is beyond is another kind of reading


@dataclass(frozen=True, slots=True)
class Story:
    """A design and its consultations as of entry `at`; `told` is how it came to that, `later` what comes after."""

    at: int
    design: Design
    consultations: Sequence[Consultation]
    told: Sequence[Told]
    later: Sequence[Told]
    names: Names

    @property
    def latest(self) -> Told:
        """Return the last thing that had happened."""
        return self.told[-1]

    @property
    def moments(self) -> Sequence[Told]:
        """Return everything that ever happened in this story, as far as the reader may know of it."""
        return [*self.told, *self.later]

    @property
    def previous(self) -> int | None:
        """Return the entry before the last that had happened."""
        return self.told[-2].idx if len(self.told) > 1 else None

    @property
    def next(self) -> int | None:
        """Return the entry that comes next in this story."""
        return self.later[0].idx if self.later else None


@dataclass(frozen=True, slots=True)
class _Tale:
    """All that the reader may know of a design and its consultations, from the first entry to the last."""

    size: int
    subjects: Sequence[str]
    told: Sequence[Told]
    names: Names


def story(actor: Actor | None, design_id: str, at: int | None = None) -> Story:
    """Return a design as of an entry, or as of its last; raise NotFound where the reader may not know of it then."""
    with db.of("audit").transaction() as tx:
        return _as_of(_tale(tx, actor, design_id), at)


def step(actor: Actor | None, design_id: str, number: int) -> int:
    """Return the entry of a step of the story, counted from 1; raise NotFound where it has fewer."""
    with db.of("audit").transaction() as tx:
        told = _tale(tx, actor, design_id).told
        if not 0 < number <= len(told):
            raise NotFound(
                say(
                    "This story has {count} moments so far, and none of the number {number}.",
                    count=len(told),
                    number=number,
                )
            )
        return told[number - 1].idx


def pair(actor: Actor | None, design_id: str, at: Sequence[int | None]) -> tuple[Story, Story]:
    """Return a design as of two entries, None being the last; raise Invalid where they are crossed."""
    first, second = at
    if first is not None and second is not None and first > second:
        raise Invalid(
            say(
                "The moments are crossed: entry {first} comes after entry {second}. Put the earlier one first.",
                first=first,
                second=second,
            ),
            code="crossed-moments",
        )
    with db.of("audit").transaction() as tx:
        tale = _tale(tx, actor, design_id)
        return _as_of(tale, first), _as_of(tale, second)


def _tale(tx: Transaction, actor: Actor | None, design_id: str) -> _Tale:
    following.follow(tx)
    reader = timeline.reader_of(tx, actor)
    subjects = _subjects(tx, design_id)
    rows = _rows(tx, reader, subjects)
    if all(row["subject"] != design_id for row in rows):
        raise NotFound(say("There is no such design in the record, or it is not open to you."))
    entries = timeline.entries_of(tx, reader, rows)
    known = names(tx, entries)
    return _Tale(tx.value("SELECT size FROM head"), subjects, timeline.tell(entries, known), known)


def _as_of(tale: _Tale, at: int | None) -> Story:
    design_id, *consultations = tale.subjects
    told = [one for one in tale.told if at is None or one.idx <= at]
    _must_know(tale, told, at)
    entries = [one.entry for one in told]
    read = design(design_id, entries)
    found = [consultation(id, read, entries) for id in consultations]
    return Story(
        at=told[-1].idx if at is None else at,
        design=read,
        consultations=[one for one in found if one.opened],
        told=told,
        later=tale.told[len(told) :],
        names=tale.names,
    )


def _must_know(tale: _Tale, told: Sequence[Told], at: int | None) -> None:
    """Raise NotFound where the record has no such entry yet, or nothing of the design itself up to it."""
    if at is not None and at >= tale.size:
        raise NotFound(
            say("There is no entry {at} yet: the record goes up to entry {size}.", at=at, size=tale.size - 1)
        )
    design_id = tale.subjects[0]
    if all(one.entry.event.subject != design_id for one in told):
        first = next(one.idx for one in tale.told if one.entry.event.subject == design_id)
        raise NotFound(
            say(
                "At entry {at} this design was not in the record yet: it begins with entry {first}.", at=at, first=first
            )
        )


def _rows(tx: Transaction, reader: Reader, subjects: Sequence[str]) -> list[DictRow]:
    """Return the rows of all these subjects that the reader may see, in the order of the record."""
    wishes = [Wish(subject=subject, oldest_first=True) for subject in subjects]
    found = [row for wish in wishes for row in timeline.visible(tx, reader, wish, None, LONGEST)]
    return sorted(found, key=lambda row: int(row["idx"]))


def _subjects(tx: Transaction, design_id: str) -> list[str]:
    """Return the design and the consultations on it."""
    rows = tx.all("SELECT id FROM consultation WHERE design = %(id)s ORDER BY id", {"id": design_id})
    return [design_id, *(row["id"] for row in rows)]
