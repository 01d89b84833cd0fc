"""What a witness knows, in one SQLite file: the newest checkpoint of each log, and evidence.

Each request has a transaction of its own, and one writes at a time, whichever process it is in: checking what is newest
and replacing it is one act (tlog-witness: "must be performed atomically").
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 5.0  # seconds to wait for another writer
LARGEST_EVIDENCE = 1000  # checkpoints kept against one log: whoever can sign for it must not fill our disk

# With a write-ahead log, FULL means that COMMIT returns when what was written is on the disk.
_SETTINGS = ("PRAGMA synchronous = FULL",)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS name (name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS log (vkey TEXT PRIMARY KEY, origin TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS latest (
    origin TEXT PRIMARY KEY,
    size   INTEGER NOT NULL,
    root   BLOB NOT NULL,
    note   BLOB NOT NULL,
    at     INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS evidence (
    origin TEXT NOT NULL,
    size   INTEGER NOT NULL,
    root   BLOB NOT NULL,
    kind   TEXT NOT NULL,
    note   BLOB NOT NULL,
    beside BLOB NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (origin, size, root, kind)
);
"""


class Unwritable(Exception):
    """The file cannot be read or written just now; nothing may be co-signed."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest checkpoint of a log that was co-signed: size, root, the note as it came, and when (Unix time)."""

    size: int
    root: bytes
    note: bytes
    at: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A checkpoint that its log did sign and that does not fit what the witness had seen before, which is `beside`.

    Of kind "fork" the two prove that the log has shown two faces: one size, two roots. Of kind "unproven" the proof
    that came with it did not lead from one to the other, which can also be the mistake of whoever sent it.
    """

    origin: str
    size: int
    root: bytes
    kind: str
    note: bytes
    beside: bytes
    at: int


@contextmanager
def opened(path: Path, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a transaction on the file; raise Unwritable where that cannot be done.

    A transaction that writes begins as the only one: what it reads is not changed under it by another.
    """
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            for setting in _SETTINGS:
                connection.execute(setting)
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
    except sqlite3.Error as problem:
        raise Unwritable(f"The witness cannot use its file {path.name}: {problem}.") from problem


def make(path: Path) -> None:
    """Make the tables where they are missing."""
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)
    except sqlite3.Error as problem:
        raise Unwritable(f"The witness cannot make its file {path}: {problem}.") from problem


def set_name(tx: sqlite3.Connection, name: str) -> None:
    """Note the witness's own name, which its key signs under."""
    tx.execute("DELETE FROM name")
    tx.execute("INSERT INTO name (name) VALUES (?)", (name,))


def name(tx: sqlite3.Connection) -> str:
    """Return the witness's own name."""
    row = tx.execute("SELECT name FROM name").fetchone()
    if row is None:
        raise sqlite3.DatabaseError("it holds no name")
    return str(row[0])


def add_log(tx: sqlite3.Connection, origin: str, vkey: str) -> None:
    """Have a log witnessed; a second key of the same origin is trusted beside the first."""
    tx.execute("INSERT OR IGNORE INTO log (vkey, origin) VALUES (?, ?)", (vkey, origin))


def logs(tx: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return origin and key of every log that is witnessed."""
    return list(tx.execute("SELECT origin, vkey FROM log ORDER BY origin, rowid"))


def keys(tx: sqlite3.Connection, origin: str) -> list[str]:
    """Return the keys that are trusted for an origin."""
    return [vkey for (vkey,) in tx.execute("SELECT vkey FROM log WHERE origin = ? ORDER BY rowid", (origin,))]


def latest(tx: sqlite3.Connection, origin: str) -> Latest | None:
    """Return the newest checkpoint of an origin that was co-signed, or None where there is none."""
    row = tx.execute("SELECT size, root, note, at FROM latest WHERE origin = ?", (origin,)).fetchone()
    return Latest(*row) if row else None


def has_seen(tx: sqlite3.Connection) -> bool:
    """Say whether any checkpoint was ever co-signed."""
    return tx.execute("SELECT 1 FROM latest LIMIT 1").fetchone() is not None


def replace(tx: sqlite3.Connection, origin: str, seen: Latest) -> None:
    """Note the newest checkpoint of an origin."""
    tx.execute(
        "INSERT OR REPLACE INTO latest (origin, size, root, note, at) VALUES (?, ?, ?, ?, ?)",
        (origin, seen.size, seen.root, seen.note, seen.at),
    )


def keep(tx: sqlite3.Connection, found: Evidence) -> None:
    """Keep a checkpoint that speaks against its log, once; of each log a thousand at most."""
    tx.execute(
        """INSERT OR IGNORE INTO evidence (origin, size, root, kind, note, beside, at)
           SELECT ?, ?, ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM evidence WHERE origin = ? AND kind = ?) < ?""",
        (
            *(found.origin, found.size, found.root, found.kind, found.note, found.beside, found.at),
            *(found.origin, found.kind, LARGEST_EVIDENCE),
        ),
    )


def count_against(tx: sqlite3.Connection, origin: str) -> int:
    """Return how many checkpoints speak against a log."""
    found: int = tx.execute("SELECT count(*) FROM evidence WHERE origin = ?", (origin,)).fetchone()[0]
    return found


def evidence(tx: sqlite3.Connection) -> list[Evidence]:
    """Return everything that speaks against a log, the oldest first."""
    rows = tx.execute("SELECT origin, size, root, kind, note, beside, at FROM evidence ORDER BY at, rowid")
    return [Evidence(*row) for row in rows]
