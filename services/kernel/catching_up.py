"""Catching up: a service whose database is older than the log takes back from the log what it has said since.

Only what it said itself: what others said comes again over the bus. Nothing is said anew, for the log has it.
Where nothing was restored there is nothing to do, since a service's streams never lag behind the log.
"""

import json
from collections.abc import Iterator
from importlib import import_module

import psycopg
from psycopg.rows import dict_row

from services.kernel import config, events
from services.kernel.db import Connection, Transaction
from services.kernel.events import Event

# What this service said, by the log, beyond what its streams know of.
BEYOND = """
    SELECT body, ARRAY(SELECT jsonb_build_object(
                           'pointer', pointer, 'value', value, 'salt', encode(salt, 'hex'), 'person', person)
                       FROM private p WHERE p.event_id = e.event_id) AS private
    FROM entry e
    LEFT JOIN unnest(%(subjects)s::text[], %(lasts)s::bigint[]) AS own(subject, last) USING (subject)
    WHERE source = %(source)s AND sequence > coalesce(last, 0) ORDER BY idx"""


def catch_up(service: str) -> int:
    """Bring a service's own facts up to the log, in one transaction; return how many were taken back."""
    project = import_module(f"services.{service}.store").project
    lasts: dict[str, int] = {}
    with _session(service) as connection:
        tx = Transaction(service, connection)
        tx.execute(f"LOCK TABLE {service}_own.stream IN SHARE ROW EXCLUSIVE MODE")  # nothing is said meanwhile
        found = list(_beyond(tx))
        for event in found:
            project(tx, event)
            lasts[event.subject] = max(event.sequence, lasts.get(event.subject, 0))
        _lift(tx, lasts)
        return len(found)


def _beyond(tx: Transaction) -> Iterator[Event]:
    streams = tx.all(f"SELECT subject, sequence FROM {tx.service}_own.stream")
    known = {
        "source": f"/{tx.service}",
        "subjects": [row["subject"] for row in streams],
        "lasts": [row["sequence"] for row in streams],
    }
    with _session("audit") as log, log.cursor("beyond") as cursor:
        cursor.execute(BEYOND.encode(), known)
        for row in cursor:
            private = [value | {"value": json.loads(value["value"])} for value in row["private"]]
            yield events.parse(bytes(row["body"]), events.private_from_json(private))


def _lift(tx: Transaction, lasts: dict[str, int]) -> None:
    tx.execute(
        f"""INSERT INTO {tx.service}_own.stream AS s (subject, sequence)
            SELECT * FROM unnest(%(subjects)s::text[], %(lasts)s::bigint[])
            ON CONFLICT (subject) DO UPDATE SET sequence = greatest(s.sequence, excluded.sequence)""",
        {"subjects": list(lasts), "lasts": list(lasts.values())},
    )


def _session(service: str) -> Connection:
    return psycopg.connect(
        config.database_url(service),
        row_factory=dict_row,
        options=f"-c search_path={service},{service}_own -c lock_timeout=30s",
        application_name=f"countersign catching up {service}",
        connect_timeout=5,
    )
