"""Waking the relay within milliseconds of a commit, without a NOTIFY in anybody's write transaction.

NOTIFY takes a global lock at commit (architecture.md, trap 6). So a writer only raises a flag after its commit; one
thread per service and process turns any number of raised flags into one NOTIFY on a connection of its own.
"""

import threading
from collections.abc import Callable
from functools import cache

import psycopg

from services.kernel import config

PAUSE_AFTER_FAILURE = 1.0  # seconds; the relay's safety poll covers the meantime


def channel(service: str) -> str:
    """Return the name of the NOTIFY channel of a service's outbox."""
    return f"{service}_outbox"


@cache
def of(service: str) -> Callable[[], None]:
    """Return the function that wakes the relay of a service; it never blocks and never fails."""
    return _Bell(service).ring


class _Bell:
    def __init__(self, service: str) -> None:
        self._service = service
        self._rung = threading.Event()
        self._started = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        self._rung.set()
        if self._thread is None and self._started.acquire(blocking=False):
            self._thread = threading.Thread(target=self._run, name=f"wake {self._service}", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                with psycopg.connect(
                    config.database_url(self._service), autocommit=True, connect_timeout=5
                ) as connection:
                    self._notify_for_ever(connection)
            except psycopg.Error:
                pause.wait(PAUSE_AFTER_FAILURE)

    def _notify_for_ever(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            connection.execute(f'NOTIFY "{channel(self._service)}"'.encode())
