"""The rows of the log: the head that is its fence, the frontier of its tree, and appending entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from uuid import UUID

from services.audit.domain import Arrival
from services.audit.tlog import tree
from services.kernel.db import Transaction
from services.kernel.documents import canonical
from services.kernel.events import PrivateValue

TILE = 8  # levels between the nodes that are kept (migrations/0001_log.sql)


@dataclass(frozen=True, slots=True)
class Head:
    """The tree as it stands: its size, and the frontier its root comes from."""

    size: int
    frontier: tree.Frontier

    @property
    def root(self) -> bytes:
        """Return the Merkle tree hash over all entries."""
        return tree.root(self.frontier)


def fence(tx: Transaction) -> tuple[int, bytes]:
    """Lock the head for this transaction and return its size and root."""
    row = tx.one("SELECT size, root FROM head FOR UPDATE")
    assert row is not None
    return row["size"], bytes(row["root"])


def size(tx: Transaction) -> int:
    """Return the number of entries."""
    return int(tx.value("SELECT size FROM head"))


def standing(tx: Transaction) -> tuple[int, bytes]:
    """Return size and root of the head as it is committed, without locking it."""
    row = tx.one("SELECT size, root FROM head")
    assert row is not None
    return row["size"], bytes(row["root"])


def leaves(tx: Transaction, first: int, end: int) -> list[bytes]:
    """Return the leaf hashes of the entries from `first` up to `end`."""
    return [leaf for _, leaf in _between(tx, "''::bytea AS body, leaf", first, end)]


def rows(tx: Transaction, first: int, end: int) -> list[tuple[bytes, bytes]]:
    """Return bytes and leaf hash of the entries from `first` up to `end`."""
    return _between(tx, "body, leaf", first, end)


def frontier(tx: Transaction, size: int) -> tree.Frontier:
    """Return the frontier of the first `size` entries, from leaves and kept nodes: 255 rows a tile at most."""
    found: tree.Frontier = ()
    for level in range(0, size.bit_length(), TILE):
        end = size >> level
        first = end - end % 2**TILE
        table = "SELECT leaf AS hash FROM entry WHERE idx >= %(first)s AND idx < %(end)s ORDER BY idx"
        if level:
            table = """SELECT hash FROM node WHERE level = %(level)s AND index >= %(first)s AND index < %(end)s
                       ORDER BY index"""
        rows = tx.all(table, {"level": level, "first": first, "end": end})
        found = tree.append(0, (), (bytes(row["hash"]) for row in rows))[0] + found
    return found


def append(tx: Transaction, head: Head, arrivals: Sequence[Arrival], at: datetime) -> Head:
    """Make entries of events, at the end of the log, and return the new head."""
    frontier, nodes = tree.append(head.size, head.frontier, [arrival.leaf for arrival in arrivals])
    new = Head(head.size + len(arrivals), frontier)
    _copy_entries(tx, zip(count(head.size), arrivals, strict=False), at)
    keep_nodes(tx, nodes)
    _copy_private(tx, [(arrival.event.id, value) for arrival in arrivals for value in arrival.event.private])
    tx.execute("UPDATE head SET size = %(size)s, root = %(root)s", {"size": new.size, "root": new.root})
    return new


def _between(tx: Transaction, columns: str, first: int, end: int) -> list[tuple[bytes, bytes]]:
    statement = f"SELECT {columns} FROM entry WHERE idx >= %(first)s AND idx < %(end)s ORDER BY idx"
    found = tx.execute(statement, {"first": first, "end": end})
    return [(bytes(row["body"]), bytes(row["leaf"])) for row in found]


_COLUMNS = {
    "idx": "int8",
    "event_id": "uuid",
    "body": "bytea",
    "leaf": "bytea",
    "source": "text",
    "type": "text",
    "subject": "text",
    "sequence": "int8",
    "organisation": "text",
    "actor": "text",
    '"time"': "timestamptz",
    "position": "int8",
    "entered_at": "timestamptz",
}


def _copy_entries(tx: Transaction, numbered: Iterable[tuple[int, Arrival]], at: datetime) -> None:
    statement = f"COPY entry ({', '.join(_COLUMNS)}) FROM STDIN (FORMAT BINARY)"
    with tx.connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.set_types(list(_COLUMNS.values()))
        for idx, arrival in numbered:
            e = arrival.event
            row = (idx, UUID(e.id), e.body, arrival.leaf, e.source, e.type, e.subject, e.sequence, e.organisation)
            copy.write_row((*row, e.actor, e.time, arrival.position, at))


def keep_nodes(tx: Transaction, nodes: Iterable[tree.Node]) -> None:
    """Keep those of complete nodes that tiles are made of."""
    for level, index, hash in nodes:
        if level % TILE == 0:
            tx.execute(
                "INSERT INTO node (level, index, hash) VALUES (%(level)s, %(index)s, %(hash)s)",
                {"level": level, "index": index, "hash": hash},
            )


def _copy_private(tx: Transaction, values: Sequence[tuple[str, PrivateValue]]) -> None:
    if not values:
        return
    statement = b"COPY private (event_id, pointer, value, salt, person) FROM STDIN (FORMAT BINARY)"
    with tx.connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(["uuid", "text", "text", "bytea", "text"])
        for event_id, value in values:
            words = canonical(value.value).decode()
            copy.write_row((UUID(event_id), value.pointer, words, bytes.fromhex(value.salt), value.person))
