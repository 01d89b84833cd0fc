"""Waiting for a database that is away, without deciding anything about the work at hand."""

import threading
from collections.abc import Callable, Iterator

from services.kernel import telemetry
from services.kernel.errors import Unavailable

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds

log = telemetry.get_logger("countersign.bus")


def pauses(first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> Iterator[float]:
    """Yield how long to wait before each next try, in seconds: doubled each time, up to the longest."""
    pause = first
    while True:
        yield pause
        pause = min(pause * 2, longest)


def patiently(step: Callable[[], None], stopping: threading.Event, wanted: Callable[[], bool]) -> bool:
    """Take a step again and again while the database is away.

    True once it succeeded; False where the process stops, or the step is not `wanted` any more, before that.
    """
    for pause in pauses():
        try:
            step()
            return True
        except Unavailable as problem:
            log.warning("The database is away; nothing is acknowledged", problem=repr(problem.__cause__ or problem))
        if stopping.wait(pause) or not wanted():
            return False
    return False
