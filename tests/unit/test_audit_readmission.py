"""Following entries that were admitted once leads to where admitting them did: the way back relies on it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.domain import Aggregate, Arrival, Standing, admit, aggregates
from services.audit.domain.readmission import readmit
from services.audit.tlog import tree
from services.kernel.events import Event
from tests.said import Speaker

Here = dict[Aggregate, Standing]


def stream(speaker: Speaker, subject: str, count: int) -> list[Event]:
    return speaker.ticks(subject, count)


def gap(speaker: Speaker, about: str, first: int, last: int) -> Event:
    data = {"about": about, "producer": "catalogue", "first": first, "last": last}
    return speaker.say("audit.gap.found.v1", f"gap:{about}", data)


def arrival(event: Event) -> Arrival:
    return Arrival(event, tree.leaf(event.body))


def entered(batches: list[list[Event]]) -> tuple[list[Arrival], Here]:
    """Admit batches one after the other; what became entries, and the standing they led to."""
    known: dict[str, bytes] = {}
    here: Here = {}
    entries: list[Arrival] = []
    for batch in batches:
        arrivals = [arrival(event) for event in batch]
        for aggregate in aggregates(arrivals):
            here.setdefault(aggregate, Standing())
        entries += admit(arrivals, known, here).entries
    return entries, here


@st.composite
def sent(draw: st.DrawFn) -> list[list[Event]]:
    """Two streams in any order, some events never or twice, gaps declared about them, in batches."""
    speaker = Speaker()
    events = [*stream(speaker, "a", 7), *stream(speaker, "b", 4)]
    for about in draw(st.lists(st.sampled_from("ab"), max_size=2, unique=True)):
        first = draw(st.integers(1, 5))
        events.append(gap(speaker, about, first, draw(st.integers(first, 7))))
    order = draw(st.lists(st.sampled_from(events), max_size=25))
    cuts = draw(st.integers(1, 5))
    return [order[n::cuts] for n in range(cuts)]


@settings(max_examples=300, deadline=None)
@given(sent(), st.integers(1, 4))
def test_following_entries_leads_to_where_admitting_them_did(batches: list[list[Event]], chunk: int) -> None:
    """Whatever came in whatever order: last sequences and missing spans are the same, however the entries are cut."""
    entries, here = entered(batches)
    again: Here = {}
    for first in range(0, len(entries), chunk):
        part = entries[first : first + chunk]
        for aggregate in aggregates(part):
            again.setdefault(aggregate, Standing())
        assert readmit(part, again).entries == part
    assert plain(again) == plain(here)


def plain(here: Here) -> dict[str, Any]:
    """What is kept of a standing; aggregates of which nothing is an entry are not."""
    return {
        f"{aggregate.source} {aggregate.subject}": (standing.last, sorted(standing.missing))
        for aggregate, standing in here.items()
        if standing.last
    }
