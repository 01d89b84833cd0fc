"""Reading the record: the timeline with its filters, one entry with all that is kept of it, as far as one may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from services.audit.directory import following, policy
from services.audit.directory.policy import Participation, Reader
from services.audit.domain import commitments, is_committed
from services.audit.reading.entries import Entry, read
from services.audit.telling.names import Names, names
from services.audit.tlog import tree
from services.audit.words import Sentence, sentence
from services.kernel import clock, db
from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.events import Actor
from services.kernel.language import say

# A design, and every consultation on it.
OF_DESIGN = "SELECT %(design)s UNION ALL SELECT id FROM consultation WHERE design = %(design)s"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which entries somebody asks for; what is None is not asked about."""

    types: Sequence[str] | None = None
    subject: str | None = None
    design: str | None = None
    organisation: str | None = None
    actor: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words."""

    entry: Entry
    sentence: Sentence
    design: str | None

    @property
    def idx(self) -> int:
        """Return its number in the record."""
        return self.entry.idx


@dataclass(frozen=True, slots=True)
class Private:
    """A private value beside an entry: where it belongs, its commitment, and what became of it.

    `state` is kept, changed (another value than was committed to), missing (and no entry excuses it), or as an entry
    excuses it: erased, withheld, lost; `under` is that entry.
    """

    pointer: str
    commitment: str
    state: str
    value: Any = None
    under: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """One entry with all that is kept of it. `before` and `after` are the nearest entries that the reader may see."""

    told: Told
    organisation: str | None
    leaf: bytes
    fits: bool
    entered_at: datetime
    position: int | None
    private: Sequence[Private]
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """The record as a whole: how many entries it has, and the root of the tree over them."""

    size: int
    root: bytes


def record() -> Record:
    """Return size and root; everybody may know them."""
    with db.of("audit").transaction(read_only=True) as tx:
        row = tx.one("SELECT size, root FROM head") or {}
        return Record(row["size"], bytes(row["root"]))


def timeline(actor: Actor | None, wish: Wish, after: int | None, limit: int) -> list[Told]:
    """Return entries that somebody may read, beyond the one numbered `after` in the order they wish."""
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        reader = reader_of(tx, actor)
        rows = visible(tx, reader, wish, after, limit)
        return told(tx, reader, rows)


def entry(actor: Actor | None, idx: int) -> Whole:
    """Return one entry; raise NotFound where there is none, or not for this reader."""
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        reader = reader_of(tx, actor)
        found = row(tx, reader, idx)
        entries = entries_of(tx, reader, [found])
        known, of = names(tx, entries), entries[0].event.organisation
        (one,) = tell(entries, known)
        return Whole(
            told=one,
            organisation=known.organisation(of) if of else None,
            leaf=bytes(found["leaf"]),
            fits=tree.leaf(bytes(found["body"])) == bytes(found["leaf"]),
            entered_at=found["entered_at"],
            position=found["position"],
            private=_private(one.entry),
            before=_neighbour(tx, reader, Wish(), idx),
            after=_neighbour(tx, reader, Wish(oldest_first=True), idx),
        )


def reader_of(tx: Transaction, actor: Actor | None) -> Reader:
    """Return what somebody may read just now."""
    rows = tx.all(
        """SELECT c.id, c.visibility, c.closes_at FROM participant p JOIN consultation c ON c.id = p.consultation
           WHERE p.organisation = %(organisation)s""",
        {"organisation": actor.organisation if actor else None},
    )
    parts = [Participation(row["id"], row["visibility"], row["closes_at"]) for row in rows]
    return policy.reader(actor, parts, clock.now())


def visible(tx: Transaction, reader: Reader, wish: Wish, after: int | None, limit: int) -> list[DictRow]:
    """Return whole rows of the entries wished for that the reader may see, `close` and `words` beside."""
    found: Mapping[str, tuple[str, Any]] = {
        "types": ("e.type = ANY(%(types)s)", list(wish.types) if wish.types is not None else None),
        "subject": ("e.subject = %(subject)s", wish.subject),
        "design": (f"e.subject IN ({OF_DESIGN})", wish.design),
        "organisation": ("e.organisation = %(organisation)s", wish.organisation),
        "actor": ("e.actor = %(actor)s", wish.actor),
        "since": ('e."time" >= %(since)s', wish.since),
        "until": ('e."time" < %(until)s', wish.until),
        "after": (f"e.idx {'>' if wish.oldest_first else '<'} %(after)s", after),
    }
    asked = {name: (condition, value) for name, (condition, value) in found.items() if value is not None}
    conditions = [condition for condition, _ in asked.values()]
    order = "e.idx" if wish.oldest_first else "e.idx DESC"
    return _select(tx, reader, conditions, {name: value for name, (_, value) in asked.items()}, order, limit)


def row(tx: Transaction, reader: Reader, idx: int) -> DictRow:
    """Return the whole row of one entry; raise NotFound where there is none, or not for this reader."""
    rows = _select(tx, reader, ["e.idx = %(idx)s"], {"idx": idx}, "e.idx", 1)
    if not rows:
        raise NotFound(say("There is no entry of this number, or it is not open to you."))
    return rows[0]


def told(tx: Transaction, reader: Reader, rows: Sequence[DictRow]) -> list[Told]:
    """Say rows in words."""
    entries = entries_of(tx, reader, rows)
    return tell(entries, names(tx, entries))


def entries_of(tx: Transaction, reader: Reader, rows: Sequence[DictRow]) -> list[Entry]:
    """Return the entries of rows, with as much of each as the reader may know."""
    return read(tx, [_seen_by(reader, row) for row in rows])


def tell(entries: Sequence[Entry], known: Names) -> list[Told]:
    """Say entries in words, with names looked up before."""
    return [Told(entry, sentence(entry, known), _design_of(entry, known)) for entry in entries]


def _select(
    tx: Transaction, reader: Reader, conditions: Sequence[str], asked: Mapping[str, Any], order: str, limit: int
) -> list[DictRow]:
    allowed, matched = [], "'{}'::text[]"
    if not reader.everything:
        mine = "FROM audience a WHERE a.idx = e.idx AND a.name = ANY(%(audiences)s)"
        allowed, matched = [f"EXISTS (SELECT {mine})"], f"ARRAY(SELECT a.name {mine})"
    if reader.subject is not None:
        allowed.append("e.subject = %(only)s")
    where = " AND ".join([*conditions, *allowed]) or "true"
    statement = f"SELECT e.*, {matched} AS matched FROM entry e WHERE {where} ORDER BY {order} LIMIT %(limit)s"
    return tx.all(statement, {**asked, "audiences": list(reader.audiences), "only": reader.subject, "limit": limit})


def _seen_by(reader: Reader, row: DictRow) -> DictRow:
    matched = row["matched"]
    return row | {"close": reader.sees_persons(matched), "words": reader.reads_words(matched)}


def _design_of(entry: Entry, known: Names) -> str | None:
    """Return the design whose story an entry is a part of."""
    if entry.type.startswith(("catalogue.draft.", "catalogue.credential.")):
        return entry.event.subject
    return known.consultations.get(entry.event.subject)


def _neighbour(tx: Transaction, reader: Reader, wish: Wish, idx: int) -> int | None:
    rows = visible(tx, reader, wish, idx, 1)
    return rows[0]["idx"] if rows else None


def _private(entry: Entry) -> list[Private]:
    """Return what the event commits to, and what became of the values."""
    kept = {value.pointer: value for value in entry.event.private}
    found = []
    for pointer, commitment in commitments(entry.event.data):
        if value := kept.get(pointer):
            state = "kept" if is_committed(entry.event, value) else "changed"
            found.append(Private(pointer, commitment, state, value.value if entry.words else None))
        else:
            excuse = entry.gone.get(pointer)
            state, under = (excuse.why, excuse.idx) if excuse else ("missing", None)
            found.append(Private(pointer, commitment, state, under=under))
    return found
