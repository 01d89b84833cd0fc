"""`countersign rebuild`: are a service's tables the fold of the log?"""

from typing import Annotated

import typer

from services.cli.processes import known
from services.kernel import documents, rebuild
from services.kernel.errors import Misconfigured

app = typer.Typer()

WIDTH = 300  # of a row that differs


@app.command("rebuild")
def command(
    service: Annotated[str, typer.Argument(help="Which service.")],
    shuffle: Annotated[
        int | None, typer.Option(help="Interleave the subjects otherwise; the same seed, the same.")
    ] = None,
    to: Annotated[int | None, typer.Option(min=0, help="Write the tables as of the first N entries, as JSON.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare with the live tables: 0 the same, 1 not.")] = False,
) -> None:
    """Fold the log again into temporary tables, and compare every table byte for byte or write what they hold."""
    if check == (to is not None):
        raise Misconfigured("Say what the fold is for: --check compares it with the live tables, --to N writes it.")
    (name,) = known([service])
    if name == "audit":
        raise Misconfigured(
            "The tables of audit are the log itself: `countersign audit verify` derives them anew from its entries."
        )
    if to is not None:
        typer.echo(documents.canonical(rebuild.at(name, to)).decode())
        return
    verdict = rebuild.check(name, shuffle)
    if verdict.differs is None:
        typer.echo(f"{name}: {verdict.tables} tables are the fold of {verdict.events:,} events, byte for byte.")
        return
    typer.echo(f"{name}: the table {verdict.differs} is not what the log says.", err=True)
    typer.echo(f"  live    {verdict.live[:WIDTH]}\n  folded  {verdict.folded[:WIDTH]}", err=True)
    raise typer.Exit(1)
