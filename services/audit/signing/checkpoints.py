"""What the log has promised: the checkpoints that we signed, and those that the witnesses' quorum has co-signed."""

from dataclasses import dataclass
from datetime import datetime

from services.audit.tlog.checkpoints import Checkpoint
from services.kernel.db import Transaction

_PUBLISHED = "SELECT size, root, p.note, p.at FROM published p JOIN checkpoint c USING (size)"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that we signed: `note` bears our signature, `at` is when we made it."""

    size: int
    root: bytes
    note: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that is public: `note` bears the cosignatures of a quorum, `at` is since when it has them."""

    size: int
    root: bytes
    note: bytes
    at: datetime


def newest(tx: Transaction) -> Published | None:
    """Return the largest published checkpoint, None where none was published yet."""
    return _published(tx, "ORDER BY size DESC LIMIT 1")


def covering(tx: Transaction, idx: int) -> Published | None:
    """Return the smallest published checkpoint whose tree holds the entry, None where it waits for the witnesses."""
    return _published(tx, "WHERE size > %(idx)s ORDER BY size LIMIT 1", idx=idx)


def as_of(tx: Transaction, moment: datetime) -> Published | None:
    """Return the largest checkpoint that was published at that moment, None where none was yet."""
    return _published(tx, "WHERE p.at <= %(moment)s ORDER BY size DESC LIMIT 1", moment=moment)


def page(tx: Transaction, below: int | None, most: int) -> list[Published]:
    """Return published checkpoints from the largest on, those smaller than `below` where that is said."""
    where = "" if below is None else "WHERE size < %(below)s"
    rows = tx.all(f"{_PUBLISHED} {where} ORDER BY size DESC LIMIT %(most)s", {"below": below, "most": most})
    return [Published(row["size"], bytes(row["root"]), bytes(row["note"]), row["at"]) for row in rows]


def newest_signed(tx: Transaction) -> Signed | None:
    """Return the largest checkpoint that we signed, published or not."""
    row = tx.one("SELECT size, root, note, at FROM checkpoint ORDER BY size DESC LIMIT 1")
    return Signed(row["size"], bytes(row["root"]), bytes(row["note"]), row["at"]) if row else None


def add_signed(tx: Transaction, checkpoint: Checkpoint, note: bytes, at: datetime) -> None:
    """Keep a checkpoint that we signed; one of the same size is there once only."""
    tx.execute(
        "INSERT INTO checkpoint (size, root, note, at) VALUES (%(size)s, %(root)s, %(note)s, %(at)s)",
        {"size": checkpoint.size, "root": checkpoint.root, "note": note, "at": at},
    )


def add_published(tx: Transaction, size: int, note: bytes, at: datetime) -> None:
    """Keep that a checkpoint of ours has its quorum; the note with which it got it first is the one that is kept."""
    tx.execute(
        "INSERT INTO published (size, note, at) VALUES (%(size)s, %(note)s, %(at)s) ON CONFLICT DO NOTHING",
        {"size": size, "note": note, "at": at},
    )


def _published(tx: Transaction, which: str, **asked: object) -> Published | None:
    row = tx.one(f"{_PUBLISHED} {which}", asked)
    return Published(row["size"], bytes(row["root"]), bytes(row["note"]), row["at"]) if row else None
