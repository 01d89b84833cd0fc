"""Erasures: private values that are gone for good, and stay gone wherever they would come again.

The contract of an event that erases says what (`x-erases`). What that means to a service's own rows is for its fold;
here is what every service has: outbox, waiting and parked messages, and whatever is sent to it or by it later.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from psycopg.types.json import Jsonb

from services.kernel import contracts, documents, ids
from services.kernel.db import Transaction
from services.kernel.events import Event, PrivateValue

LONG = "60s"  # an outbox keeps ninety days, and all of it is looked through


@dataclass(frozen=True, slots=True)
class Erasure:
    """What one event erases: all private values of a `person`, or the one at `pointer` beside the event `about`."""

    event: str
    person: str | None = None
    about: str | None = None
    pointer: str | None = None

    def covers(self, event_id: str, value: PrivateValue) -> bool:
        """Say whether a private value beside an event is gone by this."""
        if self.person is not None:
            return value.person == self.person
        return (self.about, self.pointer) == (event_id, value.pointer)


def erasure_of(event: Event) -> Erasure | None:
    """Return what an event erases; None where it does not, or says it of nothing, or in another service's name."""
    places = contracts.erasing().get(event.type)
    if places is None or event.type.partition(".")[0] != event.service:
        return None
    whole = {"subject": event.subject, "data": event.data}
    said = {name: documents.at(whole, pointer) for name, pointer in places.items()}
    person, about, pointer = said.get("person"), said.get("event"), said.get("pointer")
    if isinstance(person, str):
        return Erasure(event.id, person=person)
    if isinstance(about, str) and ids.is_id(about) and isinstance(pointer, str):
        return Erasure(event.id, about=about, pointer=pointer)
    return None


def spared(event: Event, erasures: Iterable[Erasure]) -> Event:
    """Return an event without the private values that are gone: what is left to be told."""
    if not event.private:
        return event
    gone = tuple(erasures)
    left = tuple(value for value in event.private if not any(one.covers(event.id, value) for one in gone))
    return event if len(left) == len(event.private) else replace(event, private=left)


def spare(tx: Transaction, events: Sequence[Event], *, alone: bool = False) -> list[Event]:
    """Return events without what is erased of them. Nothing more of it can be erased until this transaction ends.

    So whoever erases waits for those who are just writing the words down, finds them and blanks them; and whoever
    comes after that finds the erasure. `alone` spares the locks where nobody else erases in this service.
    """
    persons = {value.person for event in events for value in event.private}
    abouts = {event.id for event in events if event.private}
    if not abouts:
        return list(events)
    if not alone:
        _lock(tx, persons | abouts, "pg_advisory_xact_lock_shared")
    rows = tx.all(
        f"""SELECT event_id::text AS event, person, about::text AS about, pointer FROM {tx.service}_own.erasure
            WHERE person = ANY(%(persons)s) OR about = ANY(%(abouts)s::uuid[])""",
        {"persons": list(persons), "abouts": list(abouts)},
    )
    gone = [Erasure(**row) for row in rows]
    return [spared(event, gone) for event in events]


def hear(tx: Transaction, event: Event) -> None:
    """Take what an event erases; do nothing where it erases nothing."""
    if erasure := erasure_of(event):
        take(tx, erasure)


def take(tx: Transaction, erasure: Erasure) -> None:
    """Note an erasure, and blank what this service keeps for sending, trying again, or looking at."""
    tx.execute(f"SET LOCAL statement_timeout = '{LONG}'")
    _lock(tx, {erasure.person or erasure.about or ""}, "pg_advisory_xact_lock")
    own = f"{tx.service}_own"
    tx.execute(
        f"""INSERT INTO {own}.erasure (event_id, person, about, pointer)
            VALUES (%(event)s, %(person)s, %(about)s, %(pointer)s) ON CONFLICT DO NOTHING""",
        _values(erasure),
    )
    for table in ("outbox", "waiting", "parked"):
        _blank(tx, f"{own}.{table}", erasure)
    tx.execute(  # the hash of a request is one of its words, and those are few enough to be guessed
        f"""UPDATE {own}.idempotency SET request_hash = '' WHERE person = %(person)s OR event_id = %(about)s""",
        _values(erasure),
    )


def _blank(tx: Transaction, table: str, erasure: Erasure) -> None:
    gone = {"person": erasure.person} if erasure.person is not None else {"pointer": erasure.pointer}
    tx.execute(
        f"""UPDATE {table} SET private = (
                SELECT coalesce(jsonb_agg(value), '[]') FROM jsonb_array_elements(private) AS value
                WHERE NOT value @> %(gone)s)
            WHERE private @> %(holding)s AND (%(about)s::uuid IS NULL OR event_id = %(about)s)""",
        {"gone": Jsonb(gone), "holding": Jsonb([gone]), "about": erasure.about},
    )


def _lock(tx: Transaction, names: Collection[str], how: str) -> None:
    """Lock names until the transaction ends. A frozen holder is freed of them like of its rows (db.SERVER_TIMEOUTS)."""
    tx.execute(
        f"SELECT {how}(hashtextextended(name, 0)) FROM unnest(%(names)s::text[]) AS name",
        {"names": sorted(f"{tx.service} erasure {name}" for name in names)},
    )


def _values(erasure: Erasure) -> dict[str, str | None]:
    return {
        "event": erasure.event,
        "person": erasure.person,
        "about": erasure.about,
        "pointer": erasure.pointer,
    }
