"""Verification of the whole log: everything the database says of the entries is derived anew from their bytes.

It is held against what was promised, too: every checkpoint ever signed, and the second copy in the log folder.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg

from services.audit.erasing import erasures
from services.audit.erasing.erasures import Excuse, Excuses
from services.audit.recording import positions
from services.audit.signing import log_folder
from services.audit.tlog import tree
from services.audit.verification.entries import Kept, Walk
from services.audit.verification.predecessors import predecessors
from services.audit.verification.promises import Promises
from services.audit.verification.reading import Connection, chunks
from services.audit.verification.second_copy import SecondCopy
from services.audit.verification.tampered import Tampered
from services.kernel import config

__all__ = ["Kept", "Tampered", "Verified", "connect", "verify"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """A log that is what it says: its size and root, and how many private values stand beside it.

    `gone` counts the values that are not there, by the entry that explains it; `kept` are those that should not be.
    `signed` and `published` count the checkpoints; `earlier` of those published are from before the policy in force.
    `copied` is how many entries the log folder has, None where there is no log folder here; `before` tells of the logs
    that this one took the place of.
    """

    size: int
    root: bytes
    private: int
    gone: Mapping[Excuse, int] = field(default_factory=dict)
    kept: Sequence[Kept] = ()
    signed: int = 0
    published: int = 0
    earlier: int = 0
    copied: int | None = None
    before: Sequence[str] = ()


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
    copy = SecondCopy(log_folder.of_settings())
    size, root = _head(connection)
    copy.expect(size)
    promises, walk, before = Promises(connection), Walk(_excuses(connection)), predecessors(connection)
    copied_root = tree.EMPTY_ROOT
    for chunk in chunks(connection):
        leaves = walk.check(chunk)
        copy.hold(walk.size, chunk.rows, leaves)
        promises.hold(walk.size, walk.frontier, leaves)
        for log in before:
            log.hold(walk.size, leaves)
        if walk.size < copy.size <= walk.size + len(leaves):
            copied_root = tree.root(tree.append(walk.size, walk.frontier, leaves[: copy.size - walk.size])[0])
        walk.take(leaves)
        progress(walk.size, size)
    _check_end(connection, walk, size, root)
    promises.end(connection)
    copy.end(walk.size, walk.nodes, copied_root, promises.origin)
    return Verified(
        size,
        root,
        walk.private,
        walk.gone,
        walk.kept,
        promises.signed,
        promises.published,
        promises.earlier,
        copy.size if copy.head else None,
        [log.end() for log in before],
    )


def _head(connection: Connection) -> tuple[int, bytes]:
    heads = connection.execute("SELECT size, root FROM head").fetchall()
    if len(heads) != 1:
        raise Tampered(None, f"There are {len(heads)} heads instead of one.")
    return heads[0][0], bytes(heads[0][1])


def _excuses(connection: Connection) -> Excuses:
    """Return what the log says is gone; read from bytes that are verified with all others."""
    rows = connection.execute(
        "SELECT idx, body FROM entry WHERE type = ANY(%s) ORDER BY idx", [list(erasures.EXCUSING)]
    )
    return erasures.learnt((idx, bytes(body)) for idx, body in rows)


def _check_end(connection: Connection, walk: Walk, size: int, root: bytes) -> None:
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
