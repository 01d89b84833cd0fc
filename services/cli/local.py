"""`countersign up|down|status|logs`: the platform in the background of one machine."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from typing import Annotated

import typer

from services.cli.runner import CALL, Apart, folder, platform
from services.kernel import children, config, runner
from services.kernel.errors import Misconfigured
from services.kernel.processes import Process

app = typer.Typer()

UP_WITHIN = 90.0  # seconds
SETTLED = 1.0  # a child that lives so long did not die of its start
DOWN_WITHIN = 180.0  # no child takes longer than 20, and they go one after the other


@app.command()
def up(apart: Apart = False) -> None:
    """Start the platform in the background, unless it runs, and wait until it answers."""
    if not runner.running(folder()):
        _start_runner(["--apart"] if apart else [])
    _wait_until_it_answers({child.name for child in platform(apart)})
    typer.echo(f"The platform answers at {config.public_url()}")


@app.command()
def down() -> None:
    """Stop the platform, with what a killed runner may have left."""
    process = runner.running(folder())
    if process:
        process.end(within=DOWN_WITHIN)
    left = children.stop(folder(), [child.name for child in platform(apart=False)])
    typer.echo("The platform is stopped." if process or left else "The platform was not running.")


@app.command()
def status() -> None:
    """Show what runs, since when, and where the platform answers."""
    process = runner.running(folder())
    found = sorted(children.living(folder()), key=lambda child: child.name)
    if not process and not found:
        typer.echo("The platform does not run; `countersign up` starts it.")
        raise typer.Exit(3)
    typer.echo(_line("runner", process) if process else "runner       was killed; `countersign up` starts it again")
    for child in found:
        typer.echo(_line(child.name, child.process))
    typer.echo(f"\n{config.public_url()} {_answer('/readyz')}")


@app.command()
def logs(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PROCESS]...", help="Whose; all by default.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they say more.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines of each.")] = 20,
) -> None:
    """Show what the processes said last."""
    every = sorted((folder() / "log").glob("*.log"))
    wanted = [log for log in every if not names or log.stem in names]
    if not wanted:
        raise Misconfigured(
            f"There is no such log in {folder() / 'log'}: {', '.join(log.stem for log in every) or '-'}"
        )
    os.execvp("tail", ["tail", *(["-F"] if follow else []), "-n", str(lines), *map(str, wanted)])


def _start_runner(options: list[str]) -> None:
    log = folder() / "log" / "runner.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        subprocess.Popen(
            [*CALL, "all", *options], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )


def _wait_until_it_answers(names: set[str]) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while time.monotonic() < deadline:
        missing = names - {child.name for child in children.living(folder()) if child.process.age > SETTLED}
        answer = _answer("/readyz")
        if not missing and answer == "answers":
            return
        time.sleep(0.2)
    log = folder() / "log" / "runner.log"
    last = "".join(deque(log.open(errors="replace"), 10)) if log.exists() else ""
    print(last, file=sys.stderr)
    raise Misconfigured(
        f"The platform did not come up in {UP_WITHIN:.0f} s: {_reason(missing, answer)}; see {log.parent}"
    )


def _reason(missing: set[str], answer: str) -> str:
    return f"{', '.join(sorted(missing))} not running" if missing else f"the web {answer}"


def _line(name: str, process: Process) -> str:
    minutes, seconds = divmod(int(process.age), 60)
    return f"{name:<22} runs   pid {process.pid:<8} since {minutes} min {seconds:02} s"


def _answer(path: str) -> str:
    port = config.env().int("WEB_PORT", 8080)
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3).close()
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except OSError:
        return "does not answer"
    return "answers"
