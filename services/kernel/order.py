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
    sequence: int = tx.value(
        f"""INSERT INTO {tx.service}_own.heard AS h (handler, source, subject, sequence)
            VALUES (%(handler)s, %(source)s, %(subject)s, 0)
            ON CONFLICT (handler, source, subject) DO UPDATE SET sequence = h.sequence RETURNING sequence""",
        {"handler": handler, "source": event.source, "subject": event.subject},
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


def skip_to(tx: Transaction, handler: str, event: Event) -> None:
    """Let this event be the next of its stream; those before it that never came are taken as heard."""
    tx.execute(
        f"""UPDATE {tx.service}_own.heard SET sequence = greatest(sequence, %(sequence)s - 1)
            WHERE handler = %(handler)s AND source = %(source)s AND subject = %(subject)s""",
        {"handler": handler, "source": event.source, "subject": event.subject, "sequence": event.sequence},
    )


def is_ahead(tx: Transaction, handler: str, event: Event) -> bool:
    """Say whether an in-order handler still waits for an event before this one; False for any other handler."""
    return bool(
        tx.value(
            f"""SELECT sequence < %(sequence)s - 1 FROM {tx.service}_own.heard
                WHERE handler = %(handler)s AND source = %(source)s AND subject = %(subject)s""",
            {"handler": handler, "source": event.source, "subject": event.subject, "sequence": event.sequence},
        )
    )
