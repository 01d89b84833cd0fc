"""A whole platform of a test's own: `countersign up` in a folder and on a port of its own."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.kernel import children, runner
from services.kernel.processes import Process


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
