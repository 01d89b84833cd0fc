"""`@when_rung`: a method called at once when something in this process rings, as after a commit that left work."""

import threading
from collections.abc import Callable
from typing import Any

from nameko.extensions import Entrypoint


class Bell:
    """Rung any number of times while the method is at work, it calls it once more. Nobody listens in a web process."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def ring(self) -> None:
        """Let the method be called; never blocks. Made to be given to `Transaction.after_commit`."""
        self.rung.set()


def when_rung(bell: Bell) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    """Call a method of a nameko class when the bell is rung, one call at a time in this process.

    A ring is lost when the process dies, so what must not be forgotten is looked for by a timer too.
    """
    decorate: Callable[[Callable[[Any], None]], Callable[[Any], None]] = WhenRung.decorator(bell)
    return decorate


class WhenRung(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """The nameko entrypoint that listens to a bell."""

    def __init__(self, bell: Bell, **rest: Any) -> None:
        self._bell = bell
        self._stopping = False
        super().__init__(**rest)

    def start(self) -> None:
        """Begin to listen."""
        self._listening = self.container.spawn_managed_thread(self._run)

    def stop(self) -> None:
        """Listen no more; a call that is at work is waited for by the container."""
        self._stopping = True
        self._bell.ring()
        self._listening.wait()

    def _run(self) -> None:
        while True:
            self._bell.rung.wait()
            self._bell.rung.clear()
            if self._stopping:
                return
            self._call_and_wait()

    def _call_and_wait(self) -> None:
        done = threading.Event()

        def finish(_: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done.set()
            return result, exc_info

        self.container.spawn_worker(self, (), {}, handle_result=finish)
        while not (self._stopping or done.wait(1)):
            pass
