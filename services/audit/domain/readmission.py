"""Following entries that were admitted once: how far they have brought each aggregate."""

from collections.abc import Sequence

from services.audit.domain.envelope import Arrival
from services.audit.domain.order import Admission, Aggregate, Standing, aggregate_of, gaps_in


def readmit(arrivals: Sequence[Arrival], standing: dict[Aggregate, Standing]) -> Admission:
    """Take entries in the order they had, and bring the standing of their aggregates up to date.

    Nothing is judged anew: what was signed as entered is entered. What had waited for its predecessor waits no more.
    """
    batch = Admission(entries=list(arrivals), released=[arrival.event.id for arrival in arrivals])
    for arrival in arrivals:
        aggregate, sequence = aggregate_of(arrival.event), arrival.event.sequence
        here = standing.setdefault(aggregate, Standing())
        if here.take(sequence):
            batch.spanned.add(aggregate)
        here.last = max(here.last, sequence)
        for about, _, last in gaps_in(arrival.event):
            if standing.setdefault(about, Standing()).declare(last):
                batch.spanned.add(about)
    return batch
