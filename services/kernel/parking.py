"""Where messages are that no handler could handle: waiting for their next try, or parked for an operator to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.types.json import Jsonb

from services.kernel import clock, events, ids
from services.kernel.db import Transaction
from services.kernel.events import Event

# How long a message waits after its first, second ... failure. When the last of these tries fails too, it is parked.
SCHEDULE = tuple(timedelta(seconds=s) for s in (1, 5, 30, 120, 600))
# An event before its turn is called by its predecessor; this is only how often it is looked at without being called.
UNCALLED = timedelta(minutes=10)
# The most of a message's bytes that is kept: an event has less, and what is longer is none.
MOST_KEPT = events.MAX_BYTES + 1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is to be tried again; `attempt` counts the tries that failed."""

    id: str
    attempt: int
    event: Event


def failed(tx: Transaction, handler: str, event: Event, reason: str) -> None:
    """Let an event wait after its first failure. Where it waits already, it goes on as it does."""
    _wait(tx, handler, event, attempt=1, due=clock.now() + SCHEDULE[0], reason=reason)


def wait_for_turn(tx: Transaction, handler: str, event: Event, reason: str) -> None:
    """Let an event wait until the one before it in its stream was handled."""
    _wait(tx, handler, event, attempt=0, due=clock.now() + UNCALLED, reason=reason)


def failed_again(tx: Transaction, message: Waiting, reason: str) -> bool:
    """Let a message wait for its next try, longer than before; True where that was its last and it is parked."""
    if message.attempt >= len(SCHEDULE):
        park_waiting(tx, message, reason)
        return True
    tx.execute(
        f"""UPDATE {tx.service}_own.waiting SET attempt = attempt + 1, due = %(due)s, reason = %(reason)s
            WHERE id = %(id)s""",
        {"id": message.id, "due": clock.now() + SCHEDULE[message.attempt], "reason": _plain(reason)},
    )
    return False


def look_again(tx: Transaction, message: Waiting) -> None:
    """Leave a message that is still before its turn until it is called."""
    tx.execute(
        f"UPDATE {tx.service}_own.waiting SET due = %(due)s WHERE id = %(id)s",
        {"id": message.id, "due": clock.now() + UNCALLED},
    )


def done(tx: Transaction, message: Waiting) -> None:
    """Forget a message that was handled."""
    tx.execute(f"DELETE FROM {tx.service}_own.waiting WHERE id = %(id)s", {"id": message.id})


def call_next(tx: Transaction, handler: str, event: Event) -> bool:
    """Call the event that waits for this one; True where there is one.

    One that is locked is being looked at, and will see for itself.
    """
    called = tx.execute(
        f"""UPDATE {tx.service}_own.waiting SET due = %(now)s WHERE id IN (
                SELECT id FROM {tx.service}_own.waiting
                WHERE handler = %(handler)s AND source = %(source)s AND subject = %(subject)s
                  AND sequence = %(next)s AND attempt = 0 FOR UPDATE SKIP LOCKED)""",
        {
            "now": clock.now(),
            "handler": handler,
            "source": event.source,
            "subject": event.subject,
            "next": event.sequence + 1,
        },
    )
    return called.rowcount > 0


def due(tx: Transaction, handlers: Sequence[str], limit: int) -> list[tuple[str, str]]:
    """Return (id, handler) of the messages whose time has come, the longest due first."""
    rows = tx.all(
        f"""SELECT id, handler FROM {tx.service}_own.waiting
            WHERE due <= %(now)s AND handler = ANY(%(handlers)s) ORDER BY due LIMIT %(limit)s""",
        {"now": clock.now(), "handlers": list(handlers), "limit": limit},
    )
    return [(str(row["id"]), row["handler"]) for row in rows]


def claim(tx: Transaction, id: str) -> Waiting | None:
    """Lock a due message until the transaction ends; None where somebody else has it, or had it."""
    row = tx.one(
        f"""SELECT id, attempt, body, private FROM {tx.service}_own.waiting
            WHERE id = %(id)s AND due <= %(now)s FOR UPDATE SKIP LOCKED""",
        {"id": id, "now": clock.now()},
    )
    if row is None:
        return None
    return Waiting(str(row["id"]), row["attempt"], events.parse(row["body"], events.private_from_json(row["private"])))


def park(
    tx: Transaction,
    handler: str,
    body: bytes,
    headers: Mapping[str, Any],
    reason: str,
    event: Event | None = None,
) -> None:
    """Park a message untried; `event` is what could be read of it."""
    tx.execute(
        f"""INSERT INTO {tx.service}_own.parked (id, handler, event_id, type, body, private, headers, reason, at)
            VALUES (%(id)s, %(handler)s, %(event)s, %(type)s, %(body)s, %(private)s, %(headers)s, %(reason)s, %(now)s)
            ON CONFLICT DO NOTHING""",
        {
            "id": ids.new_id(),
            "handler": handler,
            "event": event.id if event and ids.is_id(event.id) else None,
            "type": event.type if event else None,
            "body": body[:MOST_KEPT],
            "private": Jsonb([p.as_json() for p in event.private] if event else []),
            "headers": Jsonb({_plain(str(k)): _plain(str(v)) for k, v in headers.items() if k != "private"}),
            "reason": _plain(reason),
            "now": clock.now(),
        },
    )


def park_waiting(tx: Transaction, message: Waiting, reason: str) -> None:
    """Move a message from waiting to parked."""
    tx.execute(
        f"""WITH moved AS (DELETE FROM {tx.service}_own.waiting WHERE id = %(id)s RETURNING *)
            INSERT INTO {tx.service}_own.parked (id, handler, event_id, type, body, private, attempts, reason, at)
            SELECT id, handler, event_id, type, body, private, attempt + 1, %(reason)s, %(now)s FROM moved
            ON CONFLICT DO NOTHING""",
        {"id": message.id, "reason": _plain(reason), "now": clock.now()},
    )


def unpark(tx: Transaction, id: str, event: Event) -> None:
    """Move a parked message to waiting, due now and with no failure to its name."""
    tx.execute(
        f"""WITH moved AS (DELETE FROM {tx.service}_own.parked WHERE id = %(id)s RETURNING *)
            INSERT INTO {tx.service}_own.waiting
                (id, handler, event_id, source, subject, sequence, type, body, private, attempt, due, reason, at)
            SELECT id, handler, %(event)s, %(source)s, %(subject)s, %(sequence)s, %(type)s, body, private, 0, %(now)s,
                reason, at FROM moved
            ON CONFLICT (event_id, handler) DO NOTHING""",
        {
            "id": id,
            "event": event.id,
            "source": event.source,
            "subject": event.subject,
            "sequence": event.sequence,
            "type": event.type,
            "now": clock.now(),
        },
    )


def hasten(tx: Transaction, id: str) -> None:
    """Let a waiting message be tried now, with no failure to its name."""
    tx.execute(
        f"UPDATE {tx.service}_own.waiting SET attempt = 0, due = %(now)s WHERE id = %(id)s",
        {"id": id, "now": clock.now()},
    )


def note_discarded(tx: Transaction, handler: str, event_id: str) -> None:
    """Note that an operator gave an event up for a handler: it is never missing there."""
    tx.execute(
        f"""INSERT INTO {tx.service}_own.discarded (event_id, handler) VALUES (%(event)s, %(handler)s)
            ON CONFLICT DO NOTHING""",
        {"event": event_id, "handler": handler},
    )


def counts(tx: Transaction) -> tuple[int, int]:
    """Return how many messages wait and how many are parked."""
    row = tx.one(
        f"""SELECT (SELECT count(*) FROM {tx.service}_own.waiting) AS waiting,
                   (SELECT count(*) FROM {tx.service}_own.parked) AS parked"""
    )
    return (row["waiting"], row["parked"]) if row else (0, 0)


def _wait(tx: Transaction, handler: str, event: Event, attempt: int, due: datetime, reason: str) -> None:
    tx.execute(
        f"""INSERT INTO {tx.service}_own.waiting
                (id, handler, event_id, source, subject, sequence, type, body, private, attempt, due, reason, at)
            VALUES (%(id)s, %(handler)s, %(event)s, %(source)s, %(subject)s, %(sequence)s, %(type)s, %(body)s,
                %(private)s, %(attempt)s, %(due)s, %(reason)s, %(now)s)
            ON CONFLICT (event_id, handler) DO NOTHING""",
        {
            "id": ids.new_id(),
            "handler": handler,
            "event": event.id,
            "source": event.source,
            "subject": event.subject,
            "sequence": event.sequence,
            "type": event.type,
            "body": event.body,
            "private": Jsonb([p.as_json() for p in event.private]),
            "attempt": attempt,
            "due": due,
            "reason": _plain(reason),
            "now": clock.now(),
        },
    )


def _plain(text: str) -> str:
    """Return text as PostgreSQL can keep it, and no more of it than a person reads."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()[:2000]
