"""`countersign audit`: is the log whole?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from services.audit import log
from services.audit.directory import following
from services.kernel import db

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify() -> None:
    """Derive everything the database says of the entries anew: 0 the log is whole, 1 tampered, 2 it cannot be read."""
    from services.cli import audit_verify

    raise typer.Exit(audit_verify.run())


@app.command()
def fsck(
    repair: Annotated[bool, typer.Option("--repair", help="Write the nodes that are wrong anew.")] = False,
) -> None:
    """Make the kept nodes of the tree anew from the entries and compare: 0 the same, 1 not, 2 they cannot be read."""
    from services.cli import audit_verify

    raise typer.Exit(audit_verify.fsck(repair))


@app.command()
def replay(
    to: Annotated[
        str,
        typer.Option(metavar="N|TIME", help="Up to an entry, or to what was co-signed at a moment; all by default."),
    ] = "",
    json: Annotated[
        str | None, typer.Option(metavar="DIR|-", help="Write each state as canonical JSON: a file, or a line each.")
    ] = None,
) -> None:
    """Make designs and consultations again from the entries: 0 all fits, 1 an entry does not, 2 it cannot be read."""
    from services.cli import audit_replay

    raise typer.Exit(audit_replay.run(to, json))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Say how the log is doing: 0 all is well, 1 something is amiss, 2 it cannot be read."""
    from services.cli import audit_status

    raise typer.Exit(audit_status.run(as_json))


@app.command()
def reconcile(
    older_than: Annotated[float, typer.Option(min=0, help="Seconds; what is younger may still be on its way.")] = 60.0,
) -> None:
    """Is anything missing between outboxes, log and handlers? 0 no; 1 yes, it is sent again; 2 it cannot be asked."""
    from services.cli import audit_reconcile

    raise typer.Exit(audit_reconcile.run(older_than))


@app.command()
def recover(
    copy: Annotated[Path, typer.Option("--from", help="The log folder, or an evidence bundle (a folder or a zip).")],
    log_key: Annotated[
        str | None, typer.Option("--log", help="The log's public key, where log-key.pem is lost.")
    ] = None,
) -> None:
    """Bring the database up to what was signed, after an older dump was restored; 1 where the copy ends before that."""
    from services.cli import audit_recover

    raise typer.Exit(0 if audit_recover.run(copy, log_key) else 1)


@app.command()
def succeed(
    ground: Annotated[
        str, typer.Option("--reason", help="Why, in a sentence that stays in the log for ever: no names.")
    ],
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint of the old log that somebody has kept; as often as you like."),
    ] = None,
    log_key: Annotated[
        str | None, typer.Option("--log", help="The old log's public key, where no policy names it.")
    ] = None,
) -> None:
    """End a log that lost entries for good, or its key, and open another that says so in its first entry."""
    from services.cli import audit_succeed

    audit_succeed.run(ground, checkpoint or [], log_key)


@app.command()
def export(
    place: Annotated[Path, typer.Argument(metavar="DIR|ZIP", help="A zip where it ends with .zip, else a folder.")],
) -> None:
    """Write the evidence bundle: all that an auditor needs to check the record away from here, and a report."""
    from services.cli import audit_export

    audit_export.run(place)


@app.command()
def verifier() -> None:
    """Write countersign-verify, one file that needs only Python and `cryptography`, to standard output."""
    from services.cli import audit_export

    audit_export.verifier()


@app.command()
def refold() -> None:
    """Fold the directory of the pages (who is who, who may read what) anew, after its rules were changed."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        with db.of("audit").transaction() as tx:
            following.begin_anew(tx)
            task = bar.add_task("Folding", total=log.size(tx))
        while folded := _follow():
            bar.advance(task, folded)
    typer.echo("The directory follows the log.")


def _follow() -> int:
    with db.of("audit").transaction() as tx:
        return following.follow(tx)
