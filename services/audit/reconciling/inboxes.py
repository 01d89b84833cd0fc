"""The second leg, from the log to the inboxes: has every handler seen each entry that it hears?

How far a handler was found to have everything is marked in its own service, beside its inbox; so only the entries since
then are asked for. What it lacks is sent again from the log, which remembers what outboxes have forgotten; private
values that were erased do not come along.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.audit.reconciling.findings import BUSY, MOST, Ask, Finding, keep_only
from services.kernel import clock, db, direct
from services.kernel.db import Transaction
from services.kernel.direct import Sending
from services.kernel.errors import Unavailable

PAGE = 500  # entries a handler is asked for at once
LONGEST = 20.0  # seconds for one handler at one look


@dataclass(frozen=True, slots=True)
class _Handler:
    """A handler, as its service tells of it."""

    service: str
    handler: str
    queue: str
    keys: Sequence[str]
    through: str | None


def look(ask: Ask, service: str, seconds: float) -> Iterator[Finding]:
    """Look at each handler of a service for entries older than so many seconds that it lacks, and send these again."""
    try:
        heard = [_Handler(service, **told) for told in ask(service, "what_is_heard")]
    except Unavailable as problem:
        yield Finding("inbox", service, state="away", said=str(problem))
        return
    with db.of("audit").transaction() as tx:
        keep_only(tx, service, [one.handler for one in heard])
    for one in heard:
        try:
            yield _look(ask, one, seconds)
        except Unavailable as problem:
            yield Finding("inbox", service, one.handler, state="away", said=str(problem))


def _look(ask: Ask, one: _Handler, seconds: float) -> Finding:
    if (waiting := direct.depth(one.queue)) > BUSY:
        said = f"{waiting:,} messages wait in its queue; what is missing is told when they are handled."
        return Finding("inbox", one.service, one.handler, state="behind", said=said)
    with db.of("audit").transaction(read_only=True) as tx:
        at, end = _begin(tx, one.through), _end(tx, seconds)
    sent, until = 0, time.monotonic() + LONGEST
    while at < end and sent < MOST and time.monotonic() < until:
        with db.of("audit").transaction(read_only=True) as tx:
            told, at = _page(tx, one.keys, at, end)
            mark = None if sent else _mark(tx, at)
        if lacking := ask(one.service, "what_is_unseen", one.handler, told, mark):
            with db.of("audit").transaction(read_only=True) as tx:
                again = _sendings(tx, lacking)
            direct.send(one.queue, again)
            sent += len(again)
    return _told(one, sent, at, end)


def _told(one: _Handler, sent: int, at: int, end: int) -> Finding:
    left = f" The entries from {at:,} on are looked at next time." if at < end else ""
    if not sent:
        return Finding("inbox", one.service, one.handler, said=f"It has seen the first {at:,} entries.{left}")
    said = f"{sent:,} entries were not seen and are sent again.{left}"
    return Finding("inbox", one.service, one.handler, "sent again", sent, sent, said)


def _begin(tx: Transaction, mark: str | None) -> int:
    """Return how many entries need no look: those up to the mark, where it is one of this very log."""
    if mark is None:
        return 0
    size = int(mark.partition(" ")[0])
    return size if _mark(tx, size) == mark else 0


def _mark(tx: Transaction, size: int) -> str | None:
    """Return the mark of so many entries: their number, and the leaf hash of the last of them."""
    leaf = tx.value("SELECT leaf FROM entry WHERE idx = %(last)s", {"last": size - 1})
    return None if leaf is None else f"{size} {bytes(leaf).hex()}"


def _end(tx: Transaction, seconds: float) -> int:
    """Return how many entries are older than so many seconds."""
    before = clock.now() - timedelta(seconds=seconds)
    found = tx.value(
        "SELECT idx + 1 FROM entry WHERE entered_at <= %(before)s ORDER BY idx DESC LIMIT 1", {"before": before}
    )
    return int(found or 0)


def _page(tx: Transaction, keys: Sequence[str], at: int, end: int) -> tuple[list[tuple[Any, ...]], int]:
    """Return the next entries that match a queue's keys, as a handler is asked for them, and how far they reach."""
    rows = tx.all(
        f"""SELECT idx, event_id::text AS id, source, subject, sequence FROM entry
            WHERE idx >= %(at)s AND idx < %(end)s AND (type = ANY(%(types)s) OR source = ANY(%(sources)s))
            ORDER BY idx LIMIT {PAGE}""",
        {
            "at": at,
            "end": end,
            "types": [key for key in keys if not key.endswith(".#")],
            "sources": [f"/{key.removesuffix('.#')}" for key in keys if key.endswith(".#")],
        },
    )
    told = [(row["id"], row["source"], row["subject"], row["sequence"]) for row in rows]
    return told, rows[-1]["idx"] + 1 if len(rows) == PAGE else end


def _sendings(tx: Transaction, ids: Sequence[str]) -> list[Sending]:
    """Return entries as they are sent, in the order of the log, with the private values that are still kept."""
    rows = tx.all(
        """SELECT event_id::text AS id, body, position, coalesce((
               SELECT json_agg(json_build_object('pointer', pointer, 'value', value::json,
                                                 'salt', encode(salt, 'hex'), 'person', person))
               FROM private p WHERE p.event_id = e.event_id), '[]')::text AS private
           FROM entry e WHERE event_id = ANY(%(ids)s::uuid[]) ORDER BY idx""",
        {"ids": f"{{{','.join(ids)}}}"},
    )
    return [Sending(row["id"], bytes(row["body"]), row["private"], row["position"]) for row in rows]
