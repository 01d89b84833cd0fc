"""What it means that a queue is missing, and what is to be done about it.

No queue but the relay's own epoch queue says by itself that messages were lost: a worker that starts, or another
service's relay, may have declared it again. So a missing queue is first left missing for longer than the time between
two looks, that every relay has seen it; each then sends again what it sent since it last saw everything in place.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kombu import Queue

from services.kernel import topology

LEFT_MISSING = 12.0  # seconds; more than lie between two looks (line.CHECK_EVERY and the time of an answer)
WIPED = 24 * 3600.0  # seconds of sent events that are sent again to a broker that was wiped
UNKNOWN = 60.0  # and where this process has not looked before
MARGIN = 5.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do before anything is published: declare these queues, then send what was sent since so many seconds."""

    declare: tuple[Queue, ...] = ()
    send_again: float = 0.0
    begin_epoch: bool = False


NOTHING_TO_DO = Remedy()


class Watch:
    """Judges each look at the queues; moments are seconds of one clock that only goes forward."""

    def __init__(self, service: str) -> None:
        self.epoch = topology.epoch_queue(service)
        self._queues = {queue.name: queue for queue in topology.queues()}
        self._all_there_at: float | None = None
        self._missing_since: float | None = None

    def names(self) -> list[str]:
        """Return the names of the queues to look for."""
        return [*self._queues, self.epoch.name]

    def judge(self, missing: Sequence[str], now: float) -> Remedy | None:
        """Return what is to be done before publishing goes on; None where it has to wait for the next look."""
        if self.epoch.name in missing:
            return Remedy(tuple(self._queues.values()), WIPED, begin_epoch=True)
        if not missing:
            return Remedy(send_again=self._since(now)) if self._missing_since is not None else self.well(now)
        if self._missing_since is None:
            self._missing_since = now
        if self._all_there_at is not None and now - self._missing_since < LEFT_MISSING:
            return None
        return Remedy(tuple(self._queues[name] for name in missing), self._since(now))

    def well(self, now: float) -> Remedy:
        """Note that everything is in place."""
        self._all_there_at, self._missing_since = now, None
        return NOTHING_TO_DO

    def _since(self, now: float) -> float:
        return UNKNOWN if self._all_there_at is None else now - self._all_there_at + MARGIN
