"""`countersign audit recover`: the log's database brought up to what was signed, and what to do next in plain words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import psycopg
import typer
from rich.console import Console
from rich.progress import Progress

from services import SERVICES
from services.audit.recovery import copies, recovering
from services.audit.recovery.copies import Copy
from services.audit.recovery.recovering import Recovered
from services.audit.signing import checkpoints, identity, log_folder, signing, witnesses
from services.audit.signing.asking import Away
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import Note, VerifierKey
from services.audit.tlog.tree import EMPTY_ROOT
from services.kernel import catching_up, config, events
from services.kernel.db import Transaction
from services.kernel.errors import Misconfigured
from services.kernel.events import PrivateValue

AT_ONCE = 5_000  # events that an outbox is asked for


def run(place: Path, log: str | None) -> bool:
    """Recover from the copy at a place, and say what came of it; False where more was signed than the copy has."""
    copy = copies.of(place, _key(log))
    with recovering.connect() as connection, Progress(console=Console(stderr=True), transient=True) as bar:
        tx = Transaction("audit", connection)
        signed = max(_signed_here(tx), _witnessed())
        task = bar.add_task("Recovering", total=None)
        show = lambda done, of: bar.update(task, completed=done, total=of)  # noqa: E731
        found = recovering.recover(tx, copy, signed, _in_outboxes, show)
    for sentence in (*_told(copy, found, signed), *_caught_up()):
        typer.echo(sentence)
    return found.whole


def _key(log: str | None) -> VerifierKey:
    """Return the log's public key as it was typed, else that of the settings."""
    if log is None:
        return identity.of_settings().key.verifier
    try:
        return VerifierKey.parse(log)
    except LogError as problem:
        raise Misconfigured(f"The key given with --log cannot be used: {problem}") from None


def _signed_here(tx: Transaction) -> int:
    """Return the largest size that the log folder or the database knows to be signed."""
    newest, head = checkpoints.newest_signed(tx), log_folder.of_settings().head()
    return max(newest.size if newest else 0, head.size if head else 0)


def _witnessed() -> int:
    """Return the largest size that a witness has co-signed; who cannot say is told of."""
    try:
        who = identity.of_settings()
        empty = Note.parse(signing.sign(who, Checkpoint(who.origin, 0, EMPTY_ROOT)))
        return witnesses.largest(who.policy, empty)[0]
    except (Away, Misconfigured) as problem:
        typer.echo(f"How large the log was cannot be asked of every witness: {problem}", err=True)
        return 0


def _in_outboxes(ids: Sequence[str]) -> Mapping[str, Sequence[PrivateValue]]:
    """Return the private values of events that still lie in the outboxes they came from; a service away is told of."""
    found: dict[str, Sequence[PrivateValue]] = {}
    for service in SERVICES:
        try:
            with psycopg.connect(config.database_url(service), connect_timeout=5) as connection:
                for event_id, private in _in_outbox(connection, service, ids):
                    found[event_id] = events.private_from_json(private)
        except psycopg.Error as problem:
            typer.echo(f"The outbox of {service} cannot be read: {str(problem).strip()}", err=True)
    return found


def _in_outbox(
    connection: "psycopg.Connection[tuple[object, ...]]", service: str, ids: Sequence[str]
) -> Iterator[tuple[str, object]]:
    statement = f"SELECT event_id::text, private FROM {service}_own.outbox WHERE event_id = ANY(%s::uuid[])"
    left = iter(ids)
    while some := list(islice(left, AT_ONCE)):
        yield from ((str(row[0]), row[1]) for row in connection.execute(statement.encode(), [some]))


def _told(copy: Copy, found: Recovered, signed: int) -> Iterator[str]:
    brought = min(found.after, copy.head.size) - found.before
    if brought > 0:
        yield f"{brought:,} entries were brought back from {copy.where}, from {found.before:,} to {copy.head.size:,}."
    else:
        yield f"The database has every entry that {copy.where} has."
    yield f"Private values brought back: {found.values:,}. Erasures done again: {found.erasures:,}."
    if not found.whole:
        yield (
            f"That is not all: {signed:,} entries were signed once. Recover from a copy that has them; values that are "
            f"missing ({found.lost:,}) are not given up before. Where no copy is left, `countersign audit succeed`."
        )
    elif found.lost:
        yield f"Private values lost, for no copy had them: {found.lost:,}; see entry {_first(found):,} and on."
    yield f"The log has {found.after:,} entries now. Root: {found.root.hex()}"


def _caught_up() -> Iterator[str]:
    """Let each service take back from the log what it has said itself and does not know any more."""
    for service in SERVICES:
        if service == "audit":
            continue
        try:
            number = catching_up.catch_up(service)
        except psycopg.Error as problem:
            yield f"{service} cannot be brought up to the log; ask again once its database answers. {problem}"
        else:
            if number:
                yield f"{service} had forgotten {number:,} of its own events, and has taken them back from the log."


def _first(found: Recovered) -> int:
    return found.after - -(-found.lost // recovering.MOST_LOST)
