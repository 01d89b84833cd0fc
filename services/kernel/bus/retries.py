"""The second and later tries: a service's waiting messages are handed to their handlers when they are due."""

import threading
from functools import partial
from typing import TYPE_CHECKING

from nameko.extensions import SharedExtension

from services.kernel import db, parking, telemetry
from services.kernel.bus import attempts
from services.kernel.bus.attempts import Act
from services.kernel.errors import Unavailable

if TYPE_CHECKING:
    from services.kernel.bus.hearing import OnEvent

LOOK = 0.5  # seconds between two looks for what is due
AT_ONCE = 4  # waiting messages that are tried side by side; the other workers are for the queues

log = telemetry.get_logger("countersign.bus")


class Retries(SharedExtension):  # type: ignore[misc]  # nameko has no types
    """One per service and process. Several processes share the work: a message is locked while it is tried."""

    def __init__(self) -> None:
        self._handlers: dict[str, OnEvent] = {}
        self._at_work: set[str] = set()
        self._changed = threading.Event()
        self._stopping = threading.Event()

    def serve(self, entrypoint: "OnEvent") -> None:
        """Try the waiting messages of this handler too."""
        self._handlers[entrypoint.method_name] = entrypoint

    def start(self) -> None:
        """Begin to look."""
        self.container.spawn_managed_thread(self._run)

    def stop(self) -> None:
        """Begin nothing new; what is at work is waited for by the container."""
        self._stopping.set()
        self._changed.set()

    def look(self) -> None:
        """Look now: something has become due, or a place is free."""
        self._changed.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._changed.clear()
            try:
                self._start_due()
            except Unavailable:
                log.warning("The database is away; waiting messages wait longer", service=self.container.service_name)
            self._changed.wait(LOOK)

    def _start_due(self) -> None:
        free = AT_ONCE - len(self._at_work)
        if free <= 0:
            return
        with db.of(self.container.service_name).transaction() as tx:
            due = parking.due(tx, list(self._handlers), AT_ONCE + free)
        for id, handler in [message for message in due if message[0] not in self._at_work][:free]:
            self._at_work.add(id)
            entrypoint = self._handlers[handler]
            entrypoint.run(partial(self._try, entrypoint, id), partial(self._finished, id))

    def _try(self, entrypoint: "OnEvent", id: str, act: Act) -> bool:
        try:
            attempts.take_again(entrypoint.handler, id, act, self.look)
        except Unavailable:
            return False
        return True

    def _finished(self, id: str, settled: bool) -> None:
        if not settled:  # the database went away over it: it is still due, and looked at again, but not in a hurry
            self._stopping.wait(LOOK)
        self._at_work.discard(id)
        self.look()
