"""Commit to entry in the log: sustained from a full outbox, and the wait of single events at 200 a second."""

import time

from benchmarks.house import OURS, fact, house, running, wait_for_entries
from services.kernel import db
from services.kernel.ids import new_id
from services.kernel.outbox import emit

BACKLOG = 20_000
RATE, SECONDS = 200, 10


def sustained() -> float:
    """Return entries per second, from an outbox filled with committed rows to the last entry."""
    with house("recorder"):
        _fill(BACKLOG)
        with running((*OURS, "relay", "catalogue")):
            begun = wait_for_entries(1)
            return (BACKLOG - 1) / (wait_for_entries(BACKLOG) - begun)


def waits() -> list[float]:
    """Return the seconds from commit to entry of each of `RATE * SECONDS` events, sorted."""
    with house("relay catalogue", "recorder"):
        _fill(1)
        wait_for_entries(1)
        waited, entered = [], 1
        pause = 1 / RATE
        for number in range(RATE * SECONDS):
            begun = time.monotonic()
            _fill(1)
            entered += 1
            committed = time.monotonic()
            if number % 10 == 0:  # one in ten is watched; the others are load
                waited.append(wait_for_entries(entered) - committed)
            time.sleep(max(0.0, pause - (time.monotonic() - begun)))
    return sorted(waited)


def _fill(count: int) -> None:
    for begin in range(0, count, 500):
        with db.of("catalogue").transaction() as tx:
            for _ in range(min(500, count - begin)):
                emit(tx, fact(new_id()))
