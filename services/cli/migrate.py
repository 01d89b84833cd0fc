"""`countersign migrate`: the one command that speaks to the database as its administrator."""

import typer

from services.catalogue import skills
from services.cli import erasures, second_party
from services.cli.runner import folder
from services.kernel import config
from services.kernel.migrate import migrate as apply_migrations

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Make or bring up to date the roles, schemas and tables of every service, and the secrets they need."""
    applied = apply_migrations(config.admin_database_url())
    second_party.settle(folder())
    erasures.apply_all(missing=True)  # before anybody reads: the database may have been restored
    skills.put_starter()
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo(f"The database is up to date ({len(applied)} migrations applied)." if applied else "Nothing to migrate.")
