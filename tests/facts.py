"""Waiting for facts, not for time."""

import time
from collections.abc import Callable
from typing import TypeVar

Fact = TypeVar("Fact")


def eventually(fact: Callable[[], Fact], within: float = 10.0, every: float = 0.05) -> Fact:
    """Ask until the answer is true and return it; fail, with the last answer, after `within` seconds.

    An AssertionError or LookupError in `fact` means "not yet"; any other exception is raised at once.
    """
    deadline = time.monotonic() + within
    while True:
        last: object
        try:
            if answer := fact():
                return answer
            last = answer
        except (AssertionError, LookupError) as not_yet:
            last = not_yet
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s; last: {last!r}")
        time.sleep(every)
