"""The runner starts the platform's processes, adopts those of a runner that was killed, restarts those that die."""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.kernel import children
from services.kernel.children import Child
from services.kernel.errors import Misconfigured
from services.kernel.processes import Process

log = logging.getLogger("runner")

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between a death and the next start
SETTLED = 30.0  # after so many seconds of life a death counts as the first again
TICK = 0.2


class NotYet(Exception):
    """What a child needs is away; it is asked for again."""


@dataclass(slots=True)
class Need:
    """Something that children cannot start without, such as the broker. `ask` raises NotYet, saying why."""

    name: str
    ask: Callable[[], None]
    said: str = ""
    ask_again_at: float = 0.0
    met: bool = False

    def is_met(self) -> bool:
        """Ask, at most once a second; the reason why not is told when it changes."""
        if time.monotonic() >= self.ask_again_at:
            self._ask()
            self.ask_again_at = time.monotonic() + 1
        return self.met

    def _ask(self) -> None:
        try:
            self.ask()
        except NotYet as reason:
            if self.said != str(reason):
                log.info("waiting for %s: %s", self.name, reason)
            self.met, self.said = False, str(reason)
            return
        if self.said:
            log.info("%s is there", self.name)
        self.met, self.said = True, ""


class Runner:
    """Keeps children alive until told to stop; then stops them in the order they were given in."""

    def __init__(
        self, folder: Path, kept: Sequence[Child], settings: Mapping[str, str], needs: Sequence[Need] = ()
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.needs = {need.name: need for need in needs}
        self.lives = [Life(child) for child in kept]
        self.stopping = threading.Event()

    def run(self) -> None:
        """Keep the children alive until SIGTERM or SIGINT; Misconfigured when this folder has a runner already."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        with _alone(self.folder):
            self._adopt()
            while not self.stopping.is_set():
                for life in self.lives:
                    self._tend(life)
                children.rotate(self.folder / "log")
                self.stopping.wait(TICK)
            log.info("stopping")
            children.stop(self.folder, [life.child.name for life in self.lives])
            log.info("stopped")

    def _adopt(self) -> None:
        """Take on the children of a killed runner; end those that nobody asked for, or that run with other settings."""
        for found in children.living(self.folder):
            same = (life for life in self.lives if life.child.name == found.name and not life.process)
            life = next(same, None)
            if life and life.child.version(self.settings) == found.version:
                log.info("adopted %s, pid %d", found.name, found.process.pid)
                life.begin(found.process)
            else:
                log.info("ending %s, pid %d, which runs otherwise", found.name, found.process.pid)
                found.process.end_session(children.PATIENCE)

    def _tend(self, life: "Life") -> None:
        held = children.is_held(self.folder, life.child.name)
        if life.over:
            verdict, pause = life.verdict(), life.bury()
            plan = "it is held" if held else f"starting it again in {pause:.1f} s"
            log.warning("%s %s; %s", life.child.name, verdict, plan)
        if life.due and not held and all(self.needs[need].is_met() for need in life.child.needs):
            started = life.child.start(self.folder, self.settings)
            log.info("started %s, pid %d", life.child.name, started.pid)
            life.begin(Process.find(started.pid) or Process(started.pid, 0), started.wait)


class Life:
    """The present life of a child, and the pause before its next."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: Process | None = None
        self.exit_code: Callable[[], int] | None = None
        self.since = 0.0
        self.start_at = 0.0
        self.pause = FIRST_PAUSE

    def begin(self, process: Process, exit_code: Callable[[], int] | None = None) -> None:
        """It lives. An adopted child has no exit code for us: it is not ours by birth."""
        self.process, self.exit_code, self.since = process, exit_code, time.monotonic()

    @property
    def over(self) -> bool:
        """True when it has died and is not buried yet."""
        return self.process is not None and not self.process.alive

    @property
    def due(self) -> bool:
        """True when it should be started now."""
        return self.process is None and time.monotonic() >= self.start_at

    def verdict(self) -> str:
        """How it died, as far as we can know."""
        if self.exit_code is None:
            return "died"
        code = self.exit_code()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    def bury(self) -> float:
        """Make room for the next life; answers the pause before it in seconds, twice as long each time."""
        if self.process:
            self.process.end_session(0)
        if time.monotonic() - self.since > SETTLED:
            self.pause = FIRST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        self.process, self.exit_code, self.start_at = None, None, time.monotonic() + pause
        return pause


def running(folder: Path) -> Process | None:
    """The runner of this folder, while it lives."""
    return Process.load(folder / "runner.pid")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be this folder's only runner; the lock ends with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "runner.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(f"The platform of {folder} runs already: `countersign down` stops it.") from None
        if myself := Process.find(os.getpid()):
            myself.save(folder / "runner.pid")
        yield
        (folder / "runner.pid").unlink(missing_ok=True)
