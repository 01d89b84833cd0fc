"""`@every`: a method called at an interval, by one worker at a time."""

from collections.abc import Callable
from typing import Any

from nameko.timer import Timer

from services.kernel import db, lease, telemetry
from services.kernel.errors import Unavailable

log = telemetry.get_logger("countersign.bus")


def every(seconds: float, *, at_start: bool = False) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Call a method of a nameko class every so many seconds, in one process however many there are.

    The process that holds the method's lease calls it; the lease lasts a little longer than the interval, so when that
    process dies another takes over one interval later. A method that takes longer than the interval may meet itself.
    """
    decorate: Callable[[Callable[[Any], None]], Callable[[Any], None]] = Every.decorator(seconds, eager=at_start)
    return decorate


class Every(Timer):  # type: ignore[misc]  # nameko has no types
    """A nameko timer that asks for its lease first."""

    def handle_timer_tick(self) -> None:
        """Call the method where this process holds its lease; nothing is called while the database is away."""
        if self._is_mine():
            super().handle_timer_tick()
        else:
            self.worker_complete.send()

    def _is_mine(self) -> bool:
        try:
            with db.of(self.container.service_name).transaction() as tx:
                return lease.hold(tx, f"every.{self.method_name}", lease.me(), self.interval * 1.1 + 2)
        except Unavailable:
            log.warning("The database is away; a timer is left out", timer=self.method_name)
            return False
