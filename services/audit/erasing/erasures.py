"""Erasures in the log: which entries explain that a private value is missing, and letting go of what they erase.

An entry never changes, so every proof ever given still holds. What goes is the value beside it; that it is missing is
right only where an entry says so, before or after it: anything else is tampering.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from services.audit.domain import Arrival
from services.kernel import contracts, erasures, events
from services.kernel.db import Transaction
from services.kernel.erasures import Erasure
from services.kernel.errors import Malformed
from services.kernel.events import Event

ERASED, WITHHELD, LOST = "accounts.person.erased.v1", "audit.text.withheld.v1", "audit.values.lost.v1"
EXCUSING = (ERASED, WITHHELD, LOST)

Why = Literal["erased", "withheld", "lost"]


@dataclass(frozen=True, slots=True)
class Excuse:
    """The entry under which a private value is missing, and why."""

    idx: int
    why: Why

    def __str__(self) -> str:
        return f"{self.why} under entry {self.idx:,}"


@dataclass(slots=True)
class Excuses:
    """What some entries excuse: every value of a person, and single values by their event and pointer.

    The rule can be checked offline, from the bytes of entries alone (verifier/excuses.py is the verifier's own).
    """

    persons: dict[str, Excuse] = field(default_factory=dict)
    withheld: dict[tuple[str, str], Excuse] = field(default_factory=dict)
    lost: dict[tuple[str, str], Excuse] = field(default_factory=dict)

    def learn(self, idx: int, event: Event) -> None:
        """Take what an entry excuses; one that only has the type of an excusing one, from another service, does not."""
        if event.type == LOST and event.source == "/audit":
            for text in _lost(event.data):
                self.lost.setdefault(text, Excuse(idx, "lost"))
        elif erasure := erasures.erasure_of(event):
            if erasure.person is not None:
                self.persons.setdefault(erasure.person, Excuse(idx, "erased"))
            elif erasure.about is not None and erasure.pointer is not None:
                self.withheld.setdefault((erasure.about, erasure.pointer), Excuse(idx, "withheld"))

    def of(self, event_id: str, actor: str, subject: str, pointer: str) -> Excuse | None:
        """Return the first entry that excuses a missing value of an event; None means tampering."""
        text = event_id, pointer
        found = (self.persons.get(actor), self.persons.get(subject), self.withheld.get(text), self.lost.get(text))
        return min((excuse for excuse in found if excuse), key=lambda excuse: excuse.idx, default=None)

    def of_all(self, event: Event, pointers: Iterable[str]) -> dict[str, Excuse]:
        """Return what excuses missing values of an event, by their pointers; what nothing excuses is left out."""
        found = {pointer: self.of(event.id, event.actor, event.subject, pointer) for pointer in pointers}
        return {pointer: excuse for pointer, excuse in found.items() if excuse}

    def forbids(self, event_id: str, pointer: str, person: str) -> Excuse | None:
        """Return what forbids that a person's value is kept: what was erased or withheld has to be gone."""
        return self.withheld.get((event_id, pointer)) or self.persons.get(person)


def excused(event: Event, pointer: str, said: Iterable[tuple[int, Event]]) -> Excuse | None:
    """Return which of some entries (number and event) excuses that an event's value at a pointer is missing."""
    found = Excuses()
    for idx, entry in said:
        found.learn(idx, entry)
    return found.of(event.id, event.actor, event.subject, pointer)


def learnt(entries: Iterable[tuple[int, bytes]]) -> Excuses:
    """Return what entries (number and bytes, in their order) excuse; bytes that are no event excuse nothing."""
    found = Excuses()
    for idx, body in entries:
        with suppress(Malformed):
            found.learn(idx, events.parse(body))
    return found


def about(tx: Transaction, said: Sequence[Event]) -> Excuses:
    """Return what the log excuses of these events."""
    people = {person for event in said for person in (event.actor, event.subject)}
    rows = tx.all(
        """SELECT idx, body FROM entry
           WHERE type = ANY(%(types)s) AND (subject = ANY(%(subjects)s) OR type = %(lost)s) ORDER BY idx""",
        {
            "types": list(EXCUSING),
            "subjects": [*people, *(subject_of(event.id) for event in said)],
            "lost": LOST,
        },
    )
    return learnt((row["idx"], bytes(row["body"])) for row in rows)


def subject_of(event_id: str) -> str:
    """Return the subject of what is said of an event's texts."""
    return f"text:{event_id}"


def spared(tx: Transaction, arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return what arrived without the private values that are erased already; nobody erases beside the recorder."""
    left = erasures.spare(tx, [arrival.event for arrival in arrivals], alone=True)
    return [replace(arrival, event=event) for arrival, event in zip(arrivals, left, strict=True)]


def enter(tx: Transaction, entries: Iterable[Arrival]) -> None:
    """Let go of what entries erase that are entered in this transaction: beside the log, and on the way into it."""
    erasing = contracts.erasing()
    for arrival in entries:
        if arrival.event.type in erasing and (erasure := erasures.erasure_of(arrival.event)):
            _let_go(tx, erasure)


def apply(tx: Transaction, beyond: Sequence[Event] = ()) -> int:
    """Let go again of all that the log says is erased: after a restore, before anybody reads. Return how many acts.

    `beyond` are events that only another copy of the log knows of, so far.
    """
    found = [erasure for event in (*acts(tx), *beyond) if (erasure := erasures.erasure_of(event))]
    for erasure in found:
        _let_go(tx, erasure)
    return len(found)


def acts(tx: Transaction) -> list[Event]:
    """Return the events of the log that erase something, in its order."""
    statement = "SELECT body FROM entry WHERE type = ANY(%(types)s) ORDER BY idx"
    return [events.parse(bytes(row["body"])) for row in tx.execute(statement, {"types": list(contracts.erasing())})]


def acts_in(entries: Iterable[bytes]) -> Iterator[Event]:
    """Yield the events among entries that erase something: of a copy of the log that reaches further."""
    marks = [event_type.encode() for event_type in contracts.erasing()]
    for entry in entries:
        if any(mark in entry for mark in marks):
            with suppress(Malformed):
                event = events.parse(entry)
                if erasures.erasure_of(event):
                    yield event


def _let_go(tx: Transaction, erasure: Erasure) -> None:
    erasures.take(tx, erasure)
    if erasure.person is not None:
        tx.execute("DELETE FROM private WHERE person = %(person)s", {"person": erasure.person})
    else:
        tx.execute(
            "DELETE FROM private WHERE event_id = %(event)s AND pointer = %(pointer)s",
            {"event": erasure.about, "pointer": erasure.pointer},
        )
    _blank_early(tx, erasure)


def _blank_early(tx: Transaction, erasure: Erasure) -> None:
    """Blank what waits for its predecessor. Its values are kept as text: they may hold what jsonb refuses."""
    rows = tx.all(
        "SELECT event_id::text AS id, private FROM audit_own.early WHERE strpos(private, %(sign)s) > 0 FOR UPDATE",
        {"sign": json.dumps(erasure.person or erasure.pointer)},
    )
    for row in rows:
        values = events.private_from_json(json.loads(row["private"]))
        left = [value.as_json() for value in values if not erasure.covers(row["id"], value)]
        tx.execute(
            "UPDATE audit_own.early SET private = %(left)s WHERE event_id = %(id)s",
            {"left": json.dumps(left), "id": row["id"]},
        )


def _lost(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    values = data.get("values")
    for value in values if isinstance(values, list) else ():
        if isinstance(value, dict):
            yield str(value.get("event")), str(value.get("pointer"))
