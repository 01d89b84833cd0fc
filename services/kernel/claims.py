"""A request with an Idempotency-Key is claimed in the transaction of its own effect: both are there, or neither.

The door says what it is about to do (`claiming`); the first event emitted within writes the claim. So a key is never
marked as used by a command that was rolled back, and no effect exists whose key is free.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.kernel.db import Transaction

KEPT = "at > now() - interval '1 day'"  # after that, a key is free again


@dataclass(slots=True)
class Claim:
    """What a request is about to do under its key; `event_id` is that of the first event it emitted."""

    person: str
    key: str
    request_hash: bytes
    event_id: str | None = None


class AlreadyClaimed(Exception):
    """The same request is being answered, or was answered, elsewhere: its effect must not happen again."""


_pending: ContextVar[Claim | None] = ContextVar("claim", default=None)


@contextmanager
def claiming(claim: Claim) -> Iterator[None]:
    """Let the first event emitted within the block write this claim."""
    token = _pending.set(claim)
    try:
        yield
    finally:
        _pending.reset(token)


def write(tx: Transaction, event_id: str) -> None:
    """Write the pending claim, if there is one, beside the event that is being emitted.

    Wait for a concurrent twin's transaction to end; raise AlreadyClaimed where it committed.
    """
    claim = _pending.get()
    if claim is None:
        return
    holder = tx.value(
        f"""WITH mine AS (
                INSERT INTO {tx.service}_own.idempotency AS i (person, key, request_hash, event_id)
                VALUES (%(person)s, %(key)s, %(hash)s, %(event)s)
                ON CONFLICT (person, key) DO UPDATE
                SET request_hash = EXCLUDED.request_hash, event_id = EXCLUDED.event_id, at = EXCLUDED.at,
                    status = NULL, headers = NULL, body = NULL
                WHERE NOT i.{KEPT} RETURNING event_id)
            SELECT event_id FROM mine
            UNION ALL
            SELECT event_id FROM {tx.service}_own.idempotency WHERE person = %(person)s AND key = %(key)s AND {KEPT}""",
        {"person": claim.person, "key": claim.key, "hash": claim.request_hash, "event": event_id},
    )
    if holder is not None and str(holder) == event_id:
        claim.event_id = event_id
    elif holder is None or str(holder) != claim.event_id:  # a second event of the same request finds its own claim
        raise AlreadyClaimed
