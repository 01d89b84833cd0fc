"""The inbox: which event was already handled by which handler."""

from services.kernel.db import Transaction
from services.kernel.events import Event


def first_time(tx: Transaction, event: Event, handler: str) -> bool:
    """Claim an event for a handler within the handler's transaction; False where it was handled before."""
    claimed = tx.execute(
        f"""INSERT INTO {tx.service}_own.inbox (event_id, handler) VALUES (%(event)s, %(handler)s)
            ON CONFLICT DO NOTHING""",
        {"event": event.id, "handler": handler},
    )
    return claimed.rowcount == 1
