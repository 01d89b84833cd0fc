"""The positions of each producer, kept as the recorder takes events in: which have come, and which are holes.

A hole holds up nothing: sequences say what is missing of an aggregate. It says what to ask of the producer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg

from services.audit.domain import Admission, Arrival, spans
from services.audit.domain.positions import Positions
from services.audit.domain.spans import Span
from services.kernel import telemetry
from services.kernel.db import Transaction

Producers = Mapping[str, Positions]

say = telemetry.get_logger("countersign.recorder")


def read(tx: Transaction) -> dict[str, Positions]:
    """Return how far each producer has come, by source; one never heard of is not in it."""
    found: dict[str, Positions] = {}
    for row in tx.execute(
        """SELECT p.source, position, first, last FROM producer p
           LEFT JOIN audit_own.hole h ON h.source = p.source AND settled IS NULL ORDER BY first"""
    ):
        here = found.setdefault(row["source"], Positions(row["position"]))
        if row["first"] is not None:
            here.holes.append((row["first"], row["last"]))
    return found


def note(tx: Transaction, arrivals: Sequence[Arrival], batch: Admission, at: datetime) -> None:
    """Follow each producer's positions through a batch: what opens a hole, what closes one."""
    before = read(tx)
    now = {source: positions.copy() for source, positions in before.items()}
    kept = {id(arrival) for arrival in (*batch.entries, *batch.early)}
    parked = {id(arrival) for arrival in batch.conflicts}
    elsewhere: dict[tuple[str, str], list[int]] = defaultdict(list)
    for arrival in arrivals:
        if arrival.position is None:
            continue
        source = arrival.event.source
        new = now.setdefault(source, Positions()).take(arrival.position)
        if new and id(arrival) not in kept:
            elsewhere[source, "parked" if id(arrival) in parked else "entered"].append(arrival.position)
        elif not new and id(arrival) in kept:
            say.error(
                "A producer has given a position again: was its database set back?",
                producer=source,
                position=arrival.position,
            )
    _keep(tx, before, now, at)
    for (source, how), numbers in elsewhere.items():
        _settle(tx, source, spans.of(numbers), how, at)


def settle(tx: Transaction, source: str, numbers: Collection[int], how: str, at: datetime) -> None:
    """Take positions as accounted for although no event of now brings them; the caller holds the log's fence."""
    before = read(tx)
    now = {**before, source: before.get(source, Positions()).copy()}
    new = [number for number in sorted(numbers) if now[source].take(number)]
    _keep(tx, before, now, at)
    _settle(tx, source, spans.of(new), how, at)


def last(tx: Transaction, source: str) -> int:
    """Return the highest position of a producer that has come; 0 where none has."""
    found = tx.value("SELECT position FROM producer WHERE source = %(source)s", {"source": source})
    return int(found or 0)


def open_holes(tx: Transaction, source: str, before: datetime) -> list[tuple[Span, bool]]:
    """Return a producer's holes older than a moment, and of each whether its producer was not asked since."""
    rows = tx.all(
        """SELECT first, last, asked_at IS NULL OR asked_at <= %(before)s AS due FROM audit_own.hole
           WHERE source = %(source)s AND settled IS NULL AND since <= %(before)s ORDER BY first""",
        {"source": source, "before": before},
    )
    return [((row["first"], row["last"]), row["due"]) for row in rows]


def due(tx: Transaction, before: datetime) -> list[str]:
    """Return the producers that have holes older than a moment and were not asked since."""
    statement = """SELECT DISTINCT source FROM audit_own.hole WHERE settled IS NULL AND since <= %(before)s
                     AND (asked_at IS NULL OR asked_at <= %(before)s) ORDER BY source"""
    return [row["source"] for row in tx.all(statement, {"before": before})]


def note_asked(tx: Transaction, source: str, asked: Sequence[Span], at: datetime) -> None:
    """Note that a producer was asked for what is in these spans."""
    tx.execute(
        """UPDATE audit_own.hole h SET asked_at = %(at)s
           FROM unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) AS span (first, last)
           WHERE h.source = %(source)s AND h.first <= span.last AND h.last >= span.first""",
        {"source": source, "firsts": [one[0] for one in asked], "lasts": [one[1] for one in asked], "at": at},
    )


def what_is_wrong(connection: "psycopg.Connection[tuple[Any, ...]]") -> str | None:
    """Hold the positions beside the entries against what is noted of each producer; None where all agree."""
    lasts: dict[str, int] = dict(connection.execute("SELECT source, position FROM producer").fetchall())
    noted: dict[str, list[Span]] = defaultdict(list)
    for source, first, last in connection.execute("SELECT source, first, last FROM audit_own.hole"):
        noted[source].append((first, last))
    found: dict[str, list[Span]] = defaultdict(list)
    for source, position, following in connection.execute(_ENDS):
        last = lasts.get(source, 0)
        if following is None and position > last:
            return f"An entry has position {position:,} of {source}, and the last noted is {last:,}."
        if (end := last if following is None else following - 1) > position:
            found[source].append((position + 1, end))
    for source in sorted({*found, *noted}):
        if found[source] != spans.joined(noted[source]):
            return _difference(source, found[source], spans.joined(noted[source]))
    return None


# The positions behind which the next one is not there, and 0 where the first is not.
_ENDS = """SELECT source, position, following FROM (
               SELECT source, position, lead(position) OVER (PARTITION BY source ORDER BY position) AS following FROM (
                   SELECT source, position FROM entry WHERE position IS NOT NULL
                   UNION ALL SELECT source, position FROM audit_own.early WHERE position IS NOT NULL
                   UNION ALL SELECT source, 0 FROM producer) come) pair
           WHERE following IS NULL OR following > position + 1 ORDER BY source, position"""


def _difference(source: str, found: Sequence[Span], noted: Sequence[Span]) -> str:
    lacking = [span for span in found if span not in noted]
    if lacking:
        return f"No entry has the positions {lacking[0][0]:,} to {lacking[0][1]:,} of {source}, and no hole is noted."
    excess = next(span for span in noted if span not in found)
    return f"A hole is noted at the positions {excess[0]:,} to {excess[1]:,} of {source}, and entries have them."


def _keep(tx: Transaction, before: Producers, now: Producers, at: datetime) -> None:
    for source, positions in now.items():
        was = before.get(source, Positions())
        if positions.last != was.last:
            tx.execute(
                """INSERT INTO producer (source, position) VALUES (%(source)s, %(last)s)
                   ON CONFLICT (source) DO UPDATE SET position = excluded.position""",
                {"source": source, "last": positions.last},
            )
        if positions.holes != was.holes:
            _keep_holes(tx, source, was.holes, positions.holes, at)


def _keep_holes(tx: Transaction, source: str, before: Sequence[Span], now: Sequence[Span], at: datetime) -> None:
    """Write the holes that changed. What is left of one is as old as that one was."""
    new = [span for span in now if span not in before]
    for first, last in reversed(new):  # the last part of one that was split first: the first part takes its row
        if not any(one <= first and last <= other for one, other in before):
            say.warning("Positions of a producer are missing", producer=source, first=first, last=last)
        tx.execute(
            """INSERT INTO audit_own.hole AS h (source, first, last, since, asked_at)
               SELECT %(source)s, %(first)s, %(last)s, coalesce(min(since), %(at)s), max(asked_at)
               FROM audit_own.hole WHERE source = %(source)s AND first <= %(first)s AND last >= %(last)s
               ON CONFLICT (source, first) DO UPDATE SET last = excluded.last""",
            {"source": source, "first": first, "last": last, "at": at},
        )
    gone = {span[0] for span in before} - {span[0] for span in now}
    _delete(tx, source, gone)


def _delete(tx: Transaction, source: str, firsts: Iterable[int]) -> None:
    if gone := list(firsts):
        tx.execute(
            "DELETE FROM audit_own.hole WHERE source = %(source)s AND first = ANY(%(firsts)s)",
            {"source": source, "firsts": gone},
        )


def _settle(tx: Transaction, source: str, settled: Sequence[Span], how: str, at: datetime) -> None:
    for first, last in settled:
        tx.execute(
            """INSERT INTO audit_own.hole (source, first, last, since, settled)
               VALUES (%(source)s, %(first)s, %(last)s, %(at)s, %(how)s)""",
            {"source": source, "first": first, "last": last, "at": at, "how": how},
        )
