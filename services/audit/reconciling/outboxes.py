"""The first leg, from the outboxes to the log: has every event that was sent become an entry?

Positions are dense per producer, and the log knows which have come. So where nothing is missing one number is asked
for, however long the log is; and where something is, the producer is asked for just those positions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.audit import log
from services.audit.domain import spans
from services.audit.domain.spans import Span
from services.audit.reconciling.findings import BUSY, MOST, Ask, Finding, State
from services.audit.recording import positions
from services.audit.recording.entering import HANDLER
from services.kernel import clock, db, direct, sent, topology
from services.kernel.errors import Unavailable

SPANS = 500  # holes asked for at once
QUEUE = topology.recorder_queue().name

Listed = Sequence[tuple[int, str, str, bool]]
"""What stands at positions, as `sent.listed` tells it."""


def look(ask: Ask, service: str, seconds: float) -> Finding:
    """Look whether the log lacks anything that a service sent at least so many seconds ago, and have it sent again."""
    try:
        return _look(ask, service, seconds)
    except Unavailable as problem:
        return Finding("outbox", service, state="away", said=str(problem))


def _look(ask: Ask, service: str, seconds: float) -> Finding:
    said = ask(service, "what_was_sent", seconds)
    with db.of("audit").transaction(read_only=True) as tx:
        last = positions.last(tx, f"/{service}")
        holes = positions.open_holes(tx, f"/{service}", clock.now() - timedelta(seconds=seconds))
    if said["stamped"] < last:
        what = f"The log has it up to position {last:,}, its outbox only to {said['stamped']:,}: was it set back?"
        return Finding("outbox", service, state="lacking", said=what)
    due = [span for span, is_due in holes if is_due] + ([(last + 1, said["last"])] if said["last"] > last else [])
    asked_before = spans.count(span for span, is_due in holes if not is_due)
    if due and (waiting := direct.depth(QUEUE)) > BUSY:
        what = f"{waiting:,} messages wait for the recorder; what is missing is told when they are entered."
        return Finding("outbox", service, state="behind", said=what)
    return _told(service, said, _mend(ask, service, due, seconds), asked_before)


@dataclass(slots=True)
class _Done:
    """What became of the positions that were missing."""

    sent_again: int = 0
    gone: int = 0  # the outbox has them no more
    left: int = 0  # for the next look


def _mend(ask: Ask, service: str, due: Sequence[Span], seconds: float) -> _Done:
    done, left = _Done(), list(due)
    while left and done.sent_again < MOST:
        asked = left[:SPANS]
        listed = ask(service, "what_stands_at", asked, seconds)
        # a full answer ends at its last position; any other is about all that was asked
        end = listed[-1][0] if len(listed) >= sent.MOST else asked[-1][1]
        done.gone += spans.count(spans.within(asked, 0, end)) - len(listed)
        known = _take_known(service, listed)
        if again := [id for _, id, _, settled in listed if settled and id not in known]:
            done.sent_again += ask(service, "send_again", again, QUEUE)
            _note_asked(service, spans.within(asked, 0, end))
        left = spans.within(left, end + 1, left[-1][1])
    done.left = spans.count(left)
    return done


def _take_known(service: str, listed: Listed) -> set[str]:
    """Return those that are entries, wait, or are parked although their positions are not noted; note these now.

    So it is where the log was brought back from its copies, which hold the bytes and no positions.
    """
    asked = {"ids": [one[1] for one in listed], "digests": [one[2] for one in listed], "handler": HANDLER}
    found: set[str] = set()
    with db.of("audit").transaction() as tx:
        for how, statement in _KNOWN.items():
            known = {row["id"] for row in tx.all(statement, asked)} - found
            if known:
                log.fence(tx)
                numbers = [position for position, id, _, _ in listed if id in known]
                positions.settle(tx, f"/{service}", numbers, how, clock.now())
            found |= known
    return found


# The bytes must be the same: another message that only claims the id of a lost event must not take its place.
_ASKED = "FROM unnest(%(ids)s::uuid[], %(digests)s::text[]) AS asked (event_id, digest)"
_SAME = "USING (event_id) WHERE encode(sha256(body), 'hex') = digest"
_KNOWN = {
    "entered": f"""SELECT event_id::text AS id {_ASKED} JOIN entry {_SAME}
                   UNION SELECT event_id::text {_ASKED} JOIN audit_own.early {_SAME}""",
    "parked": f"""SELECT event_id::text AS id {_ASKED} JOIN audit_own.parked {_SAME} AND handler = %(handler)s
                  UNION SELECT event_id::text {_ASKED} JOIN audit_own.waiting {_SAME} AND handler = %(handler)s
                  UNION SELECT event_id::text {_ASKED} JOIN audit_own.discarded USING (event_id)
                  WHERE handler = %(handler)s""",
}


def _note_asked(service: str, asked: Sequence[Span]) -> None:
    with db.of("audit").transaction() as tx:
        positions.note_asked(tx, f"/{service}", asked, clock.now())


def _told(service: str, said: dict[str, int], done: _Done, asked_before: int) -> Finding:
    missing = done.sent_again + done.gone + done.left + asked_before
    parts = [
        (done.sent_again, "sent again to the recorder"),
        (asked_before, "sent again less than a minute ago"),
        (done.left, "left for the next look"),
        (done.gone, "in its outbox no more: they cannot be sent again"),
        (said["unsent"], "waiting for its relay"),
    ]
    what = "; ".join(f"{count:,} {words}" for count, words in parts if count)
    if not missing:
        whole = f"All it sent up to position {said['last']:,} is in the log"
        return Finding("outbox", service, said=f"{whole}; {what}." if what else f"{whole}.")
    state: State = "lacking" if done.gone or not done.sent_again else "sent again"
    return Finding("outbox", service, "", state, missing, done.sent_again, f"Missing in the log: {what}.")
