"""`countersign erasures`: what the log says is gone is let go of again, in every service.

Live, each service hears of it on the bus. This is for a database that was restored from before that: it is asked at
every start, so nobody reads what was erased meanwhile.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated

import psycopg
import typer
from psycopg.rows import dict_row

from services import SERVICES
from services.audit import log
from services.audit.erasing import erasures
from services.audit.signing import log_folder
from services.audit.tlog.errors import LogError
from services.kernel import config, inbox
from services.kernel.db import Transaction
from services.kernel.errors import Misconfigured
from services.kernel.events import Event

HANDLER = "forget"  # its name in every service that hears of erasures

app = typer.Typer(help="What was erased or withheld.", no_args_is_help=True)


@app.callback()
def erasures_of_the_log() -> None:
    """What was erased or withheld."""


@app.command()
def apply(
    missing: Annotated[bool, typer.Option("--missing", help="Only what a service has not heard of yet.")] = False,
) -> None:
    """Let go again of everything the log says is gone: after a restore. Doing it twice does no harm."""
    done = apply_all(missing=missing)
    for service, number in done.items():
        if number or not missing:
            typer.echo(f"{service}: {number:,} erasures applied.")
    if missing and not any(done.values()):
        typer.echo("Every service has heard of every erasure in the log.")


def apply_all(*, missing: bool) -> dict[str, int]:
    """Apply the erasures of the log to each service, those only that it has not heard of where `missing`."""
    with _transaction("audit") as tx:
        said, beyond = erasures.acts(tx), _beyond(log.size(tx))
        every = [*said, *beyond]
        due = len(_unheard(tx, every)) if missing else len(every)
        if due:
            erasures.apply(tx, beyond)
    others = [service for service in SERVICES if service != "audit"]
    return {"audit": due, **{service: _apply(service, every, missing) for service in others if every}}


def _apply(service: str, said: Sequence[Event], missing: bool) -> int:
    with _transaction(service) as tx:
        due = _unheard(tx, said) if missing else said
        for event in due:
            _forget(tx, event)
        return len(due)


def _forget(tx: Transaction, event: Event) -> None:
    """Act on an erasure as the service does when it hears of it, or says it itself: then its stream stays where it is.

    What it had said before that comes back first, with the erasure behind it (kernel/catching_up.py).
    """
    if event.service != tx.service:
        inbox.first_time(tx, event, HANDLER)
    import_module(f"services.{tx.service}.commands").hear_of_erasure(tx, event)


def _unheard(tx: Transaction, said: Sequence[Event]) -> list[Event]:
    """Return those of the erasures that a service does not know of."""
    statement = f"SELECT event_id::text AS id FROM {tx.service}_own.erasure"
    known = {row["id"] for row in tx.execute(statement)} if said else set()
    return [event for event in said if event.id not in known]


def _beyond(size: int) -> list[Event]:
    """Return the erasures that the log folder knows of and the database does not: it was restored, too."""
    folder = log_folder.of_settings()
    try:
        head = folder.head()
        return list(erasures.acts_in(folder.entries(size, head.size))) if head and head.size > size else []
    except (LogError, OSError) as problem:
        raise Misconfigured(
            f"The log's database has {size:,} entries and its folder has more, which cannot be read: {problem} "
            "What was erased meanwhile is not known; nothing may start on it. See docs/operations.md, the way back."
        ) from problem


@contextmanager
def _transaction(service: str) -> Iterator[Transaction]:
    """Open a transaction as a service, without its limits of time, on a connection of its own."""
    with psycopg.connect(
        config.database_url(service),
        row_factory=dict_row,
        options=f"-c search_path={service},{service}_own -c lock_timeout=30s",
        application_name=f"countersign erasures {service}",
        connect_timeout=5,
    ) as connection:
        yield Transaction(service, connection)
