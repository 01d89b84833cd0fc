"""Recording one batch of messages, in one transaction: all of it becomes part of the log, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.audit import log
from services.audit.domain import Aggregate, Arrival, Message, admit, aggregates, judge
from services.audit.domain.order import GAP_CLOSED
from services.audit.erasing import erasures
from services.audit.log import Head
from services.audit.recording import positions, standing
from services.audit.signing import log_folder
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.kernel import clock, events, outbox, parking, telemetry
from services.kernel.db import Transaction
from services.kernel.errors import Malformed
from services.kernel.events import Event, Fact

HANDLER = "recorder"  # its name in the parking lot, as of the queue

say = telemetry.get_logger("countersign.recorder")


class Fenced(Exception):
    """Somebody else has written the log since this process did: it must stop and begin anew from what is there."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch came to: the head after it, and the events that became its last entries, in order."""

    head: Head
    entries: Sequence[Arrival]


def record(tx: Transaction, messages: Sequence[Message], head: Head | None = None) -> Recorded:
    """Record messages in the order they came; those known already are passed over.

    `head` is what this process wrote last, None where it has not written yet; raise Fenced where the log is another.
    """
    at = clock.now()
    arrivals, unreadable = _read(messages)
    head = _fence(tx, head)
    arrivals = erasures.spared(tx, arrivals)
    for message, reason in unreadable:
        say.error("A message that is no event was parked", reason=reason, bytes=len(message.body))
        parking.park(tx, HANDLER, message.body, message.headers, reason, _legible(message))
    here = standing.read(tx, aggregates(arrivals))
    batch = admit(arrivals, standing.known(tx, [arrival.event.id for arrival in arrivals]), here)
    for arrival in batch.conflicts:
        _park_conflict(tx, arrival)
    for about, first, last in batch.closed:
        _tell_of_closed_gap(tx, about, first, last)
    if batch.entries:
        head = log.append(tx, head, batch.entries, at)
    standing.settle(tx, batch, here, at)
    erasures.enter(tx, batch.entries)
    positions.note(tx, arrivals, batch, at)
    return Recorded(head, batch.entries)


def must_not_be_older(tx: Transaction) -> None:
    """Raise Fenced where the log has fewer entries than were signed, or others: the database was brought back."""
    signed = _signed()  # first: the log may grow meanwhile, and be signed
    _hold_against(signed, *log.standing(tx))


def trace(recorded: Recorded) -> None:
    """Make a span of each new entry, in the trace of the act it came from; where nobody takes spans, do nothing."""
    if telemetry.is_exporting():
        for idx, arrival in enumerate(recorded.entries, recorded.head.size - len(recorded.entries)):
            event = arrival.event
            with telemetry.span("record", event.traceparent, telemetry.CONSUMER, event__type=event.type, entry=idx):
                pass


def age(message: Message, now: datetime) -> float:
    """Return how many seconds ago a message's event was said; 0 where it is none and will be parked."""
    try:
        return max(0.0, (now - judge(message).event.time).total_seconds())
    except Malformed:
        return 0.0


def _read(messages: Sequence[Message]) -> tuple[list[Arrival], list[tuple[Message, str]]]:
    arrivals, unreadable = [], []
    for message in messages:
        try:
            arrivals.append(judge(message))
        except Malformed as problem:
            unreadable.append((message, str(problem)))
    return arrivals, unreadable


def _legible(message: Message) -> Event | None:
    """Return the event in a message that was refused for another reason than its bytes: so it is not missed as lost."""
    try:
        return events.parse(message.body)
    except Malformed:
        return None


def _fence(tx: Transaction, head: Head | None) -> Head:
    size, root = log.fence(tx)
    if head is None:
        head = Head(size, log.frontier(tx, size))
        if head.root != root:
            raise Fenced(
                f"The head says size {size} and root {root.hex()}, but the entries make the root {head.root.hex()}. "
                "Nothing is recorded on top of a log that does not add up: run `countersign audit verify`."
            )
        _hold_against(_signed(), size, root)
    if (head.size, head.root) != (size, root):
        raise Fenced(f"The log has {size} entries where this process had written {head.size}: another has taken over.")
    return head


def _signed() -> Checkpoint | None:
    """Return what was signed of the log, where this process can see it."""
    folder = log_folder.of_settings()
    try:
        return folder.head()
    except LogError as problem:
        raise Fenced(f"The head file in {folder.path} is damaged: {problem} Nothing is recorded.") from None


def _hold_against(signed: Checkpoint | None, size: int, root: bytes) -> None:
    """Refuse to go on from an older copy of the log: new entries would bar the way back."""
    if signed and (signed.size > size or (signed.size == size and signed.root != root)):
        raise Fenced(
            f"The log was signed with {signed.size:,} entries; the database has {size:,}, or others: it was brought "
            "back from an older copy. `countersign audit recover` brings the entries back; nothing is recorded before."
        )


def _park_conflict(tx: Transaction, arrival: Arrival) -> None:
    event = arrival.event
    reason = f"{event.source} has sent another event as number {event.sequence} of {event.subject}, or under this id"
    say.error("An event in conflict with an entry was parked", event_id=event.id, type=event.type, reason=reason)
    parking.park(tx, HANDLER, event.body, {"position": arrival.position}, reason, event)


def _tell_of_closed_gap(tx: Transaction, about: Aggregate, first: int, last: int) -> None:
    data = {"about": about.subject, "producer": about.source.removeprefix("/"), "first": first, "last": last}
    outbox.emit(tx, Fact(GAP_CLOSED, f"gap:{about.subject}", data))
