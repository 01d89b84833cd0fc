"""The rules of entering the log: what is an event at all, and in which order events become entries."""

from services.audit.domain.envelope import Arrival, Message, commitments, is_committed, judge
from services.audit.domain.order import Admission, Aggregate, Standing, admit, aggregate_of, aggregates, gaps_in

__all__ = [
    "Admission",
    "Aggregate",
    "Arrival",
    "Message",
    "Standing",
    "admit",
    "aggregate_of",
    "aggregates",
    "commitments",
    "gaps_in",
    "is_committed",
    "judge",
]
