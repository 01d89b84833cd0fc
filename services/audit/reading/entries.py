"""Entries as a reading takes them: the event with the private values that are still there, and its place in the log."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import DictRow

from services.kernel import events
from services.kernel.db import Transaction
from services.kernel.errors import Malformed
from services.kernel.events import Event, PrivateValue

UNREADABLE = "unreadable"  # stands for the type of an entry whose bytes are no event any more


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `close` says that the reader may see which person acted, `words` that they may read private words."""

    idx: int
    event: Event
    close: bool = True
    words: bool = True

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
    return [_entry(row, private.get(str(row["event_id"]), ())) for row in rows]


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
