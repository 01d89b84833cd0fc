"""The rows of the log, in order and in bounded memory; the next are fetched while those before are looked at."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from services.audit.tlog.tiles import WIDTH

CHUNK = 16 * WIDTH  # entries read at once
MARK = b'"$private"'  # in the bytes of an entry that commits to a private value

DERIVED = ("event_id", "source", "type", "subject", "sequence", "organisation", "actor", "time")
# the columns in the order of DERIVED, after the three that are no derived ones
ENTRIES = """SELECT idx, body, leaf, event_id::text, source, type, subject, sequence, organisation, actor, "time"
             FROM entry ORDER BY idx"""
PRIVATE = "SELECT event_id::text, pointer, value, salt, person FROM private WHERE event_id = ANY(%s::uuid[])"

Connection = psycopg.Connection[tuple[Any, ...]]
Row = tuple[Any, ...]
Values = Mapping[str, Row]
"""From a pointer to the value's canonical JSON, its salt, and whose it is."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of entries, and the private values beside them by event."""

    rows: Sequence[Row]
    private: Mapping[str, Values]


def chunks(connection: Connection) -> Iterator[Chunk]:
    """Yield all entries. Until the last is taken, the connection is in use."""
    with _quick_turns(), ThreadPoolExecutor(1) as ahead, connection.cursor("log", binary=True) as cursor:
        cursor.execute(ENTRIES.encode())
        coming = ahead.submit(_fetched, connection, cursor)
        while (chunk := coming.result()).rows:
            coming = ahead.submit(_fetched, connection, cursor)
            yield chunk


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Let threads take turns ten times as often: else whoever reads waits 5 ms for each packet while another hashes."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _fetched(connection: Connection, cursor: psycopg.ServerCursor[Row]) -> Chunk:
    rows = cursor.fetchmany(CHUNK)
    return Chunk(rows, _private(connection, [row[3] for row in rows if MARK in row[1]]))


def _private(connection: Connection, event_ids: Sequence[str]) -> Mapping[str, Values]:
    found: dict[str, dict[str, Row]] = {}
    cursor = connection.cursor(binary=True)
    cursor.execute(PRIVATE.encode(), [f"{{{','.join(event_ids)}}}"])
    for event_id, pointer, value, salt, person in cursor:
        found.setdefault(event_id, {})[pointer] = (value, salt, person)
    return found
