"""Succession: a log that cannot go on ends, and another takes its place whose first entry names where it ended and why.

The entries that are left follow that first one, byte for byte and in their order: the pages lose nothing that can still
be read, and whoever has an old checkpoint can hold them against it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.audit import log
from services.audit.directory import following
from services.audit.domain import Admission, Arrival, aggregates
from services.audit.log import Head
from services.audit.recording import standing
from services.audit.recovery.endings import Ended
from services.audit.signing.log_folder import LogFolder
from services.audit.tlog import tree
from services.kernel import clock, outbox
from services.kernel.db import Transaction
from services.kernel.errors import Refused
from services.kernel.events import Fact

CHUNK = 5_000  # leaves at once
SUCCEEDED = "audit.log.succeeded.v1"
MOVED = ("head", "alarms", "public", "private")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The new log: how many entries it took over, and its head."""

    carried: int
    head: Head


def successor_of(origin: str) -> str:
    """Return the origin of the next log: `.../log` is followed by `.../log/2`, that by `.../log/3`."""
    numbered = re.fullmatch(r"(.+)/([1-9]\d{0,8})", origin)
    return f"{numbered[1]}/{int(numbered[2]) + 1}" if numbered else f"{origin}/2"


def succeed(
    tx: Transaction, folder: LogFolder, ended: Ended, successor: str, ground: str, progress: Progress = lambda *_: None
) -> Succeeded:
    """Open the log that takes the place of the ended one; the transaction is the administrator's, for entries move.

    Raise Refused where a signer is at work, or the entries are not those of the checkpoint that is named.
    """
    _check_that_nobody_signs(tx)
    carried, _ = log.fence(tx)
    before = ended.checkpoint
    if before.size <= carried and tree.root(log.frontier(tx, before.size)) != before.root:
        raise Refused(
            f"The first {before.size:,} entries of the database are not those that were signed; no log is opened with "
            "entries that were changed. `countersign audit verify` says which; begin with a database that is whole: an "
            "older dump, or an empty one that is recovered from a bundle."
        )
    _put_away_checkpoints(tx, before.origin)
    _move_entries_up(tx)
    head = _enter_first(tx, _fact(ended, successor, ground, carried))
    head = _take_over(tx, head, progress, carried)
    following.begin_anew(tx)
    _put_away_files(folder, before.origin)
    return Succeeded(carried, head)


def _check_that_nobody_signs(tx: Transaction) -> None:
    if tx.value("SELECT holder FROM audit_own.lease WHERE name = 'signer' AND until > clock_timestamp()"):
        raise Refused("A signer is at work, and would sign for the old log: stop the platform, `countersign down`.")


def _fact(ended: Ended, successor: str, ground: str, carried: int) -> Fact:
    before = ended.checkpoint
    data = {
        "successor": successor,
        "origin": before.origin,
        "size": before.size,
        "root": before.root.hex(),
        "carried": carried,
        "ground": ground,
    }
    if ended.note is not None:
        data["checkpoint"] = ended.note.decode()
    return Fact(SUCCEEDED, f"log:{successor}", data)


def _put_away_checkpoints(tx: Transaction, origin: str) -> None:
    tx.execute(
        """INSERT INTO former_checkpoint (origin, size, root, note, published, at)
           SELECT %(origin)s, c.size, c.root, c.note, p.note, c.at
           FROM checkpoint c LEFT JOIN published p USING (size)""",
        {"origin": origin},
    )
    for table in ("published", "checkpoint"):
        tx.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        tx.execute(f"DELETE FROM {table}")
        tx.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")


def _move_entries_up(tx: Transaction) -> None:
    """Make room for the first entry. In two steps: no two entries may have one number in between."""
    tx.execute("ALTER TABLE entry DISABLE TRIGGER append_only")
    tx.execute("UPDATE entry SET idx = -1 - idx")
    tx.execute("UPDATE entry SET idx = -idx")
    tx.execute("ALTER TABLE entry ENABLE TRIGGER append_only")


def _enter_first(tx: Transaction, fact: Fact) -> Head:
    event = outbox.emit(tx, fact)
    arrival, at = Arrival(event, tree.leaf(event.body)), clock.now()
    tx.execute("DELETE FROM node")
    head = log.append(tx, Head(0, ()), [arrival], at)
    here = standing.read(tx, aggregates([arrival]))
    for one in here.values():
        one.last = event.sequence
    standing.settle(tx, Admission(entries=[arrival]), here, at)
    return head


def _take_over(tx: Transaction, head: Head, progress: Progress, carried: int) -> Head:
    """Build the tree over the entries that follow the first."""
    for leaves in _leaves(tx, carried):
        frontier, nodes = tree.append(head.size, head.frontier, leaves)
        head = Head(head.size + len(leaves), frontier)
        log.keep_nodes(tx, nodes)
        progress(head.size - 1, carried)
    tx.execute("UPDATE head SET size = %(size)s, root = %(root)s", {"size": head.size, "root": head.root})
    return head


def _leaves(tx: Transaction, carried: int) -> Iterator[list[bytes]]:
    for first in range(1, carried + 1, CHUNK):
        yield log.leaves(tx, first, min(first + CHUNK, carried + 1))


def _put_away_files(folder: LogFolder, origin: str) -> None:
    """Move what the folder holds of the old log into a folder within: it stays the second copy of that log."""
    if not folder.path.exists():
        return
    with folder.alone():
        former = folder.path / "former" / origin.replace("/", "_")
        former.mkdir(parents=True, exist_ok=True)
        for name in MOVED:
            if (folder.path / name).exists():
                (folder.path / name).rename(former / name)


def former_folder(folder: LogFolder, origin: str) -> Path:
    """Return where the second copy of a log is that was put away."""
    return folder.path / "former" / origin.replace("/", "_")
