"""The processes of the platform, one command each. A command turns into its process: `kill` hits the right one."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from services import SERVICES
from services.kernel.errors import Misconfigured

app = typer.Typer()

Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Which services; all by default.")]
Host = Annotated[str, typer.Option(envvar="COUNTERSIGN_WEB_HOST", help="The address to listen on.")]
Behind = Annotated[
    int,
    typer.Option(
        "--behind",
        envvar="COUNTERSIGN_TRUSTED_PROXIES",
        min=0,
        help="How many proxies stand before it; each tells in X-Forwarded-For who came to it.",
    ),
]
Port = Annotated[int, typer.Option(envvar="COUNTERSIGN_WEB_PORT", help="The port to listen on.")]


@app.command()
def web(services: Services = None, host: Host = "127.0.0.1", port: Port = 8080, behind: Behind = 0) -> None:
    """Serve pages and REST of all services, or of those named, in one process."""
    # Threads wait for the database, of which a service has at most four connections: more threads would only queue.
    _become(
        *("granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", host, "--port", str(port)),
        *("--workers", "1", "--respawn-failed-workers", "--workers-kill-timeout", "15"),
        *("--blocking-threads", "8", "services.kernel.http.wsgi:app"),
        COUNTERSIGN_WEB_SERVICES=",".join(known(services)),
        COUNTERSIGN_TRUSTED_PROXIES=str(behind),
    )


@app.command()
def worker(services: Services = None) -> None:
    """Serve the messages, timers and questions of all services, or of those named."""
    # Eventlet must patch a process before anything else is imported, so the worker is a fresh interpreter. psycopg
    # reads the variable at its import (architecture.md, trap 3).
    _become("services.kernel.worker", *known(services), PSYCOPG_WAIT_FUNC="wait_select")


@app.command()
def relay(services: Services = None) -> None:
    """Carry events from the outboxes of all services, or of those named, to the broker."""
    from services.kernel.relay import run

    run(list(known(services)))


@app.command()
def recorder() -> None:
    """Enter events into the audit log."""
    from services.audit.recording.recorder import run

    run()


@app.command()
def signer() -> None:
    """Sign the audit log and have its witnesses co-sign it."""
    from services.audit.signing.signer import run

    run()


@app.command()
def front(
    routes: Annotated[list[str], typer.Argument(metavar="PREFIX=PORT...", help="/catalogue/=8081 ... /=8082")],
    host: Host = "127.0.0.1",
    port: Port = 8080,
) -> None:
    """Stand before services that run apart: one port, each request to the one whose prefix it bears."""
    from services.kernel.front import run

    run(host, port, {prefix: int(number) for prefix, _, number in (route.partition("=") for route in routes)})


@app.command()
def mailcatcher(
    smtp_port: Annotated[int, typer.Option(envvar="COUNTERSIGN_SMTP_PORT", help="Where mail is taken in.")] = 8025,
    http_port: Annotated[int, typer.Option(envvar="COUNTERSIGN_MAIL_PORT", help="Where it is shown.")] = 8026,
    folder: Annotated[Path | None, typer.Option(help="Where the mails are kept; .local/mail.")] = None,
) -> None:
    """Catch the platform's mail and show it on a page; for trying things out, it sends nothing on."""
    from services.notifications.mailcatcher import serve

    kept = folder or Path(os.environ.get("COUNTERSIGN_FOLDER", ".local")) / "mail"
    serve(smtp_port, http_port, kept)


def known(services: list[str] | None) -> tuple[str, ...]:
    """The services that were named, or all; Misconfigured for a name that is none of them."""
    for service in services or ():
        if service not in SERVICES:
            raise Misconfigured(f"There is no service {service!r}; there are {', '.join(SERVICES)}.")
    return tuple(services or SERVICES)


def _become(module: str, *words: str, **environment: str) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", module, *words], {**os.environ, **environment})
