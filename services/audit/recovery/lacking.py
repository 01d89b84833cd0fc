"""Private values that are missing beside entries although nothing excuses it, and where they may still be found."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.audit.domain import commitments
from services.audit.erasing import erasures
from services.audit.recovery.copies import Copy
from services.kernel import events
from services.kernel.db import Transaction
from services.kernel.documents import canonical
from services.kernel.errors import Malformed
from services.kernel.events import Event, PrivateValue

Elsewhere = Callable[[Sequence[str]], Mapping[str, Sequence[PrivateValue]]]
"""From ids of events to the private values that somebody else still has of them, such as the outbox they came from."""


@dataclass(frozen=True, slots=True)
class Lack:
    """A value that is missing: beside which entry, and what its bytes commit to."""

    idx: int
    commitment: str


@dataclass(frozen=True, slots=True)
class Waited:
    """What is kept of an event that waits for its predecessor."""

    position: int | None
    private: Sequence[PrivateValue]


Lacks = dict[tuple[str, str], Lack]
"""By event and pointer."""


def waiting(tx: Transaction) -> dict[str, Waited]:
    """Return what waits to be entered, by the id of its event: it may be an entry of a copy, with its values."""
    rows = tx.all("SELECT event_id::text AS id, position, private FROM audit_own.early")
    return {row["id"]: Waited(row["position"], events.private_from_json(json.loads(row["private"]))) for row in rows}


def lacking(tx: Transaction) -> Lacks:
    """Return every private value that an entry commits to, that is not there, and that no entry excuses."""
    rows = tx.all(
        "SELECT idx, body FROM entry WHERE type = ANY(%(types)s) ORDER BY idx", {"types": list(erasures.EXCUSING)}
    )
    excuses = erasures.learnt((row["idx"], bytes(row["body"])) for row in rows)
    found: Lacks = {}
    for idx, event, kept in _with_private(tx):
        for pointer, commitment in commitments(event.data):
            if pointer not in kept and not excuses.of(event.id, event.actor, event.subject, pointer):
                found[event.id, pointer] = Lack(idx, commitment)
    return found


def bring_back(tx: Transaction, missing: Lacks, copy: Copy, waited: Mapping[str, Waited], elsewhere: Elsewhere) -> int:
    """Put back the values that are found somewhere and are what the entry commits to; return how many.

    What is found is taken out of `missing`.
    """
    found = 0
    for event_id, value in _found(missing, copy, waited, elsewhere):
        lack = missing.get((event_id, value.pointer))
        if lack and _fits(event_id, value, lack):
            _insert(tx, event_id, value)
            del missing[event_id, value.pointer]
            found += 1
    return found


def _found(
    missing: Lacks, copy: Copy, waited: Mapping[str, Waited], elsewhere: Elsewhere
) -> Iterator[tuple[str, PrivateValue]]:
    events_of = {lack.idx: event_id for (event_id, _), lack in missing.items()}
    for kept in copy.values() if missing else ():
        if kept.entry in events_of:
            yield events_of[kept.entry], kept.value
    for event_id in {event_id for event_id, _ in missing} & waited.keys():
        for value in waited[event_id].private:
            yield event_id, value
    if missing:
        for event_id, values in elsewhere(sorted({event_id for event_id, _ in missing})).items():
            for value in values:
                yield event_id, value


def _fits(event_id: str, value: PrivateValue, lack: Lack) -> bool:
    try:
        return value.commitment(event_id) == lack.commitment
    except (ValueError, TypeError, RecursionError):  # a salt that is no hexadecimal, a value that has no canonical JSON
        return False


def _with_private(tx: Transaction) -> Iterator[tuple[int, Event, set[str]]]:
    """Yield the entries that commit to private values, and the pointers of those that are there."""
    with tx.connection.cursor("lacking") as cursor:
        cursor.execute(
            """SELECT idx, body, ARRAY(SELECT pointer FROM private p WHERE p.event_id = e.event_id) AS kept
               FROM entry e WHERE position('"$private"'::bytea IN body) > 0 ORDER BY idx"""
        )
        for row in cursor:
            try:
                yield row["idx"], events.parse(bytes(row["body"])), set(row["kept"])
            except Malformed:  # bytes that were changed after they had entered: that is for `verify` to say
                continue


def _insert(tx: Transaction, event_id: str, value: PrivateValue) -> None:
    tx.execute(
        """INSERT INTO private (event_id, pointer, value, salt, person)
           VALUES (%(event)s, %(pointer)s, %(value)s, %(salt)s, %(person)s)""",
        {
            "event": event_id,
            "pointer": value.pointer,
            "value": canonical(value.value).decode(),
            "salt": bytes.fromhex(value.salt),
            "person": value.person,
        },
    )
