"""A private PostgreSQL and RabbitMQ under a folder: `python3 -m deploy.local.servers start|stop|status [FOLDER]`."""

import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.account import CannotStart, server_account, server_home
from deploy.local.postgres import Postgres
from deploy.local.rabbitmq import RabbitMQ


@dataclass(frozen=True, slots=True)
class URLs:
    """Where the servers are; each with its credentials."""

    database: str
    amqp: str
    management: str


class Servers:
    """Both servers of one folder. Safe to share: start and stop take turns, and a running server is left running."""

    def __init__(self, folder: Path | str, fsync: bool = True) -> None:
        self.folder = Path(folder).resolve()
        account = server_account()
        self.home = server_home(self.folder, account)
        self.postgres = Postgres(self.home, account, fsync)
        self.rabbitmq = RabbitMQ(self.home, account)

    @property
    def urls(self) -> URLs:
        """The addresses as of the last start."""
        return URLs(self.postgres.url, self.rabbitmq.url, self.rabbitmq.management.url)

    def start(self, database: bool = True, broker: bool = True) -> None:
        """Start what does not run (together, for the broker takes its time) and wait until it answers."""
        with self._turn():
            if broker:
                self.rabbitmq.launch()
            if database:
                self.postgres.start()
            if broker:
                self.rabbitmq.wait()

    def stop(self) -> None:
        """Stop both; nothing of them is left running."""
        with self._turn():
            self.rabbitmq.stop()
            self.postgres.stop()

    def erase(self) -> None:
        """Stop both and delete all their data."""
        self.stop()
        shutil.rmtree(self.home)
        if (link := self.folder / "servers").is_symlink():
            link.unlink()

    def restart_postgres(self, mode: str = "immediate") -> None:
        """Crash PostgreSQL and start it again."""
        self.postgres.stop(mode)
        self.postgres.start()

    def stop_broker(self) -> None:
        """Stop RabbitMQ alone."""
        self.rabbitmq.stop()

    def start_broker(self) -> None:
        """Start RabbitMQ alone."""
        self.rabbitmq.start()

    def pause_broker(self) -> None:
        """Freeze RabbitMQ: its connections stay open and nothing answers."""
        if process := self.rabbitmq.process:
            process.send(signal.SIGSTOP)

    def resume_broker(self) -> None:
        """Thaw a frozen RabbitMQ."""
        if process := self.rabbitmq.process:
            process.send(signal.SIGCONT)

    def new_vhost(self, name: str) -> str:
        """An empty vhost's address."""
        return self.rabbitmq.management.new_vhost(name, self.rabbitmq.url)

    def drop_vhost(self, name: str) -> None:
        """Remove a vhost with all in it."""
        self.rabbitmq.management.drop_vhost(name)

    def status(self) -> str:
        """A line about each, for people."""
        return "\n".join(
            f"{name:<11} {f'runs, pid {server.process.pid}' if server.process else 'is not running'}"
            for name, server in (("PostgreSQL", self.postgres), ("RabbitMQ", self.rabbitmq))
        )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with (self.folder / "servers.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def act(action: str, folder: Path | str) -> str:
    """Do `status`, `stop` or `erase` with the servers of a folder, where there are any; answers what to tell."""
    if not (Path(folder) / "servers").exists():
        return f"No servers were ever started in {folder}."
    servers = Servers(folder)
    if action == "status":
        return servers.status()
    if action == "erase":
        servers.erase()
        return f"The servers of {folder} are deleted with their data."
    servers.stop()
    return "PostgreSQL and RabbitMQ are stopped."


def main(words: list[str]) -> int:
    """Do what the words say; 2 when a server cannot be started."""
    action, folder = (words + ["status", ".local"][len(words) :])[:2]
    try:
        if action == "start":
            Servers(folder, fsync="COUNTERSIGN_FSYNC_OFF" not in os.environ).start()
        elif action in ("status", "stop", "erase"):
            print(act(action, folder))
        else:
            print("usage: python3 -m deploy.local.servers start|stop|status|erase [FOLDER]", file=sys.stderr)
            return 2
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
