"""Order: an in-order handler is given each stream's events by `sequence`, without a gap and without a repeat.

The broker keeps order only as long as nothing goes wrong; a message that was sent again, or handed out again after a
death, may overtake another. So the order is judged by what stands in the bytes.
"""

from services.kernel.db import Transaction
from services.kernel.events import Event


def last_heard(tx: Transaction, handler: str, event: Event) -> int:
    """Return the last sequence of the event's stream that the handler has behind it; 0 at the beginning.

    The stream is locked for this handler until the transaction ends.
    """
    stream = {"handler": handler, "source": event.source, "subject": event.subject}
    tx.execute(
        f"""INSERT INTO {tx.service}_own.heard (handler, source, subject, sequence)
            VALUES (%(handler)s, %(source)s, %(subject)s, 0) ON CONFLICT DO NOTHING""",
        stream,
    )
    sequence: int = tx.value(
        f"""SELECT sequence FROM {tx.service}_own.heard
            WHERE handler = %(handler)s AND source = %(source)s AND subject = %(subject)s FOR UPDATE""",
        stream,
    )
    return sequence


def hear(tx: Transaction, handler: str, event: Event) -> bool:
    """Note that the handler has this event behind it; False where it is not the next of its stream."""
    noted = tx.execute(
        f"""UPDATE {tx.service}_own.heard SET sequence = %(sequence)s
            WHERE handler = %(handler)s AND source = %(source)s AND subject = %(subject)s
              AND sequence = %(sequence)s - 1""",
        {"handler": handler, "source": event.source, "subject": event.subject, "sequence": event.sequence},
    )
    return noted.rowcount == 1
