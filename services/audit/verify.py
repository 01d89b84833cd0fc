"""Verification of the whole log: everything the database says of the entries is derived anew from their bytes."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import psycopg

from services.audit import erasures, positions
from services.audit.domain import Aggregate, Standing, commitments, gaps_in
from services.audit.domain.order import GAP_FOUND
from services.audit.erasures import Excuse, Excuses
from services.audit.log import TILE
from services.audit.tlog import tree
from services.kernel import clock, config, events

CHUNK = 5000  # entries read at once

_read = json.JSONDecoder().decode

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
class Kept:
    """A private value that is still there although an entry says that it is gone: no tampering, and not right."""

    idx: int
    pointer: str
    excuse: Excuse

    def __str__(self) -> str:
        return f"Entry {self.idx:,}: the private value at {self.pointer} is still kept, though it is {self.excuse}."


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is what it says: its size and root, and how many private values stand beside it.

    `gone` counts the values that are not there, by the entry that explains it; `kept` are those that should not be.
    """

    size: int
    root: bytes
    private: int
    gone: Mapping[Excuse, int] = field(default_factory=dict)
    kept: Sequence[Kept] = ()


@dataclass(slots=True)
class _Walk:
    """What is carried from entry to entry: the tree, the last sequence of each aggregate, and gaps once declared."""

    size: int = 0
    frontier: tree.Frontier = ()
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    last: dict[tuple[str, str], int] = field(default_factory=dict)
    gaps: dict[tuple[str, str], Standing] = field(default_factory=dict)
    private: int = 0
    gone: Counter[Excuse] = field(default_factory=Counter)
    kept: list[Kept] = field(default_factory=list)
    excuses: Excuses = field(default_factory=Excuses)


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
    walk = _Walk(excuses=_excuses(connection))
    with connection.cursor("log", binary=True) as cursor:
        cursor.execute(ENTRIES.encode())
        while rows := cursor.fetchmany(CHUNK):
            _take(walk, rows, connection)
            progress(walk.size, size)
    _check_end(connection, walk, size, root)
    return Verified(size, root, walk.private, walk.gone, walk.kept)


def _head(connection: Connection) -> tuple[int, bytes]:
    heads = connection.execute("SELECT size, root FROM head").fetchall()
    if len(heads) != 1:
        raise Tampered(None, f"There are {len(heads)} heads instead of one.")
    return heads[0][0], bytes(heads[0][1])


def _take(walk: _Walk, rows: Sequence[Row], connection: Connection) -> None:
    """Verify a few entries, the first that is wrong first, and take them into the tree."""
    private = _private(connection, [row[3] for row in rows if b'"$private"' in row[1]])
    leaves: list[bytes] = []
    for row in rows:
        idx, body, leaf = row[:3]
        if idx != walk.size + len(leaves):
            raise Tampered(walk.size + len(leaves), f"it is missing; the next one there is {idx:,}.")
        if tree.leaf(body) != leaf:
            raise Tampered(idx, "its bytes are not those that were hashed when it was entered.")
        envelope = _envelope(idx, body)
        _check_columns(idx, envelope, row[3:])
        _check_sequence(walk, idx, row)
        if b'"$private"' in body:
            _check_private(walk, idx, envelope, private.get(row[3], {}))
        leaves.append(leaf)
    walk.frontier, nodes = tree.append(walk.size, walk.frontier, leaves)
    walk.nodes |= {(level, index): hash for level, index, hash in nodes if level % TILE == 0}
    walk.size += len(leaves)


def _envelope(idx: int, body: bytes) -> dict[str, Any]:
    """Read the bytes that were judged when they entered, and whose hash was just found to be the same."""
    try:
        envelope: dict[str, Any] = _read(body.decode())
        envelope["time"] = clock.parse(envelope["time"])
    except (ValueError, TypeError, KeyError) as problem:
        raise Tampered(idx, f"its bytes are no event: {problem!r}.") from problem
    return envelope


def _check_columns(idx: int, envelope: Mapping[str, Any], kept: Row) -> None:
    said = (
        envelope.get("id"),
        envelope.get("source"),
        envelope.get("type"),
        envelope.get("subject"),
        envelope.get("sequence"),
        envelope.get("organisation"),
        envelope.get("actor"),
        envelope["time"],
    )
    if said != kept:
        name, column, bytes_say = next(found for found in zip(DERIVED, kept, said, strict=True) if found[1] != found[2])
        raise Tampered(idx, f"the column {name} says {column!r}, its bytes say {bytes_say!r}.")


def _check_sequence(walk: _Walk, idx: int, row: Row) -> None:
    """Hold an aggregate to its dense sequence, as far as the log itself has not declared that some are missing."""
    body, (source, type, subject, sequence) = row[1], row[4:8]
    key = source, subject
    due = walk.last.get(key, 0) + 1
    if sequence == due:
        walk.last[key] = sequence
    elif key not in walk.gaps or not walk.gaps[key].take(sequence):
        raise Tampered(idx, f"it is number {sequence} of {subject} from {source}, where number {due} was due.")
    if type == GAP_FOUND:
        for about, _, last in gaps_in(events.parse(body)):
            _declare(walk, about, last)


def _declare(walk: _Walk, about: Aggregate, last: int) -> None:
    key = about.source, about.subject
    gap = walk.gaps.setdefault(key, Standing())
    gap.last = walk.last.get(key, 0)
    gap.declare(last)
    walk.last[key] = gap.last


def _check_private(walk: _Walk, idx: int, envelope: Mapping[str, Any], kept: Mapping[str, Row]) -> None:
    """Hold the private values kept beside an entry against its commitments, and against what the log says is gone."""
    event_id, committed = envelope["id"], dict(commitments(envelope.get("data") or {}))
    for pointer, commitment in committed.items():
        if pointer not in kept:
            excuse = walk.excuses.of(event_id, envelope["actor"], envelope["subject"], pointer)
            if excuse is None:
                raise Tampered(idx, f"the private value at {pointer} is gone, and no entry of the log erases it.")
            walk.gone[excuse] += 1
            continue
        value, salt, person = kept[pointer]
        head = events.COMMITMENT_PREFIX + f"{event_id}\n{pointer}\n".encode()
        if commitment != "sha256:" + sha256(head + salt + value.encode()).hexdigest():
            raise Tampered(idx, f"the private value at {pointer} is not the one that its bytes commit to.")
        walk.private += 1
        if excuse := walk.excuses.forbids(event_id, pointer, person):
            walk.kept.append(Kept(idx, pointer, excuse))
    for pointer in kept.keys() - committed.keys():
        raise Tampered(idx, f"a private value is kept for {pointer}, where its bytes commit to none.")


def _excuses(connection: Connection) -> Excuses:
    """Return what the log says is gone; read from bytes that are verified with all others."""
    rows = connection.execute(
        "SELECT idx, body FROM entry WHERE type = ANY(%s) ORDER BY idx", [list(erasures.EXCUSING)]
    )
    return erasures.learnt((idx, bytes(body)) for idx, body in rows)


def _private(connection: Connection, event_ids: Sequence[str]) -> Mapping[str, Mapping[str, Row]]:
    """Return value, salt and person of the private values of events, by event and pointer."""
    found: dict[str, dict[str, Row]] = {}
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT event_id::text, pointer, value, salt, person FROM private WHERE event_id = ANY(%s::uuid[])",
        [f"{{{','.join(event_ids)}}}"],
    )
    for event_id, pointer, value, salt, person in cursor:
        found.setdefault(event_id, {})[pointer] = (value, salt, person)
    return found


def _check_end(connection: Connection, walk: _Walk, size: int, root: bytes) -> None:
    """Hold what is kept beside the entries against what they came to."""
    if walk.size != size:
        raise Tampered(min(walk.size, size), f"the head counts {size:,} entries, and there are {walk.size:,}.")
    if tree.root(walk.frontier) != root:
        raise Tampered(None, "The root of the tree over the entries is not the one in the head.")
    kept = {(level, index): bytes(hash) for level, index, hash in connection.execute("SELECT * FROM node")}
    for place in sorted({*kept, *walk.nodes}):
        if kept.get(place) != walk.nodes.get(place):
            raise Tampered(place[1] << place[0], f"the kept node at level {place[0]} is not the one over its entries.")
    for source, subject, sequence in connection.execute("SELECT source, subject, sequence FROM aggregate"):
        if walk.last.get((source, subject), 0) != sequence:
            raise Tampered(None, f"The last number noted for {subject} from {source} is {sequence}, which is not so.")
    if wrong := positions.what_is_wrong(connection):
        raise Tampered(None, wrong)
    orphans = """SELECT p.event_id FROM private p
                 WHERE NOT EXISTS (SELECT FROM entry e WHERE e.event_id = p.event_id) LIMIT 1"""
    for (event_id,) in connection.execute(orphans):
        raise Tampered(None, f"A private value is kept for {event_id}, which is no entry.")
