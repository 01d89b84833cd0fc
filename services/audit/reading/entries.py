"""Entries as a reading takes them: the event with the private values that are still there, and its place in the log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from services.audit.domain import commitments
from services.audit.erasing import erasures
from services.audit.erasing.erasures import Excuse
from services.kernel import events
from services.kernel.db import Transaction
from services.kernel.errors import Malformed
from services.kernel.events import Event, PrivateValue

UNREADABLE = "unreadable"  # stands for the type of an entry whose bytes are no event any more


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `close` says that the reader may see which person acted, `words` that they may read private words.

    `gone` says of private values that are not kept any more, by their pointers, under which entry that is so.
    """

    idx: int
    event: Event
    close: bool = True
    words: bool = True
    gone: Mapping[str, Excuse] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """Return the type of its event, "" where another service says it than the one whose type it is."""
        mine = self.event.type.partition(".")[0] in (self.event.service, UNREADABLE)
        return self.event.type if mine else ""

    @property
    def time(self) -> datetime:
        """Return when it happened, by the clock of the service that said so."""
        return self.event.time

    def get(self, name: str) -> str | None:
        """Return a text from its data, or None where there is none of that name."""
        value = self.event.data.get(name)
        return value if isinstance(value, str) else None

    def open(self, name: str) -> Any:
        """Return a private value from its data: the value, `ERASED`, or None where none is there, or not for you."""
        return self.event.open(f"/data/{name}") if self.words else None


def read(tx: Transaction, rows: Sequence[DictRow]) -> list[Entry]:
    """Return entries of whole rows, with `close` and `words` beside where the reader does not see all."""
    private = private_values(tx, [row["event_id"] for row in rows])
    return _explained(tx, [_entry(row, private.get(str(row["event_id"]), ())) for row in rows])


def _explained(tx: Transaction, entries: list[Entry]) -> list[Entry]:
    """Return entries with what excuses that private values of theirs are gone."""
    lacking = {entry.idx: found for entry in entries if (found := _lacking(entry.event))}
    if not lacking:
        return entries
    excuses = erasures.about(tx, [entry.event for entry in entries if entry.idx in lacking])
    return [
        replace(entry, gone=excuses.of_all(entry.event, lacking[entry.idx])) if entry.idx in lacking else entry
        for entry in entries
    ]


def _lacking(event: Event) -> list[str]:
    """Return the pointers of the values that an event commits to and that are not kept beside it."""
    if b'"$private"' not in event.body:
        return []
    kept = {value.pointer for value in event.private}
    return [pointer for pointer, _ in commitments(event.data) if pointer not in kept]


def private_values(tx: Transaction, event_ids: Iterable[Any]) -> Mapping[str, tuple[PrivateValue, ...]]:
    """Return the private values that are kept beside events, by the event's id."""
    found: dict[str, tuple[PrivateValue, ...]] = {}
    for row in tx.execute("SELECT * FROM private WHERE event_id = ANY(%(ids)s)", {"ids": list(event_ids)}):
        value = PrivateValue(row["pointer"], json.loads(row["value"]), bytes(row["salt"]).hex(), row["person"])
        found[str(row["event_id"])] = (*found.get(str(row["event_id"]), ()), value)
    return found


def _entry(row: DictRow, private: tuple[PrivateValue, ...]) -> Entry:
    try:
        event = events.parse(bytes(row["body"]), private)
    except Malformed:
        event = _what_is_left(row)
    return Entry(row["idx"], event, row["close"], row["words"])


def _what_is_left(row: DictRow) -> Event:
    """Return what the columns say of an event whose bytes were spoilt."""
    return Event(
        id=str(row["event_id"]),
        source=row["source"],
        type=UNREADABLE,
        subject=row["subject"],
        time=row["time"],
        dataschema="",
        data={},
        sequence=row["sequence"],
        actor=row["actor"],
        organisation=row["organisation"],
        correlationid="",
        causationid=None,
        traceparent=None,
        body=bytes(row["body"]),
    )
