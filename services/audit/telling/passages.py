"""A timeline as a story: day by day, what matters told in full, what merely went along gathered in a line."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from services.audit.telling.timeline import Told
from services.audit.words.phrases import capital, count, listed
from services.audit.words.vocabulary import QUIET


@dataclass(frozen=True, slots=True)
class Passage:
    """Entries that are told together: one, or several that merely went along; then `gathered` says what they are."""

    told: Sequence[Told]
    gathered: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """What happened on one day, in UTC, in the order in which it is asked for."""

    date: datetime
    passages: Sequence[Passage]


def by_day(told: Iterable[Told], *, gather: bool = True) -> list[Day]:
    """Return what was told, day by day; without `gather` every entry by itself."""
    days = (list(day) for _, day in groupby(told, key=lambda one: one.entry.time.astimezone(UTC).date()))
    return [Day(day[0].entry.time, _passages(day) if gather else [Passage([one]) for one in day]) for day in days]


def _passages(told: Sequence[Told]) -> list[Passage]:
    found: list[Passage] = []
    for quiet, together in groupby(told, key=lambda one: one.entry.type in QUIET):
        run = list(together)
        if quiet and len(run) > 1:
            found.append(Passage(run, _gathered(run)))
        else:
            found += [Passage([one]) for one in run]
    return found


def _gathered(run: Sequence[Told]) -> str:
    """Say what a few entries are, by their kind: three notices were delivered and a link was sent."""
    numbers = Counter(one.entry.type for one in run)
    return capital(listed([count(number, *QUIET[type]) for type, number in numbers.items()]))
