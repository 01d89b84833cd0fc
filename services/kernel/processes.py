"""Processes told apart for certain: pids are given out again, so one is known by its pid and when it started."""

import ctypes
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Process:
    """One process of this machine. `started` is in clock ticks since boot, as in field 22 of /proc/PID/stat."""

    pid: int
    started: int

    @classmethod
    def find(cls, pid: int, *words: str) -> "Process | None":
        """The living process with this pid, if all the words stand in its command line."""
        stat = _stat(pid)
        if stat is None:
            return None
        found = cls(pid, int(stat[19]))
        return found if all(word in found.command for word in words) else None

    @classmethod
    def load(cls, path: Path, *words: str) -> "Process | None":
        """The process that `save` noted at this path, if it still lives; a stale note is removed."""
        try:
            noted = cls(**json.loads(path.read_text()))
        except (OSError, ValueError, TypeError):
            return None
        if not noted.alive:
            path.unlink(missing_ok=True)
            return None
        return noted if all(word in noted.command for word in words) else None

    @classmethod
    def marked(cls, mark: str) -> "Iterator[tuple[Process, dict[str, str]]]":
        """Every living leader of a session whose environment holds the mark `NAME=value`, with that environment."""
        for pid in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
            stat = _stat(pid)
            if stat and int(stat[3]) == pid and mark in (environment := _environment(pid)):
                pairs = (pair.partition("=") for pair in environment)
                yield cls(pid, int(stat[19])), {name: value for name, _, value in pairs}

    def save(self, path: Path) -> None:
        """Note this process at a path, whole or not at all."""
        draft = path.with_name(f"{path.name}.new")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(path)

    @property
    def alive(self) -> bool:
        """True while it runs or is stopped; a zombie is dead, only not buried."""
        stat = _stat(self.pid)
        return stat is not None and int(stat[19]) == self.started

    @property
    def age(self) -> float:
        """Seconds since it started."""
        up = float(Path("/proc/uptime").read_text().split()[0])
        return up - self.started / os.sysconf("SC_CLK_TCK")

    @property
    def command(self) -> str:
        """Its command line, words parted by spaces; empty when it is gone."""
        try:
            return Path(f"/proc/{self.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it is still this very process."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def wait(self, within: float) -> bool:
        """True once it is gone; False when it still lives after `within` seconds."""
        deadline = time.monotonic() + within
        while self.alive:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def end(self, within: float, first: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to stop and, when it has not after `within` seconds, kill it."""
        self.send(first)
        self.send(signal.SIGCONT)
        if not self.wait(within):
            self.send(signal.SIGKILL)
            self.wait(5)

    def end_session(self, within: float) -> None:
        """End this leader of a session, and kill what it leaves behind there."""
        self.end(within)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def die_with_parent() -> None:
    """In a worker of a multiprocessing server: die when the server does, rather than go on holding its port.

    Does nothing in a process that multiprocessing did not start.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it died before we asked
        os.kill(os.getpid(), signal.SIGKILL)


def _environment(pid: int) -> list[str]:
    """What a process was started with, as `NAME=value`; empty when it is gone or another user's."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _stat(pid: int) -> list[str] | None:
    """Fields 3 and on of /proc/PID/stat (the second, the name, may hold spaces); None when gone or a zombie.

    A leader may be a zombie while its threads still end, and with them its ports: so long it counts as alive.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, threads = fields[0], int(fields[17])
    return None if state in "ZX" and threads <= 1 else fields
