"""Waking the relay within milliseconds of a commit, without a NOTIFY in anybody's write transaction.

NOTIFY takes a global lock at commit (architecture.md, trap 6). So a writer only raises a flag after its commit; one
thread per service and process turns any number of raised flags into one NOTIFY on a connection of its own.
"""

import threading

import psycopg

PAUSE_AFTER_FAILURE = 1.0  # seconds; the relay's safety poll covers the meantime


def channel(service: str) -> str:
    """Return the name of the NOTIFY channel of a service's outbox."""
    return f"{service}_outbox"


class Bell:
    """Rings at the relay of one service. Its thread and connection begin with the first ring."""

    def __init__(self, service: str, url: str) -> None:
        self._channel, self._url = channel(service), url
        self._rung, self._closed = threading.Event(), threading.Event()
        self._first = threading.Lock()

    def ring(self) -> None:
        """Wake the relay soon; never blocks and never fails."""
        self._rung.set()
        if self._first.acquire(blocking=False):
            threading.Thread(target=self._run, name=self._channel, daemon=True).start()

    def close(self) -> None:
        """End the thread; what was rung and not yet told is left to the relay's safety poll."""
        self._closed.set()
        self._rung.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                with psycopg.connect(self._url, autocommit=True, connect_timeout=5) as connection:
                    self._tell(connection)
            except psycopg.Error:
                self._closed.wait(PAUSE_AFTER_FAILURE)

    def _tell(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        while self._rung.wait() and not self._closed.is_set():
            self._rung.clear()
            connection.execute(f'NOTIFY "{self._channel}"'.encode())
