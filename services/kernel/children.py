"""The child processes of a runner, found again whoever started them.

A child leads a session of its own, writes into its log file itself and bears its name in its environment. So it
outlives a runner that is killed, and whoever asks finds it in /proc: there is no list that could be stale.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.kernel.processes import Process

NAME, VERSION, HOME = "COUNTERSIGN_CHILD", "COUNTERSIGN_CHILD_VERSION", "COUNTERSIGN_CHILD_OF"
PATIENCE = 20.0  # seconds a child has between SIGTERM and SIGKILL
LARGEST_LOG = 10_000_000  # bytes


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive: its name, its command, what is set for it, and what must be there before it starts."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def start(self, folder: Path, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        """Start it; what it says goes to `log/<name>.log` of the folder."""
        (folder / "log").mkdir(parents=True, exist_ok=True)
        marks = {NAME: self.name, VERSION: self.version(settings), HOME: str(folder.resolve())}
        environment = {**os.environ, **settings, **self.environment, **marks, "PYTHONUNBUFFERED": "1"}
        with (folder / "log" / f"{self.name}.log").open("ab") as log:
            return subprocess.Popen(
                self.command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def version(self, settings: Mapping[str, str]) -> str:
        """A digest of its command and its settings: one that runs with others is not the one we mean."""
        parts = [*self.command, *sorted(map(str, {**settings, **self.environment}.items()))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Found:
    """A living child."""

    name: str
    version: str
    process: Process


def living(folder: Path) -> Iterator[Found]:
    """Every living child of this folder, whoever started it."""
    for process, environment in Process.marked(f"{HOME}={folder.resolve()}"):
        yield Found(environment.get(NAME, "?"), environment.get(VERSION, ""), process)


def stop(folder: Path, order: Sequence[str] = ()) -> list[str]:
    """Stop the children of this folder one by one, in the order of names, others last; answers the names."""
    rank = {name: place for place, name in enumerate(order)}
    found = sorted(living(folder), key=lambda child: rank.get(child.name, len(rank)))
    for child in found:
        child.process.end_session(PATIENCE)
    return [child.name for child in found]


def hold(folder: Path, name: str) -> None:
    """Have a child stay down: stop it; the runner starts it again only once it is released."""
    _hold_note(folder, name).parent.mkdir(exist_ok=True)
    _hold_note(folder, name).touch()
    for child in living(folder):
        if child.name == name:
            child.process.end_session(PATIENCE)


def release(folder: Path, name: str) -> None:
    """Let a held child run again."""
    _hold_note(folder, name).unlink(missing_ok=True)


def is_held(folder: Path, name: str) -> bool:
    """True for a child that is to stay down."""
    return _hold_note(folder, name).exists()


def held(folder: Path) -> list[str]:
    """The names of those that are to stay down."""
    return sorted(note.name for note in (folder / "held").glob("*"))


def _hold_note(folder: Path, name: str) -> Path:
    return folder / "held" / name


def rotate(folder: Path) -> None:
    """Put aside what a log holds once it is large. The writer has it open to append, so it goes on at the beginning."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > LARGEST_LOG:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            os.truncate(log, 0)
