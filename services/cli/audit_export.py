"""`countersign audit export` and `verifier`: the evidence bundle, and the tool that checks it."""

import sys
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from services.audit.evidence import exporting
from services.audit.verifier import build


def run(place: Path) -> None:
    """Export to a folder or a zip, and say what was written and how to check it."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Exporting", total=None)
        found = exporting.export(place, lambda done, of: bar.update(task, completed=done, total=of))
    typer.echo(
        f"{found.place} holds {found.size:,} entries and {found.private:,} private values beside them. "
        f"Root: {found.root.hex()}"
    )
    typer.echo(f"To check it: python3 {build.NAME} bundle {found.place}")
    typer.echo("Whoever gets it is answerable for the private values in it. The tool: `countersign audit verifier`.")


def verifier() -> None:
    """Write the verifier, one file, to standard output."""
    sys.stdout.buffer.write(build.built())
