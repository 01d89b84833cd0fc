"""A whole platform of a test's own, on servers of its own: `countersign up` in a folder and on a port of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import Servers
from services.kernel import children, migrate, ports, runner
from services.kernel.processes import Process
from tests import private


@dataclass(frozen=True, slots=True)
class Local:
    """A platform in a folder and on a port of its own."""

    folder: Path
    port: int
    settings: dict[str, str]

    def run(self, *words: str) -> str:
        """Run `countersign` with these words; its output."""
        command = [sys.executable, "-m", "services.cli", *words]
        done = subprocess.run(command, env=self.settings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def status(self, path: str) -> int:
        """Ask the web; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def children(self) -> dict[str, Process]:
        """Name -> process of the children that live."""
        return {child.name: child.process for child in children.living(self.folder)}

    def kill_runner(self) -> None:
        """End the runner as nobody should."""
        process = runner.running(self.folder)
        assert process
        process.send(signal.SIGKILL)
        assert process.wait(within=5)


def mails() -> Any:
    """What the platform's mail catcher has caught: `messages`, and `doubles` by Message-ID."""
    with urllib.request.urlopen(os.environ["COUNTERSIGN_MAIL_PAGE"] + "/messages.json", timeout=60) as answer:
        return json.load(answer)


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Servers]:
    """A database and a broker of our own, for we stop them."""
    own = Servers(tmp_path / "servers")
    own.start()
    yield own
    own.erase()


@pytest.fixture
def start(own_servers: Servers, tmp_path: Path) -> Iterator[Callable[..., Local]]:
    """`start()` or `start("--apart")`: the platform before them, with its mail catcher and its witness."""
    web, smtp, mail, witness = (str(ports.free()) for _ in range(4))
    own = {
        "COUNTERSIGN_FOLDER": str(tmp_path / "platform"),
        "COUNTERSIGN_SECRETS": str(tmp_path / "secrets"),
        "COUNTERSIGN_DATABASE_URL": own_servers.urls.database,
        "COUNTERSIGN_AMQP_URL": own_servers.urls.amqp,
        "COUNTERSIGN_WEB_PORT": web,
        "COUNTERSIGN_PUBLIC_URL": f"http://localhost:{web}",
        "COUNTERSIGN_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "COUNTERSIGN_SMTP_PORT": smtp,
        "COUNTERSIGN_MAIL_PORT": mail,
        "COUNTERSIGN_MAIL_PAGE": f"http://localhost:{mail}",
        "COUNTERSIGN_WITNESS_PORT": witness,
    }
    with private.settings(**own):
        migrate.migrate(own_servers.urls.database)
        platform = Local(tmp_path / "platform", int(web), {**os.environ})

        def up(*how: str) -> Local:
            platform.run("up", *how)
            return platform

        yield up
        if process := runner.running(platform.folder):
            process.send(signal.SIGKILL)
        for child in children.living(platform.folder):
            child.process.end_session(0)
