"""Nothing waits for ever: a hole in an aggregate's sequence is told of after a minute, and declared after ten."""

from datetime import timedelta

from psycopg.rows import DictRow

from services.audit.domain.order import GAP_FOUND
from services.kernel import clock, outbox, telemetry
from services.kernel.db import Transaction
from services.kernel.events import Fact

ALARM_AFTER = timedelta(seconds=60)
DECLARE_AFTER = timedelta(minutes=10)

say = telemetry.get_logger("countersign.recorder")


def look(tx: Transaction) -> None:
    """Raise the alarm for holes older than a minute, and declare those older than ten missing.

    The declaration is an event of this log: when it enters, what waited enters behind it (domain/order.py).
    """
    for hole in _holes(tx):
        if _first_to_note(tx, hole, "alarmed", ALARM_AFTER):
            about = {name: hole[name] for name in ("source", "subject", "first", "last")}
            # What was lost has left a hole in its producer's positions too: the worker asks for what belongs there
            say.error("An event waits for predecessors that have not come; their producer is asked for them", **about)
        if _first_to_note(tx, hole, "announced", DECLARE_AFTER):
            outbox.emit(tx, _gap_found(hole))


def _holes(tx: Transaction) -> list[DictRow]:
    """Return the first hole of every aggregate in which somebody waits, and since when."""
    return tx.all(
        """SELECT source, subject, coalesce(a.sequence, 0) + 1 AS first, w.next - 1 AS last, w.since
           FROM (SELECT source, subject, min(sequence) AS next, min(at) AS since
                 FROM audit_own.early GROUP BY source, subject) w
           LEFT JOIN aggregate a USING (source, subject)"""
    )


def _first_to_note(tx: Transaction, hole: DictRow, note: str, after: timedelta) -> bool:
    """Say whether a hole has reached an age and nobody, no other recorder either, has noted that yet."""
    if clock.now() - hole["since"] < after:
        return False
    return (
        tx.execute(
            f"""UPDATE audit_own.early SET {note} = %(first)s
                WHERE source = %(source)s AND subject = %(subject)s AND sequence = %(last)s + 1
                  AND {note} IS DISTINCT FROM %(first)s""",
            hole,
        ).rowcount
        > 0
    )


def _gap_found(hole: DictRow) -> Fact:
    producer = hole["source"].removeprefix("/")
    data = {"about": hole["subject"], "producer": producer, "first": hole["first"], "last": hole["last"]}
    return Fact(GAP_FOUND, f"gap:{hole['subject']}", data)
