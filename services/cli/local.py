"""`countersign up|down|hold|release|status|logs`: the platform in the background of one machine."""

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from typing import Annotated

import typer

from services.cli.readiness import web_answer, what_lacks
from services.cli.runner import CALL, Apart, folder, names
from services.kernel import children, config, runner
from services.kernel.errors import Misconfigured
from services.kernel.processes import Process

app = typer.Typer()

Names = Annotated[list[str], typer.Argument(metavar="PROCESS...", help="As `countersign status` calls it.")]

UP_WITHIN = 90.0  # seconds
DOWN_WITHIN = 180.0  # no child takes longer than 20, and they go one after the other


@app.command()
def up(apart: Apart = False) -> None:
    """Start the platform in the background, unless it runs, and wait until every part of it is at work."""
    wanted = names(apart)
    _refuse_if_it_runs_otherwise(wanted)
    for name in wanted:
        children.release(folder(), name)
    if not runner.running(folder()):
        _start_runner(["--apart"] if apart else [])
    _wait_for(wanted)
    typer.echo(f"The platform answers at {config.public_url()}")


@app.command()
def down() -> None:
    """Stop the platform, with what a killed runner may have left."""
    process = runner.running(folder())
    if process:
        process.end(within=DOWN_WITHIN)
    left = children.stop(folder(), names(apart=False))
    typer.echo("The platform is stopped." if process or left else "The platform was not running.")


@app.command()
def hold(process: Names) -> None:
    """Stop some of the processes and have them stay down, to see the others go on without them."""
    for name in _known(process):
        children.hold(folder(), name)
        typer.echo(f"{name} is held; `countersign release {name}` lets it run again.")


@app.command()
def release(process: Names) -> None:
    """Let held processes run again."""
    for name in _known(process):
        children.release(folder(), name)


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
    for name in children.held(folder()):
        typer.echo(f"{name:<22} held   `countersign release {name}` lets it run again")
    typer.echo(f"\n{config.public_url()} {web_answer()}")


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


def _refuse_if_it_runs_otherwise(wanted: Sequence[str]) -> None:
    living = {child.name for child in children.living(folder())}
    if runner.running(folder()) and not living <= set(wanted):
        raise Misconfigured(f"The platform runs already, as {', '.join(sorted(living))}: `countersign down` stops it.")


def _wait_for(wanted: Sequence[str]) -> None:
    deadline = time.monotonic() + UP_WITHIN
    while lack := what_lacks(folder(), wanted):
        if time.monotonic() > deadline:
            log = folder() / "log" / "runner.log"
            if log.exists():
                print("".join(deque(log.open(errors="replace"), 10)), file=sys.stderr)
            raise Misconfigured(
                f"The platform did not come up in {UP_WITHIN:.0f} s: {lack} `countersign logs` says more."
            )
        time.sleep(0.3)


def _known(processes: list[str]) -> list[str]:
    every = {*names(apart=True), *names(apart=False)}
    for name in processes:
        if name not in every:
            raise Misconfigured(f"There is no process {name!r}; there are {', '.join(sorted(every))}.")
    return processes


def _line(name: str, process: Process) -> str:
    minutes, seconds = divmod(int(process.age), 60)
    return f"{name:<22} runs   pid {process.pid:<8} since {minutes} min {seconds:02} s"
