"""`countersign witness`: co-sign the checkpoints of logs, for people who do not run them."""

import os
import sys
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.audit.witness import folder as folders
from services.audit.witness import store
from services.audit.witness.showing import as_text
from services.audit.witness.store import Evidence
from services.kernel.errors import Misconfigured

app = typer.Typer(
    help="A witness of logs: it co-signs a checkpoint where nothing that it saw before was changed.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Option(envvar="COUNTERSIGN_WITNESS_FOLDER", help="Where the witness keeps its things.")]
Log = Annotated[list[str] | None, typer.Option(metavar="VKEY", help="A log's public key, or a file that holds it.")]
Key = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="A private key (PEM, Ed25519) that was made elsewhere."),
]
Url = Annotated[str, typer.Option(help="The address logs will reach it at, for the lines of their policy.")]
Address = Annotated[str | None, typer.Option(help="Ask a running witness at this address, rather than its folder.")]
Host = Annotated[str, typer.Option(envvar="COUNTERSIGN_WITNESS_HOST", help="The address to listen on.")]
Port = Annotated[int, typer.Option(envvar="COUNTERSIGN_WITNESS_PORT", help="The port to listen on.")]

HERE = Path(".local/witness")


@app.command()
def init(
    name: Annotated[str, typer.Option(help="Its name, like a web address without https://: agency.example/witness")],
    folder: Folder = HERE,
    log: Log = None,
    key: Key = None,
    url: Url = "https://witness.example",
) -> None:
    """Make a witness, or take the one that is there, and print its public key and the lines for a log's policy."""
    made = folders.begin(folder, name, [_read(vkey) for vkey in log or ()], key.read_bytes() if key else None)
    typer.echo(f"{made.vkey}\n\nLines for the policy of a log that it witnesses:\n\n{made.policy(url)}")


@app.command("add-log")
def add_log(
    log: Annotated[str, typer.Argument(metavar="VKEY", help="The log's public key, or a file that holds it.")],
    folder: Folder = HERE,
) -> None:
    """Have one more log witnessed, or one more key of a log trusted."""
    added = folders.add(folders.there(folder), _read(log))
    typer.echo(f"{added.name} is witnessed now.")


@app.command()
def run(
    folder: Folder = HERE,
    host: Host = "127.0.0.1",
    port: Port = 8090,
) -> None:
    """Answer logs that ask for a cosignature (C2SP tlog-witness), and everybody who asks what was witnessed."""
    folders.there(folder)
    sys.stdout.flush()
    words = ("--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--respawn-failed-workers")
    limits = ("--blocking-threads", "4", "--workers-kill-timeout", "10")
    command = [sys.executable, "-m", "granian", *words, *limits, "--host", host, "--port", str(port)]
    environment = {**os.environ, "COUNTERSIGN_WITNESS_FOLDER": str(folder)}
    os.execve(sys.executable, [*command, "services.audit.witness.wsgi:app"], environment)


@app.command()
def status(folder: Folder = HERE, url: Address = None) -> None:
    """Say what is witnessed, and how far it has been seen."""
    if url:
        typer.echo(_asked(url), nl=False)
        return
    typer.echo(as_text(folders.there(folder)), nl=False)


@app.command()
def evidence(folder: Folder = HERE) -> None:
    """Print the checkpoints that a log has signed and that do not fit what was seen before: 1 where there are any."""
    witness = folders.there(folder)
    with store.opened(witness.file) as tx:
        found = store.evidence(tx)
    for one in found:
        typer.echo(_told(one))
    if not found:
        typer.echo("Nothing that a log has signed speaks against it.")
    raise typer.Exit(1 if found else 0)


def _read(vkey: str) -> str:
    """Return a public key as it was typed, or as the file of this name holds it."""
    file = Path(vkey)
    try:
        return file.read_text("utf-8").strip() if "+" not in vkey or file.is_file() else vkey
    except (OSError, ValueError) as problem:
        raise Misconfigured(f"{vkey!r} is neither a public key (name+id+key) nor a file with one: {problem}.") from None


def _asked(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except (OSError, ValueError) as problem:
        raise Misconfigured(f"No witness answers at {url}: {problem}.") from None


def _told(found: Evidence) -> str:
    at = datetime.fromtimestamp(found.at, UTC)
    what = {
        "fork": "one size, two roots. Both were signed by the log: it has shown two faces.",
        "unproven": "the proof that came with it does not lead from the one to the other. Ask the log for a proof.",
    }[found.kind]
    head = f"{at:%Y-%m-%d %H:%M:%S} UTC, {found.origin}, size {found.size:,}: {what}"
    return f"{head}\n\nWhat came:\n{found.note.decode()}\nWhat was known:\n{found.beside.decode()}"
