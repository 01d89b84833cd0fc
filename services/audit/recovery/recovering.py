"""The way back: the log's rows brought up to what was signed, byte for byte, from a copy that is not in the database.

All of it is one transaction under the log's fence: either the root of the copy's head is reached, or nothing was done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count

import psycopg
from psycopg.rows import dict_row

from services.audit import log
from services.audit.domain import Arrival, Message, aggregates
from services.audit.domain.readmission import readmit
from services.audit.erasing import erasures
from services.audit.log import Head
from services.audit.recording import standing
from services.audit.recording.entering import record
from services.audit.recovery.copies import Copy
from services.audit.recovery.lacking import Elsewhere, Lack, bring_back, lacking, waiting
from services.audit.tlog import proofs, tree
from services.audit.tlog.errors import LogError
from services.kernel import clock, config, events, outbox
from services.kernel.db import Connection, Transaction
from services.kernel.errors import Malformed, Refused
from services.kernel.events import Fact

CHUNK = 2_048  # entries at once: eight bundles
MOST_LOST = 100  # values that one event names; with the longest pointers they still fit into an entry

Progress = Callable[[int, int], None]


class NoWayBack(Refused):
    """The copy does not lead from what the database holds to what was signed. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery came to: sizes before and after, values brought back and lost, and how many erasures repeated.

    Where it is not `whole`, more was signed than the copy has: nothing was declared lost yet.
    """

    before: int
    after: int
    root: bytes
    values: int
    lost: int
    erasures: int
    whole: bool


def connect() -> Connection:
    """Connect as the audit service, without limits of time."""
    options = "-c search_path=audit,audit_own -c lock_timeout=30s"
    url = config.database_url("audit")
    return psycopg.connect(url, row_factory=dict_row, options=options, connect_timeout=5)


def recover(
    tx: Transaction, copy: Copy, signed: int, elsewhere: Elsewhere, progress: Progress = lambda *_: None
) -> Recovered:
    """Bring the log up to the head of a copy; raise NoWayBack where that cannot be done.

    `signed` is the largest size that anybody knows a signature of. Private values come from the copy, or from
    `elsewhere`; what neither has is named by an entry, once the copy has reached that size.
    """
    before = _begin(tx, copy)
    waited = waiting(tx)
    head = _bring_entries(tx, copy, before, {id: one.position for id, one in waited.items()}, progress)
    _lift_streams(tx)
    erased = erasures.apply(tx)
    missing = lacking(tx)
    values = bring_back(tx, missing, copy, waited, elsewhere)
    whole = head.size >= signed
    if whole and missing:
        head = _declare_lost(tx, head, missing)
    return Recovered(before.size, head.size, head.root, values, len(missing), erased, whole)


def _begin(tx: Transaction, copy: Copy) -> Head:
    """Lock the log, and make sure that the copy and the database are of one log, whichever goes further."""
    size, root = log.fence(tx)
    here = Head(size, log.frontier(tx, size))
    if here.root != root:
        raise NoWayBack(
            "The entries in the database do not make the root in its head: `countersign audit verify` says where. "
            "Begin with a database that is whole: an older dump, or an empty one after `countersign migrate`."
        )
    common = min(size, copy.head.size)
    try:
        agree = proofs.root(common, copy.nodes()) == tree.root(log.frontier(tx, common))
    except (LogError, OSError) as problem:
        raise NoWayBack(f"{copy.where} cannot be read: {problem}") from problem
    if not agree:
        raise NoWayBack(
            f"{copy.where} and the database part at {_parting(tx, copy, common)}. Either it is another log's copy, or "
            "something was recorded on top of the old state: then restore the dump once more, and recover before "
            "anything else is started. What was recorded meanwhile comes again from the outboxes."
        )
    return here


def _parting(tx: Transaction, copy: Copy, size: int) -> str:
    """Name the first entry that differs."""
    statement = "SELECT leaf FROM entry WHERE idx < %(size)s ORDER BY idx"
    leaves = (bytes(row["leaf"]) for row in tx.execute(statement, {"size": size}))
    for idx, leaf, entry in zip(count(), leaves, copy.entries(0, size), strict=False):
        if leaf != tree.leaf(entry):
            return f"entry {idx:,}"
    return "no entry, but in the hashes over them"


def _bring_entries(
    tx: Transaction, copy: Copy, head: Head, positions: Mapping[str, int | None], progress: Progress
) -> Head:
    """Append what the copy has beyond the head, with all that is derived from it, and hold it against its root."""
    for first in range(head.size, copy.head.size, CHUNK):
        end = min(first + CHUNK, copy.head.size)
        arrivals = [_arrival(idx, body, positions) for idx, body in enumerate(copy.entries(first, end), first)]
        if len(arrivals) != end - first:
            raise NoWayBack(f"{copy.where} ends before entry {end - 1:,}, which its head counts.")
        here = standing.read(tx, aggregates(arrivals))
        batch, at = readmit(arrivals, here), clock.now()
        head = log.append(tx, head, arrivals, at)
        standing.settle(tx, batch, here, at)
        progress(end, copy.head.size)
    if head.size == copy.head.size and head.root != copy.head.root:
        raise NoWayBack(f"The entries in {copy.where} do not make the root that was signed: they were changed.")
    return head


def _arrival(idx: int, body: bytes, positions: Mapping[str, int | None]) -> Arrival:
    try:
        event = events.parse(body)
    except Malformed as problem:
        raise NoWayBack(f"Entry {idx:,} of the copy is no event: {problem}.") from problem
    return Arrival(event, tree.leaf(body), positions.get(event.id))


def _lift_streams(tx: Transaction) -> None:
    """Have what this service says next follow what it has said by the log, not by the older dump."""
    tx.execute(
        """INSERT INTO audit_own.stream AS s (subject, sequence)
           SELECT subject, sequence FROM aggregate WHERE source = '/audit'
           ON CONFLICT (subject) DO UPDATE SET sequence = greatest(s.sequence, excluded.sequence)"""
    )


def _declare_lost(tx: Transaction, head: Head, missing: Mapping[tuple[str, str], Lack]) -> Head:
    """Enter which values are lost, in this very transaction: no verification shall find them missing unexcused."""
    places = [{"event": event, "pointer": pointer} for event, pointer in missing]
    subject = f"recovery:{head.size}"
    for first in range(0, len(places), MOST_LOST):
        data = {"values": places[first : first + MOST_LOST]}
        event = outbox.emit(tx, Fact("audit.values.lost.v1", subject, data))
        head = record(tx, [Message(event.body)], head).head
    return head
