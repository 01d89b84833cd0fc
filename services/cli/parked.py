"""`countersign parked`: the messages no handler could handle, and what an operator does with them."""

import json
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services import SERVICES
from services.kernel import clock, db, ids, redriving, topology
from services.kernel.db import Transaction
from services.kernel.errors import Malformed, Misconfigured, NotFound, Refused
from services.kernel.events import Event, parse
from services.kernel.redriving import Stuck

app = typer.Typer(no_args_is_help=True)

Answer = TypeVar("Answer")

Id = Annotated[str, typer.Argument(help="The message's id, as `parked list` shows it.")]
Service = Annotated[str | None, typer.Option(help="Only this service's messages.")]
Because = Annotated[str | None, typer.Option(help="Your reason; it travels beside the log and can be erased.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


@app.callback()
def parked(context: typer.Context) -> None:
    """Messages that wait for another try, or are parked for you to look at."""
    context.call_on_close(db.close_all)


@app.command("list")
def list_them(service: Service = None, as_json: Json = False) -> None:
    """List them, the oldest first."""
    found = [message for name in _services(service) for message in _stuck(name)]
    if as_json:
        typer.echo(json.dumps([_as_json(message) for message in found], indent=2))
    elif found:
        Console().print(_table(found))
    else:
        typer.echo("Nothing waits and nothing is parked.")


@app.command()
def show(id: Id, service: Service = None, as_json: Json = False) -> None:
    """Show one whole: why it is stuck, and the event it carries."""
    message = _with(service, id, lambda tx: redriving.find(tx, id))
    said = _as_json(message) | {"event": _content(message)}
    if as_json:
        typer.echo(json.dumps(said, indent=2))
        return
    for name, value in said.items():
        typer.echo(f"{name:<9} {value if isinstance(value, str | int | None) else json.dumps(value, indent=2)}")


@app.command()
def redrive(
    id: Id,
    service: Service = None,
    because: Because = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Let it through although an event before it never came.")
    ] = False,
) -> None:
    """Give it to its handler again, now; the log says that you did."""

    def again(tx: Transaction) -> Event:
        _expect_taker(redriving.find(tx, id))
        return redriving.redrive(tx, id, because, skip_missing=skip_missing)

    event = _with(service, id, again)
    typer.echo(f"Message {id} is tried again now by {event.data['handler']} (event {event.id} tells of it).")


@app.command()
def discard(id: Id, service: Service = None, because: Because = None) -> None:
    """Give it up: its handler will never see it; the log says that you did."""
    event = _with(service, id, lambda tx: redriving.discard(tx, id, because))
    typer.echo(f"Message {id} is discarded (event {event.id} tells of it).")


def _services(service: str | None) -> tuple[str, ...]:
    if service is not None and service not in SERVICES:
        raise Misconfigured(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    return (service,) if service else SERVICES


def _expect_taker(message: Stuck) -> None:
    if (message.service, message.handler) not in {(handler.service, handler.name) for handler in topology.handlers()}:
        raise Refused(
            f"No worker tries messages of {message.service}.{message.handler} again; you can discard this one."
        )


def _stuck(service: str) -> list[Stuck]:
    with db.of(service).transaction(read_only=True) as tx:
        return redriving.stuck(tx)


def _with(service: str | None, id: str, act: Callable[[Transaction], Answer]) -> Answer:
    """Do something in the service that has the message; its id is its own in all of them."""
    if not ids.is_id(id):
        raise NotFound(f"{id!r} is no id of a message; `countersign parked list` shows them.")
    for name in _services(service):
        try:
            with db.of(name).transaction() as tx:
                return act(tx)
        except NotFound:
            continue
    raise NotFound(f"No message {id} waits or is parked: it was handled, redriven or discarded meanwhile.")


def _as_json(message: Stuck) -> dict[str, Any]:
    return {
        "id": message.id,
        "service": message.service,
        "handler": message.handler,
        "state": message.state,
        "event_id": message.event_id,
        "type": message.type,
        "attempts": message.attempts,
        "reason": message.reason,
        "since": clock.rfc3339(message.at),
        "due": message.due and clock.rfc3339(message.due),
    }


def _content(message: Stuck) -> Any:
    """The event as it stands in the log, without the private values beside it; what is no event, as text."""
    try:
        return json.loads(parse(message.body).body)
    except Malformed:
        return message.body.decode(errors="backslashreplace")


def _table(messages: list[Stuck]) -> Table:
    table = Table("Message", "Handler", "State", "Event", "Tries", "Since", "Reason", box=None, pad_edge=False)
    for message in messages:
        table.add_row(
            message.id,
            f"{message.service}.{message.handler}",
            "parked" if message.due is None else f"waits until {message.due:%d %b %H:%M:%S} UTC",
            message.type or "unreadable",
            str(message.attempts),
            f"{message.at:%d %b %H:%M}",
            escape(message.reason),
        )
    return table
