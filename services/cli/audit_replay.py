"""`countersign audit replay`: designs, consultations and publications as they were at a point of the record."""

import gc
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
import typer
from rich.console import Console
from rich.progress import Progress

from services.audit.reading import replaying
from services.audit.reading.canonical import canonical
from services.audit.reading.replaying import Misfit
from services.audit.reading.retelling import states
from services.audit.signing import checkpoints
from services.audit.verification import verify
from services.kernel import clock, db, ids
from services.kernel.db import Transaction
from services.kernel.errors import Misconfigured

Write = Callable[[str, str, dict[str, Any]], None]

GOOD, MISFIT, UNUSABLE = 0, 1, 2


class Unusable(Exception):
    """There is nothing to replay like this; the message says why, and what to do."""


@dataclass(slots=True)
class Count:
    """What was replayed."""

    of: Counter[str] = field(default_factory=Counter)
    misfits: list[Misfit] = field(default_factory=list)


def run(to: str, json: str | None) -> int:
    """Replay up to a point, and write each state where `json` says: a folder, or - for lines. Return the exit code."""
    try:
        with db.of("audit").transaction(read_only=True) as tx:
            size, point = size_at(tx, to)
        with writing(json) as write:
            found = _replay(size, write)
    except Unusable as problem:
        typer.echo(str(problem), err=True)
        return UNUSABLE
    except (psycopg.Error, Misconfigured, OSError) as problem:
        typer.echo(f"The log cannot be replayed: {str(problem).strip()}", err=True)
        return UNUSABLE
    for misfit in found.misfits:
        typer.echo(f"DOES NOT FIT. Entry {misfit.idx:,}: {misfit.why}.", err=True)
    drafts, consultations, published = (found.of[kind] for kind in ("drafts", "consultations", "published"))
    told = f"{point} Designs: {drafts:,}. Consultations: {consultations:,}. Published designs: {published:,}."
    fits = "" if found.misfits else " Every version is the one whose hash its entry states."
    typer.echo(told + fits, err=json == "-")
    return MISFIT if found.misfits else GOOD


def size_at(tx: Transaction, to: str) -> tuple[int, str]:
    """Return how many entries to replay, and that in words: up to an entry, up to a moment, or all ("")."""
    size = tx.value("SELECT size FROM head")
    if not to:
        return size, f"After all {size:,} entries."
    if to.isascii() and to.isdigit():
        if int(to) >= size:
            raise Unusable(f"There is no entry {to}: the log has {size:,} entries, numbered from 0.")
        return int(to) + 1, f"After entry {int(to):,} of {size:,}."
    try:
        moment = clock.parse(to).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unusable(
            f"{to!r} is neither the number of an entry nor a moment with its time zone, like 2026-03-01T09:30:00Z."
        ) from None
    found = checkpoints.as_of(tx, moment)
    if found is None:
        raise Unusable(
            f"No checkpoint had been co-signed by {clock.rfc3339(moment)}. Name an entry, or a later moment."
        )
    return found.size, f"After the {found.size:,} entries of the checkpoint co-signed at {clock.rfc3339(found.at)}."


@contextmanager
def writing(json: str | None) -> Iterator[Write]:
    """Yield what writes a state as canonical JSON; nothing is written without a place."""
    if json is None:
        yield _pass_over
    elif json == "-":
        yield _print
    else:
        folder = Path(json)
        if folder.exists() and any(folder.iterdir()):
            raise Unusable(f"{folder} is not empty. Name a folder that is empty, or not there yet.")
        yield lambda kind, id, state: _keep(folder / kind, id, state)


def _replay(size: int, write: Write) -> Count:
    found = Count()
    with verify.connect() as connection, _uncollected(), Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Replaying", total=None)
        for one in replaying.replay(connection, size):
            found.misfits += one.misfits
            for kind, id, state in states(one):
                found.of[kind] += 1
                write(kind, id, state)
            bar.advance(task)
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Search for no garbage meanwhile: a reading makes no cycles, and searching takes as long as all the rest."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _pass_over(*_: Any) -> None:
    pass


def _print(kind: str, id: str, state: dict[str, Any]) -> None:
    typer.echo(canonical({"kind": kind, "id": id, "state": state}))


def _keep(folder: Path, id: str, state: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = id if ids.is_id(id) else "id-" + hashlib.sha256(id.encode()).hexdigest()  # whatever an entry calls itself
    (folder / f"{name}.json").write_bytes(canonical(state))
