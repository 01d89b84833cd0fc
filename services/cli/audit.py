"""`countersign audit`: is the log whole?"""

import psycopg
import typer
from rich.console import Console
from rich.progress import Progress

from services.audit import directory, log
from services.audit import verify as verification
from services.kernel import db
from services.kernel.errors import Misconfigured

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify() -> None:
    """Derive everything the database says of the entries anew: 0 the log is whole, 1 tampered, 2 it cannot be read."""
    try:
        found = _verified()
    except verification.Tampered as problem:
        typer.echo(f"TAMPERED. {problem}", err=True)
        raise typer.Exit(1) from problem
    except (psycopg.Error, Misconfigured) as problem:
        typer.echo(f"The log cannot be read: {str(problem).strip()}", err=True)
        raise typer.Exit(2) from problem
    typer.echo(
        f"The log is whole. Entries: {found.size:,}. Private values beside them: {found.private:,}. "
        f"Root: {found.root.hex()}"
    )


@app.command()
def refold() -> None:
    """Fold the directory of the pages (who is who, who may read what) anew, after its rules were changed."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        with db.of("audit").transaction() as tx:
            directory.begin_anew(tx)
            task = bar.add_task("Folding", total=log.size(tx))
        while folded := _follow():
            bar.advance(task, folded)
    typer.echo("The directory follows the log.")


def _follow() -> int:
    with db.of("audit").transaction() as tx:
        return directory.follow(tx)


def _verified() -> verification.Verified:
    with verification.connect() as connection, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Verifying", total=None)
        return verification.verify(connection, lambda done, of: bar.update(task, completed=done, total=of))
