"""What a service's handlers have seen, as it tells whoever compares that with a record of all events.

Seen is what was handled, and also what waits for another try, is parked, or was discarded: it is in this service's
hands, and sent again it would change nothing. For an in-order handler, everything it has behind it is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.kernel.db import Transaction
from services.kernel.topology import Handler


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a handler is asked for it: what the inbox and the order of its stream know it by."""

    id: str
    source: str
    subject: str
    sequence: int


def through(tx: Transaction, handler: Handler) -> str | None:
    """Return the mark up to which a handler was found to have everything that it hears by now; None: look at all."""
    row = tx.one(
        f"SELECT keys, through FROM {tx.service}_own.reconciled WHERE handler = %(handler)s", {"handler": handler.name}
    )
    return row["through"] if row and set(handler.keys) <= set(row["keys"]) else None


def note(tx: Transaction, handler: Handler, through: str) -> None:
    """Note the mark up to which a handler has everything."""
    tx.execute(
        f"""INSERT INTO {tx.service}_own.reconciled (handler, keys, through)
            VALUES (%(handler)s, %(keys)s, %(through)s)
            ON CONFLICT (handler) DO UPDATE SET keys = excluded.keys, through = excluded.through, at = excluded.at""",
        {"handler": handler.name, "keys": list(handler.keys), "through": through},
    )


def unseen(tx: Transaction, handler: Handler, told: Sequence[Told]) -> list[str]:
    """Return the ids of those events that the handler has not seen."""
    own, same = f"{tx.service}_own", "event_id = told.id AND handler = %(handler)s"
    rows = tx.all(
        f"""SELECT id::text
            FROM unnest(%(ids)s::uuid[], %(sources)s::text[], %(subjects)s::text[], %(sequences)s::bigint[])
                WITH ORDINALITY AS told (id, source, subject, sequence, n)
            WHERE NOT EXISTS (SELECT FROM {own}.inbox WHERE {same})
              AND NOT EXISTS (SELECT FROM {own}.heard h WHERE handler = %(handler)s AND h.source = told.source
                              AND h.subject = told.subject AND h.sequence >= told.sequence)
              AND NOT EXISTS (SELECT FROM {own}.waiting WHERE {same})
              AND NOT EXISTS (SELECT FROM {own}.parked WHERE {same})
              AND NOT EXISTS (SELECT FROM {own}.discarded WHERE {same})
            ORDER BY n""",
        {
            "handler": handler.name,
            "ids": [event.id for event in told],
            "sources": [event.source for event in told],
            "subjects": [event.subject for event in told],
            "sequences": [event.sequence for event in told],
        },
    )
    return [row["id"] for row in rows]
