"""The contracts' lock, for developers."""

import typer

from services.kernel import locked

app = typer.Typer(help="The contracts between the services.", no_args_is_help=True)


@app.callback()
def contracts() -> None:
    """The contracts between the services."""


@app.command()
def lock() -> None:
    """Write contracts/lock.json anew; the commit says why the wire changes."""
    before, path = locked.recorded(), locked.write()
    after = locked.present()
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    typer.echo(f"{path.name}: {', '.join(changed)} changed." if changed else f"{path.name}: nothing has changed.")
