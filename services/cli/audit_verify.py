"""`countersign audit verify` and `fsck`: what they found, in sentences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.audit.verification import fsck as nodes
from services.audit.verification import verify
from services.audit.verification.verify import Tampered, Verified
from services.kernel.errors import Misconfigured

WHOLE, TAMPERED, UNREADABLE = 0, 1, 2
SHOWN = 5  # wrong nodes that are told of one by one


def run() -> int:
    """Verify the log and say what was found: 0 it is whole, 1 it was tampered with, 2 it cannot be read."""
    try:
        with verify.connect() as connection, shown("Verifying") as progress:
            found = verify.verify(connection, progress)
    except Tampered as problem:
        typer.echo(f"TAMPERED. {problem}", err=True)
        return TAMPERED
    except (psycopg.Error, Misconfigured) as problem:
        typer.echo(f"The log cannot be read: {str(problem).strip()}", err=True)
        return UNREADABLE
    for sentence in _told(found):
        typer.echo(sentence)
    if found.kept:
        typer.echo(f"NOT ERASED. {found.kept[0]} `countersign erasures apply` lets go of it.", err=True)
        return TAMPERED
    return WHOLE


def fsck(repair: bool) -> int:
    """Compare the kept nodes with the entries, and say what was found: 0 they are right now, 1 not, 2 no verdict."""
    try:
        with nodes.connect() as connection, shown("Hashing") as progress:
            found = nodes.check(connection, progress, repair=repair)
    except Tampered as problem:
        typer.echo(f"TAMPERED. {problem}", err=True)
        return TAMPERED
    except (psycopg.Error, Misconfigured) as problem:
        typer.echo(f"The log cannot be read: {str(problem).strip()}", err=True)
        return UNREADABLE
    for difference in found.differences[:SHOWN]:
        typer.echo(str(difference))
    if not found.differences:
        typer.echo(f"Each of the {found.nodes:,} kept nodes is the hash over its entries. Entries: {found.size:,}.")
        return WHOLE
    wrong = f"{len(found.differences):,} of {found.nodes:,} nodes were wrong"
    typer.echo(f"{wrong}; they are as the entries make them now." if repair else f"{wrong}: --repair writes them anew.")
    return WHOLE if repair else TAMPERED


@contextmanager
def shown(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far it is, where somebody looks; yield what has to be told."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def _told(found: Verified) -> Iterator[str]:
    yield (
        f"The log is whole. Entries: {found.size:,}. Private values beside them: {found.private:,}. "
        f"Root: {found.root.hex()}"
    )
    if found.signed:
        yield f"Checkpoints kept, each of them good: {found.signed:,} signed, {found.published:,} published."
    if found.earlier:
        yield f"Of those published, {found.earlier:,} are from before the policy in force, and have not its quorum."
    if found.copied is not None:
        yield f"The log folder has the same {found.copied:,} entries and hashes."
    yield from found.before
    for excuse, number in found.gone.items():
        yield f"Private values {excuse}: {number:,}."
