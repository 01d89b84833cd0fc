"""Rebuild: fold the log again with a service's own `project`, and compare every table byte for byte.

The fold goes into temporary tables: they hide the live ones from `project`, are gone with the session whatever happens,
and let several checks run at once on a live system (docs/decisions/0006).
"""

import json
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from services.kernel import config, contracts, events
from services.kernel.db import Connection, Params, Transaction, set_search_path
from services.kernel.errors import Refused
from services.kernel.events import Event

PATIENCE = 60.0  # seconds in which the log has to hold what the outbox holds

Project = Callable[[Transaction, Event], None]
Tables = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: how many events were folded, how many tables compared, and the first that differs."""

    events: int
    tables: int
    differs: str | None = None
    live: str = ""
    folded: str = ""


def check(service: str, shuffle: int | None = None) -> Verdict:
    """Fold what one snapshot of a service rests on, and compare; `shuffle` seeds another order of the subjects.

    Raise Refused where the log does not come to hold what was produced and heard within a minute, or the service does
    not come to hear what was erased: the words are gone from the log then, and still in its rows.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        live, wanted = _snapshot(service)
        _wait_for_log(service, wanted)
        found = list(_entries(_RESTS_ON, wanted.params(service)))
        if _has_heard_erasures(service, wanted, ends):
            break
    with _session(service) as connection:
        _fold(connection, service, list(live), shuffled(found, shuffle))
        folded = {name: _copy(connection, name, service) for name in live}
    return _compare(live, folded, len(found))


def at(service: str, size: int) -> dict[str, list[dict[str, Any]]]:
    """Return a service's tables as they follow from the first `size` entries of the log alone."""
    with _session(service) as connection:
        names = _tables(connection, service)
        _fold(connection, service, names, _entries("entry WHERE idx < %(size)s", {"size": size}))
        return {name: list(_rows(connection, name)) for name in names}


def shuffled(found: list[Event], seed: int | None) -> list[Event]:
    """Return the events with their subjects interleaved otherwise; the order within one subject stays."""
    if seed is None:
        return found
    streams = defaultdict(list)
    for event in found:
        streams[event.service, event.subject].append(event)
    order = [key for key, stream in streams.items() for _ in stream]
    random.Random(seed).shuffle(order)
    left = {key: iter(stream) for key, stream in streams.items()}
    return [next(left[key]) for key in order]


# Its own events up to the snapshot, by their streams: the outbox forgets what was sent long ago, a stream does not. And
# what it has heard of others.
_RESTS_ON = """entry LEFT JOIN unnest(%(subjects)s::text[], %(lasts)s::bigint[]) AS own(subject, last) USING (subject)
               WHERE source = %(source)s AND sequence <= last
                  OR source <> %(source)s AND event_id = ANY(%(heard)s::uuid[])"""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the rows of one moment rest on: each stream of its own with its last sequence, and the events heard."""

    streams: Mapping[str, int]
    heard: list[str]

    def __len__(self) -> int:
        return sum(self.streams.values()) + len(self.heard)

    def params(self, service: str) -> Params:
        streams = {"subjects": list(self.streams), "lasts": list(self.streams.values())}
        return {"source": f"/{service}", "heard": self.heard, **streams}


def _snapshot(service: str) -> tuple[Tables, _Wanted]:
    """Return tables, and the events they rest on, all of one moment."""
    with _session(service) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        live = {name: _copy(connection, name, service) for name in _tables(connection, service)}
        streams = connection.execute(f"SELECT subject, sequence FROM {service}_own.stream".encode()).fetchall()
        heard = connection.execute(f"SELECT DISTINCT event_id::text AS id FROM {service}_own.inbox".encode())
        return live, _Wanted({row["subject"]: row["sequence"] for row in streams}, [row["id"] for row in heard])


def _wait_for_log(service: str, wanted: _Wanted) -> None:
    """Wait until the log holds these events: a handler may have heard one before the recorder has entered it."""
    ends = time.monotonic() + PATIENCE
    with _session("audit", autocommit=True) as log:
        statement = f"SELECT count(*) AS n FROM {_RESTS_ON}".encode()
        while True:
            row = log.execute(statement, wanted.params(service)).fetchone()
            missing = len(wanted) - (row["n"] if row else 0)
            if not missing:
                return
            if time.monotonic() > ends:
                raise Refused(
                    f"The log lacks {missing:,} events that this service has sent or heard. "
                    "Are relay and recorder running?"
                )
            time.sleep(0.1)


def _has_heard_erasures(service: str, wanted: _Wanted, ends: float) -> bool:
    """Say whether the service had heard of every erasure in the log; wait a moment where not."""
    statement = f"""SELECT count(*) AS n FROM (
                        SELECT event_id FROM entry WHERE type = ANY(%(erasing)s)
                        EXCEPT SELECT event_id FROM {_RESTS_ON}) AS unheard"""
    with _session("audit") as log:
        params = {**wanted.params(service), "erasing": list(contracts.erasing())}
        row = log.execute(statement.encode(), params).fetchone()
    unheard = row["n"] if row else 0
    if unheard and time.monotonic() > ends:
        raise Refused(f"This service has not heard of {unheard:,} erasures that are in the log. Does its worker run?")
    time.sleep(0.1 if unheard else 0)
    return not unheard


def _entries(source: str, params: Params) -> Iterator[Event]:
    """Yield events in log order with the private values that are still there, all of one moment."""
    with _session("audit") as log:
        log.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        private = _private(log)
        with log.cursor("entries") as cursor:
            statement = f"SELECT event_id::text AS id, body FROM {source} ORDER BY idx"
            cursor.execute(statement.encode(), params)
            for row in cursor:
                yield events.parse(bytes(row["body"]), events.private_from_json(private.get(row["id"])))


def _private(log: Connection) -> Mapping[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in log.execute("SELECT event_id::text AS id, pointer, value, salt, person FROM private"):
        value = {"pointer": row["pointer"], "value": json.loads(row["value"])}
        found[row["id"]].append(value | {"salt": bytes(row["salt"]).hex(), "person": row["person"]})
    return found


def _fold(connection: Connection, service: str, names: list[str], found: Iterable[Event]) -> None:
    project: Project = import_module(f"services.{service}.store").project
    for name in names:
        live, copy = sql.Identifier(service, name), sql.Identifier(name)
        connection.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {} INCLUDING ALL)").format(copy, live))
    set_search_path(connection, "pg_temp")  # a fold that reaches beyond its tables fails here
    tx = Transaction(service, connection)
    for event in found:
        project(tx, event)


def _tables(connection: Connection, service: str) -> list[str]:
    statement = "SELECT tablename FROM pg_tables WHERE schemaname = %(schema)s ORDER BY tablename"
    return [row["tablename"] for row in connection.execute(statement, {"schema": service})]


def _copy(connection: Connection, name: str, service: str) -> bytes:
    keys = connection.execute(
        """SELECT a.attname AS name FROM pg_index i
           JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
           WHERE i.indrelid = (quote_ident(%(schema)s) || '.' || quote_ident(%(table)s))::regclass AND i.indisprimary
           ORDER BY array_position(i.indkey::int2[], a.attnum)""",
        {"schema": service, "table": name},
    ).fetchall()
    order = sql.SQL(", ").join(sql.Identifier(row["name"]) for row in keys)
    statement = sql.SQL("COPY (SELECT * FROM {} ORDER BY {}) TO STDOUT").format(sql.Identifier(name), order)
    with connection.cursor().copy(statement) as copy:
        return b"".join(bytes(chunk) for chunk in copy)


def _rows(connection: Connection, name: str) -> Iterator[dict[str, Any]]:
    statement = sql.SQL("SELECT to_jsonb(t) AS row FROM {} t ORDER BY to_jsonb(t)::text").format(sql.Identifier(name))
    yield from (row["row"] for row in connection.execute(statement))


def _compare(live: Tables, folded: Tables, count: int) -> Verdict:
    for name, content in live.items():
        if content != folded[name]:
            pairs = zip(content.split(b"\n"), folded[name].split(b"\n"), strict=False)
            one, other = next((pair for pair in pairs if pair[0] != pair[1]), (b"(more rows)", b"(fewer rows)"))
            return Verdict(count, len(live), name, one.decode(), other.decode())
    return Verdict(count, len(live))


def _session(service: str, autocommit: bool = False) -> Connection:
    return psycopg.connect(
        config.database_url(service),
        row_factory=dict_row,
        autocommit=autocommit,
        options=f"-c search_path={service},{service}_own",
        application_name=f"countersign rebuild {service}",
        connect_timeout=5,
    )
