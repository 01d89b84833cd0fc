"""What decides about the next batch: events known already, how far each aggregate has come, and who waits."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from psycopg.rows import DictRow

from services.audit.domain import Admission, Aggregate, Arrival, Standing, aggregate_of
from services.audit.tlog import tree
from services.kernel import events
from services.kernel.db import Transaction


def known(tx: Transaction, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the leaf hash of each of these events that is an entry or waits; the ids are UUIDs."""
    asked = {"ids": f"{{{','.join(ids)}}}"}  # four times as fast as a list that the driver writes out
    found = tx.execute("SELECT event_id, leaf FROM entry WHERE event_id = ANY(%(ids)s::uuid[])", asked)
    leaves = {str(row["event_id"]): bytes(row["leaf"]) for row in found}
    early = tx.execute("SELECT event_id, body FROM audit_own.early WHERE event_id = ANY(%(ids)s::uuid[])", asked)
    return leaves | {str(row["event_id"]): tree.leaf(bytes(row["body"])) for row in early}


def read(tx: Transaction, aggregates: Collection[Aggregate]) -> dict[Aggregate, Standing]:
    """Return how far these aggregates have come; those nobody has heard of stand at the beginning."""
    found = {aggregate: Standing() for aggregate in aggregates}
    subjects = {"subjects": [aggregate.subject for aggregate in aggregates]}
    for row in tx.execute(
        "SELECT source, subject, sequence FROM aggregate WHERE subject = ANY(%(subjects)s)", subjects
    ):
        found.setdefault(_aggregate(row), Standing()).last = row["sequence"]
    for row in tx.execute("SELECT * FROM missing WHERE subject = ANY(%(subjects)s) ORDER BY first", subjects):
        found.setdefault(_aggregate(row), Standing()).missing.append((row["first"], row["last"]))
    for row in tx.execute("SELECT * FROM audit_own.early WHERE subject = ANY(%(subjects)s)", subjects):
        event = events.parse(bytes(row["body"]), events.private_from_json(json.loads(row["private"])))
        arrival = Arrival(event, tree.leaf(event.body), row["position"])
        found.setdefault(_aggregate(row), Standing()).waiting[row["sequence"]] = arrival
    return found


def settle(tx: Transaction, batch: Admission, standing: dict[Aggregate, Standing], at: datetime) -> None:
    """Note how far the aggregates of a batch have come, what waits, what is missing, and what no longer is."""
    touched = {aggregate_of(arrival.event) for arrival in batch.entries} | batch.spanned
    _upsert_sequences(tx, {aggregate: standing[aggregate].last for aggregate in touched})
    for aggregate in batch.spanned:
        _replace_missing(tx, aggregate, standing[aggregate].missing)
    if batch.released:
        tx.execute("DELETE FROM audit_own.early WHERE event_id = ANY(%(ids)s::uuid[])", {"ids": batch.released})
    for arrival in batch.early:
        _insert_early(tx, arrival, at)


def _aggregate(row: DictRow) -> Aggregate:
    return Aggregate(row["source"], row["subject"])


def _upsert_sequences(tx: Transaction, last: dict[Aggregate, int]) -> None:
    tx.execute(
        """INSERT INTO aggregate (source, subject, sequence)
           SELECT * FROM unnest(%(sources)s::text[], %(subjects)s::text[], %(sequences)s::bigint[])
           ON CONFLICT (source, subject) DO UPDATE SET sequence = excluded.sequence""",
        {
            "sources": [aggregate.source for aggregate in last],
            "subjects": [aggregate.subject for aggregate in last],
            "sequences": list(last.values()),
        },
    )


def _replace_missing(tx: Transaction, aggregate: Aggregate, spans: Sequence[tuple[int, int]]) -> None:
    whose = {"source": aggregate.source, "subject": aggregate.subject}
    tx.execute("DELETE FROM missing WHERE source = %(source)s AND subject = %(subject)s", whose)
    for first, last in spans:
        tx.execute(
            "INSERT INTO missing (source, subject, first, last) VALUES (%(source)s, %(subject)s, %(first)s, %(last)s)",
            whose | {"first": first, "last": last},
        )


def _insert_early(tx: Transaction, arrival: Arrival, at: datetime) -> None:
    event = arrival.event
    tx.execute(
        """INSERT INTO audit_own.early (source, subject, sequence, event_id, body, private, position, at)
           VALUES (%(source)s, %(subject)s, %(sequence)s, %(id)s, %(body)s, %(private)s, %(position)s, %(at)s)""",
        {
            "source": event.source,
            "subject": event.subject,
            "sequence": event.sequence,
            "id": event.id,
            "body": event.body,
            "private": json.dumps([value.as_json() for value in event.private]),
            "position": arrival.position,
            "at": at,
        },
    )
