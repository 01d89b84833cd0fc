"""Verification of the whole log: everything the database says of the entries is derived anew from their bytes."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from services.audit.domain.envelope import is_committed
from services.audit.log import TILE
from services.audit.tlog import tree
from services.kernel import config, events
from services.kernel.errors import Malformed
from services.kernel.events import Event, PrivateValue

CHUNK = 5000  # entries read at once

Connection = psycopg.Connection[tuple[Any, ...]]
Row = tuple[Any, ...]
Progress = Callable[[int, int], None]

DERIVED = ("event_id", "source", "type", "subject", "sequence", "organisation", "actor", "time")
# the columns in the order of DERIVED, after the three that are no derived ones
ENTRIES = """SELECT idx, body, leaf, event_id::text, source, type, subject, sequence, organisation, actor, "time"
             FROM entry ORDER BY idx"""


class Tampered(Exception):
    """The log is not what it says it is. `idx` is the first bad entry, or None where no single one can be named."""

    def __init__(self, idx: int | None, what: str) -> None:
        super().__init__(what if idx is None else f"Entry {idx:,}: {what}")
        self.idx = idx


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is what it says: its size and root, and how many private values stand beside it."""

    size: int
    root: bytes
    private: int


@dataclass(slots=True)
class _Walk:
    """What is carried from entry to entry."""

    size: int = 0
    frontier: tree.Frontier = ()
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    private: int = 0


def connect() -> Connection:
    """Connect as the audit service, without limits of time, for a look at one moment of the log."""
    options = "-c search_path=audit,audit_own"
    connection = psycopg.connect(config.database_url("audit"), options=options, connect_timeout=5)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def verify(connection: Connection, progress: Progress) -> Verified:
    """Verify every entry and all that is kept beside; raise Tampered at the first that is wrong.

    `progress` is told how many entries are done, and of how many, after each few thousand.
    """
    size, root = _head(connection)
    private, walk = _private(connection), _Walk()
    with connection.cursor("log") as cursor:
        cursor.execute(ENTRIES.encode())
        while rows := cursor.fetchmany(CHUNK):
            _take(walk, rows, private)
            progress(walk.size, size)
    _check_end(connection, walk, size, root, private)
    return Verified(size, root, walk.private)


def _head(connection: Connection) -> tuple[int, bytes]:
    heads = connection.execute("SELECT size, root FROM head").fetchall()
    if len(heads) != 1:
        raise Tampered(None, f"There are {len(heads)} heads instead of one.")
    return heads[0][0], bytes(heads[0][1])


def _take(walk: _Walk, rows: list[Row], private: dict[str, list[PrivateValue]]) -> None:
    leaves: list[bytes] = []
    for idx, body, leaf, *derived in rows:
        expected = walk.size + len(leaves)
        if idx != expected:
            raise Tampered(expected, f"it is missing; the next one there is {idx:,}.")
        event = _read(idx, bytes(body))
        if tree.leaf(event.body) != bytes(leaf):
            raise Tampered(idx, "its bytes are not those that were hashed when it was entered.")
        _check_derived(idx, event, derived)
        values = private.pop(event.id, [])
        _check_private(idx, event, values)
        walk.private += len(values)
        leaves.append(bytes(leaf))
    walk.frontier, nodes = tree.append(walk.size, walk.frontier, leaves)
    walk.nodes |= {(level, index): hash for level, index, hash in nodes if level % TILE == 0}
    walk.size += len(leaves)


def _read(idx: int, body: bytes) -> Event:
    try:
        return events.parse(body)
    except Malformed as problem:
        raise Tampered(idx, f"its bytes are no event any more: {problem}") from problem


def _check_derived(idx: int, event: Event, derived: list[Any]) -> None:
    for name, kept in zip(DERIVED, derived, strict=True):
        said = getattr(event, "id" if name == "event_id" else name)
        if kept != said:
            raise Tampered(idx, f"the column {name} says {kept!r}, its bytes say {said!r}.")


def _check_private(idx: int, event: Event, values: list[PrivateValue]) -> None:
    for value in values:
        if not is_committed(event, value):
            raise Tampered(idx, f"the private value at {value.pointer} is not the one that its bytes commit to.")


def _private(connection: Connection) -> dict[str, list[PrivateValue]]:
    found: dict[str, list[PrivateValue]] = {}
    for event_id, pointer, value, salt, person in connection.execute(
        "SELECT event_id::text, pointer, value, salt, person FROM private"
    ):
        found.setdefault(event_id, []).append(PrivateValue(pointer, json.loads(value), bytes(salt).hex(), person))
    return found


def _check_end(
    connection: Connection, walk: _Walk, size: int, root: bytes, left: dict[str, list[PrivateValue]]
) -> None:
    if walk.size != size:
        raise Tampered(min(walk.size, size), f"the head counts {size:,} entries, and there are {walk.size:,}.")
    if tree.root(walk.frontier) != root:
        raise Tampered(None, "The root of the tree over the entries is not the one in the head.")
    kept = {(level, index): bytes(hash) for level, index, hash in connection.execute("SELECT * FROM node")}
    for place in sorted({*kept, *walk.nodes}):
        if kept.get(place) != walk.nodes.get(place):
            raise Tampered(place[1] << place[0], f"the kept node at level {place[0]} is not the one over its entries.")
    if left:
        raise Tampered(None, f"A private value is kept for {next(iter(left))}, which is no entry.")
