"""Where a log ended, as far as anybody knows: database, log folder, witnesses, whoever kept a checkpoint."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from services.audit.signing import checkpoints
from services.audit.signing.log_folder import LogFolder
from services.audit.tlog.checkpoints import Checkpoint, opened
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import Note, VerifierKey
from services.audit.tlog.policies import Policy, Witness
from services.kernel.db import Transaction
from services.kernel.errors import Misconfigured, Refused

WITHIN = 5  # seconds


@dataclass(frozen=True, slots=True)
class Ended:
    """Where a log ended: a checkpoint, and the note that proves it was signed, where one is at hand."""

    checkpoint: Checkpoint
    note: bytes | None = None


def ended(tx: Transaction, folder: LogFolder, kept: Iterable[Ended]) -> Ended:
    """Return the largest checkpoint that is known of this log; `kept` are those that came from outside.

    Raise Refused where nothing is known to have been signed.
    """
    known = [*_in_database(tx), *_in_folder(folder), *kept]
    if not known:
        raise Refused(
            "Nothing is known to have been signed, so there is no log to take the place of. Where somebody has kept a "
            "checkpoint (in a bundle, in a receipt, as its witness), give it with --checkpoint, and the log's key with "
            "--log."
        )
    origin = known[0].checkpoint.origin
    of_this = (one for one in known if one.checkpoint.origin == origin)
    return max(of_this, key=lambda one: (one.checkpoint.size, one.note is not None))


def in_file(path: Path, trusted: Sequence[VerifierKey]) -> Ended:
    """Return the checkpoint in a file; raise Misconfigured where none of these keys has signed it."""
    try:
        found = signed_by(path.read_bytes(), trusted)
    except OSError as problem:
        raise Misconfigured(f"The checkpoint {path} cannot be read: {problem.strerror}.") from None
    if found is None:
        raise Misconfigured(
            f"No key that is known of the old log has signed the checkpoint {path}: give that log's public key, --log."
        )
    return found


def at_witness(witness: Witness, trusted: Sequence[VerifierKey]) -> list[Ended]:
    """Return what a witness of our make has seen last; raise ValueError where it does not say it."""
    try:
        answer = requests.get(witness.url or "", headers={"Accept": "application/json"}, timeout=WITHIN)
        notes = [one["checkpoint"].encode() for one in answer.json()["logs"] if one["checkpoint"]]
    except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ValueError(f"The witness {witness.name} does not say what it saw last.") from problem
    return [found for note in notes if (found := signed_by(note, trusted))]


def signed_by(note: bytes, trusted: Iterable[VerifierKey]) -> Ended | None:
    """Return the checkpoint in a note that one of these keys has signed, None where none has."""
    for key in trusted:
        try:
            return Ended(opened(note, key)[0], note)
        except LogError:
            continue
    return None


def policy_in(path: Path) -> Policy:
    """Return the policy in a file, an empty one where there is none that can be read."""
    try:
        return Policy.parse(path.read_bytes())
    except (OSError, LogError):
        return Policy((), (), (), "none")


def _in_database(tx: Transaction) -> Iterator[Ended]:
    if newest := checkpoints.newest_signed(tx):
        yield Ended(Checkpoint.parse(Note.parse(newest.note).text), newest.note)


def _in_folder(folder: LogFolder) -> Iterator[Ended]:
    if head := folder.head():
        yield Ended(head)
    if note := folder.checkpoint():
        yield Ended(Checkpoint.parse(Note.parse(note).text), note)
