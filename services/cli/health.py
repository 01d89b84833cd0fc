"""Is a process of this platform well? Asked by containers and by people; 0 yes, 1 no, and a sentence that says why."""

import urllib.error
import urllib.request
from typing import Annotated, Any

import typer

from services.cli.processes import known
from services.kernel import config, db, topology

app = typer.Typer(help="Say whether a process is well: 0 yes, 1 no, with the reason.", no_args_is_help=True)

Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Which services; all by default.")]


@app.command()
def web(port: Annotated[int, typer.Option(envvar="COUNTERSIGN_WEB_PORT")] = 8080) -> None:
    """Say whether the web process of this machine is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            _say(True, answer.read().decode())
    except urllib.error.HTTPError as answer:
        _say(False, answer.read().decode())
    except OSError as problem:
        _say(False, f"Nobody answers on port {port}: {problem}")


@app.command()
def worker(services: Services = None) -> None:
    """Say whether every handler's queue has somebody who reads it."""
    wanted = known(services)
    _say_who_reads([handler.queue for handler in topology.handlers() if handler.service in wanted])


@app.command()
def recorder() -> None:
    """Say whether the recorder's queue has somebody who reads it."""
    _say_who_reads([topology.recorder_queue()])


@app.command()
def relay(services: Services = None) -> None:
    """Say whether a relay holds the lease of every outbox."""
    idle = [service for service in known(services) if not is_led(service)]
    _say(not idle, f"No relay holds the outbox of {', '.join(idle)}." if idle else "Every outbox has its relay.")


@app.command()
def signer() -> None:
    """Say whether a signer leads, and what is wrong with the log where something is."""
    wrong = signer_lacks()
    _say(not wrong, wrong or "The log is signed, and nothing is wrong with it.")


def signer_lacks() -> str:
    """The first thing that is wrong with the signing of the log, in a sentence; empty when all is well."""
    from services.audit.signing import log_folder

    if not is_led("audit", "signer"):
        return "No signer leads: nothing new in the log is signed."
    return next(iter(log_folder.of_settings().alarms()), "")


def _say_who_reads(queues: list[Any]) -> None:
    alone = topology.unread(config.amqp_url(), queues)
    _say(not alone, f"Nobody reads {', '.join(alone)}." if alone else "Every queue is read.")


def is_led(service: str, role: str = "relay") -> bool:
    """True when somebody holds a lease of this service: a relay that of its outbox."""
    with db.of(service).transaction(read_only=True) as tx:
        statement = f"SELECT true FROM {service}_own.lease WHERE name = %(role)s AND until > clock_timestamp()"
        return bool(tx.value(statement, {"role": role}))


def _say(well: bool, sentence: str) -> None:
    typer.echo(sentence, err=not well)
    raise typer.Exit(0 if well else 1)
