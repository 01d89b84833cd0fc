"""In which order events become entries: dense per aggregate, each once; what came too soon waits, nothing for ever."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from services.audit.domain import spans
from services.audit.domain.envelope import Arrival
from services.kernel.events import Event

GAP_FOUND, GAP_CLOSED = "audit.gap.found.v1", "audit.gap.closed.v1"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of a producer: the same subject of two producers is two aggregates."""

    source: str
    subject: str


@dataclass(slots=True)
class Standing:
    """How far one aggregate has come: its last sequence, the spans declared missing, and who waits by sequence."""

    last: int = 0
    missing: list[tuple[int, int]] = field(default_factory=list)
    waiting: dict[int, Arrival] = field(default_factory=dict)

    def declare(self, last: int) -> bool:
        """Take everything up to a sequence as missing that has not come; False where all of it has."""
        if last <= self.last:
            return False
        self.missing.append((self.last + 1, last))
        self.last = last
        return True

    def take(self, sequence: int) -> bool:
        """Take one sequence out of what is missing; False where it is not missing."""
        return spans.take(self.missing, sequence)


@dataclass(slots=True)
class Admission:
    """What becomes of a batch.

    `released` are the ids of those entries that had waited; `closed` names sequences once declared missing that are
    entries now; `spanned` the aggregates whose missing spans are others than before.
    """

    entries: list[Arrival] = field(default_factory=list)
    early: list[Arrival] = field(default_factory=list)
    conflicts: list[Arrival] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    closed: list[tuple[Aggregate, int, int]] = field(default_factory=list)
    spanned: set[Aggregate] = field(default_factory=set)


def aggregate_of(event: Event) -> Aggregate:
    """Return the aggregate an event is of."""
    return Aggregate(event.source, event.subject)


def aggregates(arrivals: Iterable[Arrival]) -> set[Aggregate]:
    """Return the aggregates whose standing a batch may change: of the events, and those a found gap is about."""
    events = [arrival.event for arrival in arrivals]
    return {aggregate_of(event) for event in events} | {gap[0] for event in events for gap in gaps_in(event)}


def admit(arrivals: Sequence[Arrival], known: dict[str, bytes], standing: dict[Aggregate, Standing]) -> Admission:
    """Decide about a batch, in the order of arrival.

    `known` gives the leaf hash of each event that is an entry or waits already: the same event twice is normal, another
    one under its id is a conflict. `standing` holds the aggregates of the batch. Both are brought up to date.
    """
    batch = Admission()
    for arrival in arrivals:
        leaf = known.setdefault(arrival.event.id, arrival.leaf)
        if leaf is arrival.leaf:
            _place(arrival, standing, batch)
        elif leaf != arrival.leaf:
            batch.conflicts.append(arrival)
    released = set(batch.released)
    batch.early = [arrival for arrival in batch.early if arrival.event.id not in released]
    return batch


def _place(arrival: Arrival, standing: dict[Aggregate, Standing], batch: Admission) -> None:
    aggregate, sequence = aggregate_of(arrival.event), arrival.event.sequence
    here = standing.setdefault(aggregate, Standing())
    if sequence == here.last + 1:
        here.last = sequence
        _enter(arrival, standing, batch)
    elif sequence > here.last and sequence not in here.waiting:
        here.waiting[sequence] = arrival
        batch.early.append(arrival)
    elif here.take(sequence):
        batch.closed.append((aggregate, sequence, sequence))
        batch.spanned.add(aggregate)
        _enter(arrival, standing, batch)
    else:
        batch.conflicts.append(arrival)


def _enter(arrival: Arrival, standing: dict[Aggregate, Standing], batch: Admission) -> None:
    """Enter an event and whatever waited for it."""
    ready = deque([arrival])
    while ready:
        entering = ready.popleft()
        batch.entries.append(entering)
        for about, first, last in gaps_in(entering.event):
            _declare(about, first, last, standing, batch)
            ready.extend(_successors(standing[about], batch))
        ready.extend(_successors(standing[aggregate_of(entering.event)], batch))


def _successors(here: Standing, batch: Admission) -> Iterator[Arrival]:
    while successor := here.waiting.pop(here.last + 1, None):
        here.last += 1
        batch.released.append(successor.event.id)
        yield successor


def _declare(about: Aggregate, first: int, last: int, standing: dict[Aggregate, Standing], batch: Admission) -> None:
    """Take a span as missing, except what has come between the finding and its entry."""
    here = standing.setdefault(about, Standing())
    came = min(last, here.last)
    if came >= first:
        batch.closed.append((about, first, came))
    if here.declare(last):
        batch.spanned.add(about)


def gaps_in(event: Event) -> Iterator[tuple[Aggregate, int, int]]:
    """Yield what an event of the log itself declares missing: at most one span."""
    if event.type == GAP_FOUND and event.source == "/audit":
        data = event.data
        first, last = data.get("first"), data.get("last")
        if isinstance(first, int) and isinstance(last, int) and 0 < first <= last < 2**53:
            yield Aggregate(f"/{data.get('producer')}", str(data.get("about"))), first, last
