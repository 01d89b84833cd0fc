"""`countersign audit succeed`: where the old log ended, the new one, and what is to be done then."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import typer
from psycopg.rows import dict_row
from rich.console import Console
from rich.progress import Progress

from services.audit import log
from services.audit.recovery import endings, succession
from services.audit.recovery.endings import Ended
from services.audit.recovery.succession import Succeeded
from services.audit.signing import checkpoints, identity, log_folder
from services.audit.signing.log_folder import LogFolder
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import ED25519, SigningKey, VerifierKey
from services.cli import second_party
from services.cli.runner import folder as home
from services.kernel import config, keys
from services.kernel.db import Connection, Transaction
from services.kernel.errors import Misconfigured, Refused

ORIGIN = "COUNTERSIGN_LOG_ORIGIN"


def run(ground: str, files: Sequence[Path], log_key: str | None) -> None:
    """Open the successor of this log, and say what is to be done then."""
    keys.ensure_log_key(config.secrets_folder())
    folder = log_folder.of_settings()
    kept = list(_kept_outside(files, _trusted(folder, log_key)))
    with _administrator() as connection, Progress(console=Console(stderr=True), transient=True) as bar:
        tx = Transaction("audit", connection)
        ended = endings.ended(tx, folder, kept)
        _check_that_it_cannot_go_on(tx, ended)
        origin, task = _successor(ended.checkpoint.origin), bar.add_task("Taking over", total=None)
        made = succession.succeed(
            tx, folder, ended, origin, ground, lambda done, of: bar.update(task, completed=done, total=of)
        )
    _use_here(origin)
    for sentence in _told(ended, origin, made, folder):
        typer.echo(sentence)


def _administrator() -> Connection:
    options = "-c search_path=audit,audit_own -c lock_timeout=30s"
    return psycopg.connect(config.admin_database_url(), row_factory=dict_row, options=options, connect_timeout=5)


def _kept_outside(files: Sequence[Path], trusted: Sequence[VerifierKey]) -> Iterator[Ended]:
    """Yield the checkpoints in files, and those that the witnesses of the policy have seen last."""
    for path in files:
        yield endings.in_file(path, trusted)
    for witness in endings.policy_in(identity.policy_path()).witnesses:
        try:
            yield from endings.at_witness(witness, trusted)
        except ValueError as problem:
            typer.echo(str(problem), err=True)


def _trusted(folder: LogFolder, log_key: str | None) -> list[VerifierKey]:
    """Return the keys that are known of the old log: the one that is there, those of the policies, the one given."""
    policies = (folder.public / "policy", identity.policy_path())
    found = [one.key for path in policies for one in endings.policy_in(path).logs]
    try:
        given = [VerifierKey.parse(log_key)] if log_key else []
    except LogError as problem:
        raise Misconfigured(f"The key given with --log cannot be used: {problem}") from None
    return [_key(identity.origin()).verifier, *found, *given]


def _key(origin: str) -> SigningKey:
    return SigningKey.from_pem(origin, ED25519, config.secret(keys.LOG_KEY).encode() + b"\n")


def _successor(origin: str) -> str:
    """Return the origin that was set for the new log, else the next one after the old."""
    return succession.successor_of(origin) if identity.origin() == origin else identity.origin()


def _check_that_it_cannot_go_on(tx: Transaction, ended: Ended) -> None:
    size, _ = log.standing(tx)
    newest = checkpoints.newest_signed(tx)
    last = newest.note if newest else ended.note
    same_key = last is not None and endings.signed_by(last, [_key(ended.checkpoint.origin).verifier])
    if same_key and ended.checkpoint.size <= size:
        raise Refused(
            f"This log can go on: the database has all {ended.checkpoint.size:,} entries that were signed, and the key "
            "is the one that signed them. A log is succeeded when entries are lost for good, or its key is. Where the "
            "key must not be used any more, put log-key.pem away and ask again: another is made."
        )


def _use_here(origin: str) -> None:
    """On a local platform, set the new origin, and have the local witness know the new log."""
    if second_party.port() is None or not config.LOCAL_FILE.is_file():
        return
    lines = [line for line in config.LOCAL_FILE.read_text().splitlines() if not line.startswith(f"{ORIGIN}=")]
    config.LOCAL_FILE.write_text("".join(f"{line}\n" for line in [*lines, f"{ORIGIN}={origin}"]))
    second_party.settle(home(), origin)


def _told(ended: Ended, origin: str, made: Succeeded, folder: LogFolder) -> Iterator[str]:
    before = ended.checkpoint
    missing = max(0, before.size - made.carried)
    yield f"{origin} takes the place of {before.origin}, which was signed with {before.size:,} entries."
    yield f"Carried over: {made.carried:,}. Missing of what was signed: {missing:,}. The first entry says so."
    yield f"The log has {made.head.size:,} entries now. Root: {made.head.root.hex()}"
    if ended.note is None:
        yield "No signature over that end was at hand: only the head file names it."
    yield f"Files of the old log: {succession.former_folder(folder, before.origin)}"
    yield (
        f"\nNow:\n1. Set {ORIGIN}={origin} for every process.\n"
        f"2. Where the policy has a line for the log, let it say: log {_key(origin).verifier}\n"
        "3. Have each witness add that key (`countersign witness add-log`); tell those who keep checkpoints.\n"
        "4. Start the platform. Events that the log lacks come again from the outboxes."
    )
