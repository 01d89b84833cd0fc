"""Receipts: everyone who comments, answers or endorses can take the proof of that act home, once it is witnessed."""

from dataclasses import dataclass, replace

from psycopg.rows import DictRow

from services.audit.directory import following
from services.audit.directory.policy import Reader
from services.audit.signing import checkpoints
from services.audit.telling import timeline
from services.audit.vouching import proving
from services.kernel import clock
from services.kernel.db import Transaction
from services.kernel.errors import NotFound, NotYet
from services.kernel.language import say

ON_ITS_WAY = 600.0  # seconds; by then what is missing from the record was declared so (gaps.py)

WAITING, READY = "waiting", "ready"


@dataclass(frozen=True, slots=True)
class Receipt:
    """How far the proof of an act is: waiting to be entered and witnessed (`entry` is None before), or ready."""

    event: str
    state: str
    entry: int | None = None


def receipt(tx: Transaction, reader: Reader, event_id: str) -> Receipt:
    """Say how far the proof of an event is.

    For who acted, and whoever may read its entry. Raise NotFound for others, and where no such event will come any
    more: its id says when it was made, and an event is entered within seconds.
    """
    try:
        row = _row(tx, reader, event_id)
    except NotYet:
        return Receipt(event_id, WAITING)
    published = checkpoints.newest(tx)
    covered = published is not None and published.size > row["idx"]
    return Receipt(event_id, READY if covered else WAITING, row["idx"])


def receipt_file(tx: Transaction, reader: Reader, event_id: str) -> bytes:
    """Return the `.tlog-proof` of an event; raise NotFound as `receipt` does, NotYet while it waits."""
    row = _row(tx, reader, event_id)
    return proving.proof_file_of(tx, row, _as_actor(reader, row))


def _row(tx: Transaction, reader: Reader, event_id: str) -> DictRow:
    following.follow(tx)
    found = tx.one("SELECT idx, actor, subject FROM entry WHERE event_id = %(id)s", {"id": event_id})
    if found is None:
        if abs(clock.now().timestamp() - _made_at(event_id)) < ON_ITS_WAY:
            raise NotYet(
                say("This is not in the record yet. It takes a second or two: please ask again."), code="on-its-way"
            )
        raise NotFound(say("There is no such act in the record, or it is not open to you."))
    return timeline.row(tx, _as_actor(reader, found), found["idx"])


def _as_actor(reader: Reader, row: DictRow) -> Reader:
    """Let who acted read all of what they did, in the one consultation of their link too."""
    mine = row["actor"] == reader.person and reader.subject in (None, row["subject"])
    return replace(reader, everything=True) if mine else reader


def _made_at(event_id: str) -> float:
    """Return the moment in an id, in seconds since 1970 (UUIDv7 begins with 48 bits of milliseconds)."""
    return int(event_id.replace("-", "")[:12], 16) / 1000
