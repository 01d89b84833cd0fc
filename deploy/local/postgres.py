"""A private PostgreSQL: loopback only, passwords only, its own account, data that survives a kill."""

import json
import re
import shutil
import signal
import time
from pathlib import Path

from deploy.local.account import Account, CannotStart
from services.kernel import ports
from services.kernel.processes import Process

ADMINISTRATOR = "countersign_admin"
DATABASE = "countersign"


class Postgres:
    """One cluster under `home`/postgres."""

    def __init__(self, home: Path, account: Account, fsync: bool = True) -> None:
        self.folder = account.folder(home / "postgres")
        self.account = account
        self.fsync = fsync
        self.data = self.folder / "data"
        self.log = self.folder / "log"

    @property
    def url(self) -> str:
        """The administrator's address."""
        password = self.account.password(self.folder / "password")
        port = json.loads((self.folder / "ports").read_text())["postgres"]
        return f"postgresql://{ADMINISTRATOR}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def process(self) -> Process | None:
        """The postmaster, while it lives."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return Process.find(pid, str(self.data))

    @property
    def healthy(self) -> bool:
        """True when it takes connections."""
        if not self.process:
            return False
        port = json.loads((self.folder / "ports").read_text())["postgres"]
        return self._run("pg_isready", "-q", "-t", "3", "-h", "127.0.0.1", "-p", str(port), check=False) == 0

    def start(self) -> None:
        """Start it, unless it runs; what a kill or a reboot left behind is put right."""
        if process := self.process:
            process.send(signal.SIGCONT)
            if self._comes_up():
                return
            process.end(within=5, first=signal.SIGQUIT)
        if not self.data.exists():
            self._make_cluster()
        self._settle(ports.keep(self.folder / "ports", "postgres")["postgres"])
        self._prune_stale_pid()
        self._launch()

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` rolls open transactions back, `immediate` is a crash."""
        if self.process:
            self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-t", "30", "stop", check=False)
        if process := self.process:
            process.end(within=1, first=signal.SIGQUIT)

    def _launch(self) -> None:
        """Start the server; the children of a killed one take a moment to notice, and nothing may start beside them."""
        deadline = time.monotonic() + 20
        start = ("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-t", "60", "start")
        while self._run(*start, check=False):
            if time.monotonic() > deadline:
                last = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
                raise CannotStart(f"PostgreSQL did not start:\n{last}")
            time.sleep(0.3)

    def _prune_stale_pid(self) -> None:
        """Remove the note of a server that is gone when its pid is somebody else's now: PostgreSQL would not start.

        A pid that is nobody's is left: by that note the server learns whether children of a killed one still live.
        """
        note = self.data / "postmaster.pid"
        try:
            pid = int(note.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if Process.find(pid) and not self.process:
            note.unlink()

    def _comes_up(self) -> bool:
        deadline = time.monotonic() + 20
        while not self.healthy:
            if not self.process or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def _make_cluster(self) -> None:
        """Make the cluster aside and move it in place whole, so that an interrupted start leaves no half of one."""
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        self.account.password(self.folder / "password")
        self._run(
            *("initdb", "-D", str(draft), "-U", ADMINISTRATOR, f"--pwfile={self.folder / 'password'}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
        )
        self._run("postgres", "--single", "-D", str(draft), "postgres", text=f"CREATE DATABASE {DATABASE}\n")
        with (draft / "postgresql.conf").open("a") as settings:
            settings.write("include = 'countersign.conf'\n")
        draft.rename(self.data)

    def _settle(self, port: int) -> None:
        socket_folder = str(self.folder) if len(str(self.folder)) < 80 else ""  # a socket's path holds 107 bytes
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": socket_folder,
            "max_connections": 200,
            "shared_buffers": "256MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %q%u@%d ",
            "cluster_name": "countersign",
        }
        if not self.fsync:  # a killed server loses nothing by this, a killed machine may: for tests only
            settings |= {"fsync": "off", "full_page_writes": "off"}
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        self.account.write(self.data / "countersign.conf", "".join(lines))

    def _run(self, program: str, *words: str, text: str = "", check: bool = True) -> int:
        made_by = self.data / "PG_VERSION"
        major = made_by.read_text().strip() if made_by.exists() else ""
        return self.account.run(binaries(major) / program, *words, text=text, check=check).returncode


def binaries(major: str = "") -> Path:
    """The folder of the newest installed server programs, or of those of the version that made the data."""
    found = [place for place in Path("/usr/lib/postgresql").glob("*/bin") if (place / "initdb").exists()]
    if right := [place for place in found if place.parent.name == major]:
        return right[0]
    if found:
        return max(found, key=lambda place: int(re.sub(r"\D", "", place.parent.name) or 0))
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    raise CannotStart(
        "PostgreSQL is not installed: run `make setup`, install the package `postgresql`, "
        "or set COUNTERSIGN_DATABASE_URL"
    )
