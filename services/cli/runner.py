"""`countersign all`: the whole platform, each process a child of one runner."""

import logging
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from services import SERVICES
from services.cli import second_party
from services.kernel import children, config, ports
from services.kernel.children import HOME, NAME, VERSION, Child
from services.kernel.errors import Misconfigured
from services.kernel.runner import Need, NotYet, Runner

app = typer.Typer()

Apart = Annotated[
    bool, typer.Option("--apart", help="A web and a worker for each service, behind a front on one port.")
]

DATABASE, BROKER = "PostgreSQL", "RabbitMQ"
# The witness belongs to nobody here: it needs none of our servers. What is not named needs both.
NEEDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("front", "mailcatcher", "witness"), ()),
    **dict.fromkeys(("web", "signer"), (DATABASE,)),
}
CALL = (sys.executable, "-m", "services.cli")


def folder() -> Path:
    """Where the local platform keeps its logs and notes."""
    return Path(os.environ.get("COUNTERSIGN_FOLDER", ".local")).resolve()


@app.command(name="all")
def run_all(apart: Apart = False) -> None:
    """Run every process, start again those that die, and take on those that a killed runner left."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stdout)
    second_party.settle(folder())
    needs = (Need(DATABASE, _database_answers), Need(BROKER, _broker_answers))
    Runner(folder(), platform(apart), settings(), needs).run()


def settings() -> dict[str, str]:
    """Our settings, as children get them."""
    return {name: value for name, value in config.as_environment() if name not in (NAME, VERSION, HOME)}


def names(apart: bool) -> list[str]:
    """The children, in the order in which they are stopped: first who takes in work, last who carries it on."""
    webs = ["front", *(f"web-{service}" for service in SERVICES)] if apart else ["web"]
    workers = [f"worker-{service}" for service in SERVICES] if apart else ["worker"]
    catcher = ["mailcatcher"] if config.env().int("SMTP_PORT", None) else []
    witness = ["witness"] if second_party.port() else []
    return [*webs, *workers, "relay", "recorder", "signer", *witness, *catcher]


def platform(apart: bool) -> list[Child]:
    """The children with their commands."""
    wanted = names(apart)
    webs = [name for name in wanted if name.startswith("web-")]
    # while children of a killed runner live, they hold the ports we mean
    inner = ports.keep(folder() / "ports-apart", *webs, in_use=any(children.living(folder()))) if webs else {}
    return [
        Child(name, (*CALL, *_words(name, inner)), needs=NEEDS.get(_role(name), (DATABASE, BROKER))) for name in wanted
    ]


def _words(name: str, inner: Mapping[str, int]) -> list[str]:
    """What stands after `countersign` for a child: `web-catalogue` is the web of catalogue on its inner port."""
    role, service = _role(name), name.partition("-")[2]
    if role == "front":
        routes = [f"/{web.partition('-')[2]}/={port}" for web, port in inner.items()]
        return ["front", *routes, f"/={inner['web-accounts']}", "--port", _public_port()]
    if role == "web":
        words = ["web", *([service] if service else []), "--port", str(inner.get(name) or _public_port())]
        return [*words, "--behind", str(config.trusted_proxies() + 1)] if service else words  # the front is one more
    if role == "witness":
        return ["witness", "run", "--folder", str(folder() / "witness")]
    return [role, *([service] if service else [])]


def _role(name: str) -> str:
    return name.partition("-")[0]


def _public_port() -> str:
    return str(config.env().int("WEB_PORT", 8080))


def _database_answers() -> None:
    """Ask each service's database for its migrations, as the service itself; then let go of what was erased since.

    A database that was restored may hold what the log says is gone; nobody starts before it is gone again.
    """
    import psycopg
    from psycopg.rows import dict_row

    from services.cli import erasures
    from services.kernel.migrate import pending

    for service in SERVICES:
        try:
            url = config.database_url(service)
            with psycopg.connect(url, connect_timeout=3, row_factory=dict_row) as connection:
                missing = pending(connection, service)
        except psycopg.Error as error:
            raise NotYet(str(error).strip().splitlines()[0]) from None
        if missing:
            raise NotYet(f"{service} lacks {', '.join(missing)}: run `countersign migrate`")
    try:
        erasures.apply_all(missing=True)
    except (psycopg.Error, Misconfigured) as error:
        raise NotYet(str(error).strip().splitlines()[0]) from None


def _broker_answers() -> None:
    """Make sure that it speaks AMQP (a frozen one takes connections and is silent), then declare all that we need."""
    from amqp.exceptions import AMQPError

    from services.kernel.topology import declare

    url = config.amqp_url()
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "localhost", parts.port or 5672), timeout=3) as probe:
            probe.sendall(b"AMQP\x00\x00\x09\x01")
            if not probe.recv(1):
                raise NotYet("it closed the connection at once")
        declare(url)
    except (OSError, AMQPError) as error:
        raise NotYet(str(error)) from None
