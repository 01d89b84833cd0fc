"""`countersign audit fsck`: the kept nodes of the tree, a cache, made anew from the entries and compared."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psycopg

from services.audit.tlog import tree
from services.audit.tlog.tiles import HEIGHT, WIDTH
from services.audit.verification.tampered import Tampered
from services.kernel import config

CHUNK = 16 * WIDTH  # entries read at once

Connection = psycopg.Connection[tuple[Any, ...]]
Place = tuple[int, int]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A node that is not as the entries make it: `kept` is None where it is missing, `made` where it is too much."""

    level: int
    index: int
    kept: bytes | None
    made: bytes | None

    def __str__(self) -> str:
        first, last = self.index << self.level, (self.index + 1 << self.level) - 1
        what = (
            "is missing" if self.kept is None else "is too much" if self.made is None else "is not the hash over them"
        )
        return f"The node over entries {first:,} to {last:,} (level {self.level}, index {self.index:,}) {what}."


@dataclass(frozen=True, slots=True)
class Checked:
    """How many entries and nodes there are, and which nodes are wrong."""

    size: int
    nodes: int
    differences: Sequence[Difference]


def connect() -> Connection:
    """Connect as the administrator: no service may change a node."""
    return psycopg.connect(config.admin_database_url(), options="-c search_path=audit", connect_timeout=5)


def check(connection: Connection, progress: Progress, *, repair: bool = False) -> Checked:
    """Hash every entry anew and compare; where asked, write what the entries make in the place of what is wrong.

    Nothing is entered meanwhile where it repairs: the fence is held. Else it looks at one moment of a log in use. Raise
    Tampered where the entries themselves are not those of the head: then it is not the cache that is wrong.
    """
    if not repair:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    row = connection.execute(f"SELECT size, root FROM head{' FOR UPDATE' if repair else ''}".encode()).fetchone()
    if row is None:
        raise Tampered(None, "There is no head.")
    size, root = row[0], bytes(row[1])
    made = _made(connection, size, root, progress)
    kept = {
        (level, index): bytes(hash) for level, index, hash in connection.execute("SELECT level, index, hash FROM node")
    }
    wrong = [place for place in sorted({*made, *kept}) if made.get(place) != kept.get(place)]
    differences = [Difference(*place, kept.get(place), made.get(place)) for place in wrong]
    if repair:
        _write(connection, differences)
        connection.commit()
    return Checked(size, len(made), differences)


def _made(connection: Connection, size: int, root: bytes, progress: Progress) -> dict[Place, bytes]:
    """Return the nodes that the entries make."""
    made: dict[Place, bytes] = {}
    done = 0
    frontier: tree.Frontier = ()
    with connection.cursor("entries", binary=True) as cursor:
        cursor.itersize = CHUNK
        cursor.execute(b"SELECT body FROM entry WHERE idx < %s ORDER BY idx", [size])
        rows = iter(cursor)
        while leaves := [tree.leaf(row[0]) for row in islice(rows, CHUNK)]:
            frontier, nodes = tree.append(done, frontier, leaves)
            made |= {(level, index): hash for level, index, hash in nodes if level % HEIGHT == 0}
            done += len(leaves)
            progress(done, size)
    if (done, tree.root(frontier)) != (size, root):
        raise Tampered(
            None, "The entries are not those of the head: run `countersign audit verify`; no node is written."
        )
    return made


def _write(connection: Connection, differences: Sequence[Difference]) -> None:
    for one in differences:
        place = {"level": one.level, "index": one.index, "hash": one.made}
        connection.execute("DELETE FROM node WHERE level = %(level)s AND index = %(index)s", place)
        if one.made is not None:
            connection.execute("INSERT INTO node VALUES (%(level)s, %(index)s, %(hash)s)", place)
