"""What is handed out so that nobody needs to take our word: heads, proofs and receipts; one function each."""

from dataclasses import dataclass

from services.audit import log
from services.audit.directory import following
from services.audit.signing import checkpoints
from services.audit.signing.checkpoints import Published
from services.audit.telling import timeline
from services.audit.vouching import proving, receipts
from services.audit.vouching.proving import Consistency, Inclusion
from services.audit.vouching.receipts import Receipt
from services.kernel import db
from services.kernel.events import Actor


@dataclass(frozen=True, slots=True)
class Heads:
    """The record as it is now, and the newest of what was published of it; None where nothing was yet."""

    size: int
    root: bytes
    published: Published | None


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry is in a tree, and the checkpoint of that tree; None where it was asked for by its size."""

    inclusion: Inclusion
    published: Published | None


def heads() -> Heads:
    """Return the head and the newest published checkpoint; everybody may know them."""
    with db.of("audit").transaction(read_only=True) as tx:
        row = tx.one("SELECT size, root FROM head") or {}
        return Heads(row["size"], bytes(row["root"]), checkpoints.newest(tx))


def published(below: int | None, most: int) -> list[Published]:
    """Return published checkpoints from the largest on, those smaller than `below` where that is said."""
    with db.of("audit").transaction(read_only=True) as tx:
        return checkpoints.page(tx, below, most)


def proof(actor: Actor | None, idx: int, size: int | None) -> Proof:
    """Prove an entry in the tree of a size, by default that of the newest published checkpoint.

    Raise NotFound where the entry is not there or not for this reader, Invalid where the size does not fit, NotYet
    where nothing published covers it.
    """
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        timeline.row(tx, timeline.reader_of(tx, actor), idx)
        found = None if size else proving.witnessed(tx, idx)
        return Proof(proving.included(tx, idx, found.size if found else size or 0), found)


def proof_file(actor: Actor | None, idx: int) -> bytes:
    """Return the `.tlog-proof` of an entry, with as much of it as this reader may know."""
    with db.of("audit").transaction() as tx:
        following.follow(tx)
        return proving.proof_file(tx, idx, timeline.reader_of(tx, actor))


def consistency(old: int, new: int | None) -> Consistency:
    """Prove that the tree of one size continues that of another, by default that of the whole record."""
    with db.of("audit").transaction(read_only=True) as tx:
        return proving.consistent(tx, old, log.size(tx) if new is None else new)


def receipt(actor: Actor | None, event_id: str) -> Receipt:
    """Say how far the proof of an act is."""
    with db.of("audit").transaction() as tx:
        return receipts.receipt(tx, timeline.reader_of(tx, actor), event_id)


def receipt_file(actor: Actor | None, event_id: str) -> bytes:
    """Return the `.tlog-proof` of an act."""
    with db.of("audit").transaction() as tx:
        return receipts.receipt_file(tx, timeline.reader_of(tx, actor), event_id)
