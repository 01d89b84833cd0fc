"""Commit to entry in the log: sustained from a full outbox, and the wait of each event at 200 a second."""

import threading
import time
from collections.abc import Sequence

from benchmarks.house import entries, fact, house, wait_for_entries
from services.kernel import db
from services.kernel.ids import new_id
from services.kernel.outbox import emit

BACKLOG = 20_000
RATE, SECONDS = 200, 15

Waits = tuple[Sequence[float], float]
"""The seconds that each event waited, sorted, and how many events a second there really were."""


def sustained() -> float:
    """Return entries per second, from the commit of 20,000 events in the outbox to the last entry."""
    with house("relay catalogue", "recorder"):
        _say(1)
        wait_for_entries(1)  # all are up and connected
        _say(BACKLOG)
        begun = time.monotonic()
        return BACKLOG / (wait_for_entries(BACKLOG + 1) - begun)


def waits() -> Waits:
    """Say one event after the other on a fixed schedule, whatever becomes of them, and watch each become an entry."""
    with house("relay catalogue", "recorder"):
        _say(1)
        wait_for_entries(1)
        count, seen = RATE * SECONDS, list[float]()
        watcher = threading.Thread(target=_watch, args=[seen, count])
        watcher.start()
        begun, committed = time.monotonic(), []
        for number in range(count):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            _say(1)
            committed.append(time.monotonic())
        watcher.join()
        rate = (count - 1) / (committed[-1] - committed[0])
        return sorted(entered - said for said, entered in zip(committed, seen, strict=True)), rate


def _watch(seen: list[float], count: int) -> None:
    """Note when each of the next entries was first seen; the log is asked five hundred times a second at most."""
    first = entries()
    while len(seen) < count:
        found = entries() - first - len(seen)
        seen += [time.monotonic()] * found
        time.sleep(0.002)


def _say(count: int) -> None:
    with db.of("catalogue").transaction() as tx:
        for _ in range(count):
            emit(tx, fact(new_id()))
