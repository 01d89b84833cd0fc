"""Spans of whole numbers, both ends included: what is missing of a row that should be dense."""

from collections.abc import Iterable, Sequence

Span = tuple[int, int]


def take(spans: list[Span], number: int) -> bool:
    """Take one number out of some spans; False where it is in none of them."""
    for place, (first, last) in enumerate(spans):
        if first <= number <= last:
            rest = ((first, number - 1), (number + 1, last))
            spans[place : place + 1] = [span for span in rest if span[0] <= span[1]]
            return True
    return False


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in their order, those that touch made one."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def count(spans: Iterable[Span]) -> int:
    """Return how many numbers they hold."""
    return sum(last - first + 1 for first, last in spans)


def within(spans: Iterable[Span], first: int, last: int) -> list[Span]:
    """Return what of them lies between two numbers, these included."""
    cut = ((max(one, first), min(other, last)) for one, other in spans)
    return [span for span in cut if span[0] <= span[1]]


def of(numbers: Sequence[int]) -> list[Span]:
    """Return the fewest spans that hold just these numbers."""
    return joined((number, number) for number in numbers)
