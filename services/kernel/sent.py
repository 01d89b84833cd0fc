"""What a service has sent, as it tells whoever compares that with a record of all events: numbers and ids, no words.

An event's position says whether it is missing: positions are dense. Young ones may still be on their way, so every
answer is about what was sent at least so many seconds ago, by the database's clock.
"""

from collections.abc import Sequence

from services.kernel.db import Transaction
from services.kernel.direct import Sending

Span = tuple[int, int]
"""Positions from the first to the last, both included."""

MOST = 1000  # positions told of, or events sent again, at once


def summary(tx: Transaction, seconds: float) -> dict[str, int]:
    """Return `last`, the highest position that was sent by then; `stamped`, the highest ever given; `unsent`, how many
    events were committed by then and are not sent.

    Every position up to `last` was given; whether each was sent by then, `listed` tells.
    """
    row = tx.one(
        f"""SELECT coalesce((SELECT position FROM {tx.service}_own.outbox WHERE position IS NOT NULL AND {SENT}
                             ORDER BY position DESC LIMIT 1), 0) AS last,
                   coalesce((SELECT position FROM {tx.service}_own.lease WHERE name = 'relay'), 0) AS stamped,
                   (SELECT count(*) FROM {tx.service}_own.outbox WHERE sent_at IS NULL AND at <= {THEN}) AS unsent""",
        {"seconds": seconds},
    )
    return dict(row or {})


def listed(tx: Transaction, spans: Sequence[Span], seconds: float) -> list[tuple[int, str, str, bool]]:
    """Return (position, event id, SHA-256 of its bytes, sent by then) of the first so many events at these positions.

    A position that is passed over is not in the outbox: it was sent so long ago that the outbox has forgotten it.
    """
    rows = tx.all(
        f"""SELECT position, event_id::text AS id, encode(sha256(body), 'hex') AS digest,
                   coalesce({SENT}, false) AS settled
            FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS span (first, last)
            JOIN {tx.service}_own.outbox ON position BETWEEN first AND last
            ORDER BY position LIMIT {MOST}""",
        {"firsts": [span[0] for span in spans], "lasts": [span[1] for span in spans], "seconds": seconds},
    )
    return [(row["position"], row["id"], row["digest"], row["settled"]) for row in rows]


def sendings(tx: Transaction, ids: Sequence[str]) -> list[Sending]:
    """Return those of these events that the outbox still has, as they are sent, in the order of their positions."""
    rows = tx.all(
        f"""SELECT event_id::text AS event_id, body, private::text AS private, position FROM {tx.service}_own.outbox
            WHERE event_id = ANY(%(ids)s::uuid[]) AND position IS NOT NULL ORDER BY position LIMIT {MOST}""",
        {"ids": list(ids)},
    )
    return [Sending(row["event_id"], bytes(row["body"]), row["private"], row["position"]) for row in rows]


THEN = "clock_timestamp() - make_interval(secs => %(seconds)s)"
SENT = f"sent_at <= {THEN}"
