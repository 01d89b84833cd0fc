"""`countersign demo`: play one co-design round on the running platform, and say what happened in plain words."""

import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console

from services.accounts import commands
from services.cli.round.cast import Cast, assemble
from services.cli.round.play import Step, play, script
from services.kernel import config, db
from services.kernel.db import Transaction

app = typer.Typer()
console = Console(highlight=False, soft_wrap=True)

LINK_DAYS = 7
PATIENCE = 60.0  # seconds in which a committed event has to become an entry


@app.command()
def demo() -> None:
    """Play one co-design round on the running platform, and print the addresses and sign-in links of its people."""
    words = script()
    console.print("\n[bold]One co-design round[/bold], played over HTTP as its people would.\n")
    cast = assemble(words, config.public_url())
    for number, step in enumerate(play(words, cast), 1):
        console.print(f"{number:>3}. {step.sentence}")
        console.print(f"     [dim]{_entry(step)}[/dim]")
    _say_what_was_mailed()
    _say_where(cast)


def _entry(step: Step) -> str:
    """Wait until the event is an entry of the log, and name both."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        with db.of("audit").transaction(read_only=True) as tx:
            row = _row(tx, step)
        if row:
            return f"{row['type']} is entry {row['idx']:,} of the log"
        time.sleep(0.02)
    return "its event is not in the log yet: `make logs` says what the relay and the recorder do"


def _row(tx: Transaction, step: Step) -> Mapping[str, Any] | None:
    if step.answer is None:
        return tx.one("SELECT idx, type FROM entry WHERE event_id = %(event)s", {"event": step.event})
    type, subject = step.answer
    statement = "SELECT idx, type FROM entry WHERE type = %(type)s AND subject = %(subject)s ORDER BY idx DESC LIMIT 1"
    return tx.one(statement, {"type": type, "subject": subject})


def _say_what_was_mailed() -> None:
    catcher = config.env().str("MAIL_PAGE", "").rstrip("/")
    if not catcher:
        return
    try:
        with urllib.request.urlopen(f"{catcher}/messages.json", timeout=5) as answer:
            mails = json.load(answer)
    except (OSError, ValueError) as problem:
        console.print(f"\nThe mail catcher does not answer ({problem}).")
        return
    count = len(mails["messages"] if isinstance(mails, dict) else mails)
    console.print(f"\n{count} mails were caught so far; read them at {catcher}")


def _say_where(cast: Cast) -> None:
    base = config.public_url()
    console.print("\n[bold]Look for yourself.[/bold] Each link signs in one person of the round, for a week:\n")
    for person in cast.people.values():
        console.print(f"  {person.title}, {person.name}\n    {commands.mint_link(person.id, LINK_DAYS)}")
    console.print(f"\n  Designs         {base}/catalogue/")
    console.print(f"  Consultations   {base}/codesign/")
    console.print(f"  Inbox           {base}/notifications/")
    console.print(f"  The record      {base}/audit/   (how it is doing: {base}/audit/health)")
    console.print(
        "\n[bold]Check it without believing us.[/bold] With Python and the package `cryptography`, on any machine:\n"
    )
    console.print(f"  curl -O {base}/audit/countersign-verify.py")
    console.print(f"  python3 countersign-verify.py follow {base}/audit --once")
    console.print("\nThe platform goes on running: `make status` shows it, `make down` stops it.\n")
