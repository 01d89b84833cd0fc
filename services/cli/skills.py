"""`countersign skills`: the skills of ESCO that designers search in."""

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console

from services.catalogue import skills as catalogue
from services.catalogue.store.skills import Language
from services.kernel import db
from services.kernel.errors import Misconfigured

app = typer.Typer(no_args_is_help=True)

File = Annotated[Path | None, typer.Argument(help="ESCO’s skills_en.csv or skills_de.csv, as it is.")]
Starter = Annotated[bool, typer.Option("--starter", help="Bring the set that travels with us; what is there stays.")]
In = Annotated[str | None, typer.Option("--language", help="en or de; without it, as the file's name ends.")]


@app.callback()
def skills(context: typer.Context) -> None:
    """Skills of ESCO, for the search in the editor."""
    context.call_on_close(db.close_all)


@app.command("import")
def bring(file: File = None, starter: Starter = False, language: In = None) -> None:
    """Bring skills: all of a file or none of it. Again is no harm."""
    if starter == (file is not None):
        raise Misconfigured("Name ESCO’s CSV file, or say --starter: one of the two.")
    if file is None:
        typer.echo(f"{catalogue.put_starter():,} skills of the starter set are new.")
        return
    if not file.is_file():
        raise Misconfigured(f"There is no file {file}.")
    console = Console(stderr=True)
    with console.status(f"Reading {file.name}") as status:
        told = catalogue.put_file(file, _language(file, language), lambda n: status.update(f"{n:,} skills read"))
    typer.echo("{:,} skills read, {:,} new or changed.".format(*told))


def _language(file: Path, said: str | None) -> Language:
    """Return the language of a file: the one that was said, or the end of its name (skills_de.csv)."""
    sought = said or ("de" if file.stem.endswith("_de") else "en")
    for language in get_args(Language):
        if language == sought:
            return language  # type: ignore[no-any-return]
    raise Misconfigured(f"Skills are kept in English and German (en, de), not in “{sought[:20]}”.")
