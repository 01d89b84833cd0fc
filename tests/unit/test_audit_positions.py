"""Which positions have come: arithmetic of spans, and a producer's positions in any order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.audit.domain import spans
from services.audit.domain.positions import Positions

NUMBERS = st.integers(1, 40)


@given(st.lists(NUMBERS, max_size=60))
def test_holes_are_just_what_has_not_come_below_the_highest_that_has(came: list[int]) -> None:
    """In any order and any number of times; each position is new once."""
    positions = Positions()
    new = [number for number in came if positions.take(number)]
    assert sorted(new) == sorted(set(came))
    assert positions.last == max(came, default=0)
    holes = [number for first, last in positions.holes for number in range(first, last + 1)]
    assert sorted(holes) == sorted(set(range(1, positions.last + 1)) - set(came))


@given(st.sets(NUMBERS), NUMBERS, NUMBERS)
def test_spans_hold_the_numbers_they_were_made_of(numbers: set[int], first: int, last: int) -> None:
    """The fewest that do; counted, and cut to what lies between two numbers."""
    made = spans.of(sorted(numbers))
    assert [n for one, other in made for n in range(one, other + 1)] == sorted(numbers)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(made))
    assert spans.count(made) == len(numbers)
    between = {n for one, other in spans.within(made, first, last) for n in range(one, other + 1)}
    assert between == {n for n in numbers if first <= n <= last}
