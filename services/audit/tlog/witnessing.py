"""The witness protocol (C2SP tlog-witness): what a log asks, how a witness judges, what the log makes of the answer.

A witness does, for the origin that the request is of: look up what it knows of that log, `judge`, and where it agrees,
store the new size and root, cosign, and answer. Looking up and storing must be one transaction, or two requests at
once could roll the log back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.audit.tlog import proofs, strict
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, Note, Signature, VerifierKey
from services.audit.tlog.tree import EMPTY_ROOT

SIZE_TYPE = "text/x.tlog.size"  # of an answer that says which size the witness has
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """What is sent to `add-checkpoint`: the size cosigned before, the path from it, and the signed checkpoint."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.old < strict.LIMIT:
            raise Unreadable(f"{self.old} is not the size of a tree.")
        strict.check_path(self.path)

    @classmethod
    def parse(cls, data: bytes) -> Request:
        """Read the body of a request; Unreadable (answer 400) also if the checkpoint is none."""
        head, blank, checkpoint = data.partition(b"\n\n")
        if not blank:
            raise Unreadable("The request carries no checkpoint: there is no empty line before one.")
        first, *lines = strict.text(head + b"\n", "The request")[:-1].split("\n")
        if not first.startswith("old "):
            raise Unreadable("The request does not begin with the old size.")
        request = cls(strict.number(first[4:], "The old size"), strict.path_in(lines), checkpoint)
        request.opened()
        return request

    def encode(self) -> bytes:
        """Write the body of a request."""
        lines = f"old {self.old}", *map(strict.base64_of, self.path), ""
        return "\n".join(lines).encode() + b"\n" + self.checkpoint

    def opened(self) -> tuple[Checkpoint, Note]:
        """Read the checkpoint, whoever signed it; its origin says which log to look up."""
        note = Note.parse(self.checkpoint)
        return Checkpoint.parse(note.text), note


@dataclass(frozen=True)
class Known:
    """What a witness knows of a log: its keys, and the size and root of the checkpoint last cosigned."""

    keys: tuple[VerifierKey, ...]
    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True)
class Verdict:
    """How a request is judged: an HTTP status, and in words why. At 200 the checkpoint is to be stored and cosigned.

    At 409 for another old size, `size` is the one last cosigned, and `body` is only that.
    """

    status: int
    why: str
    checkpoint: Checkpoint | None = None
    size: int | None = None

    @property
    def content_type(self) -> str:
        """Return the Content-Type of the answer."""
        return TEXT_TYPE if self.size is None else SIZE_TYPE

    @property
    def body(self) -> str:
        """Return the body of a refusal; that of an agreement is the lines of the cosignatures."""
        return f"{self.why if self.size is None else self.size}\n"


def judge(request: Request, known: Known | None) -> Verdict:
    """Judge a request on what is known of its origin (None: the witness does not know that log)."""
    checkpoint, note = request.opened()
    origin = strict.shown(checkpoint.origin)
    if known is None:
        return Verdict(404, f"This witness does not know the log {origin}.")
    if not _signed(note, known.keys):
        return Verdict(403, f"No key that this witness trusts for {origin} has signed the checkpoint.")
    if request.old > checkpoint.size:
        return Verdict(400, f"The old size {request.old} is larger than the checkpoint's, {checkpoint.size}.")
    if request.old != known.size:
        return Verdict(409, f"This witness cosigned size {known.size} last, not {request.old}.", size=known.size)
    if request.old == checkpoint.size and known.root != checkpoint.root:
        return Verdict(409, f"This witness cosigned another root for size {known.size}: the log has forked.")
    try:
        _check(request, known, checkpoint)
    except LogError as problem:
        return Verdict(422, str(problem))
    return Verdict(200, f"Size {checkpoint.size} continues {known.size}.", checkpoint)


def answered(note: Note, body: bytes, keys: Iterable[VerifierKey]) -> Note:
    """Return the note with the cosignatures that a witness answered, in place of older ones of the same keys.

    `keys` are those of the witness; the lines of other keys are ignored. Unproven if none is left, or one is not good.
    """
    lines = strict.text(body, "The answer of the witness")[:-1].split("\n")
    answer = Note(note.text, tuple(map(Signature.parse, lines)))
    new = [signature for _, signature in answer.signed_by(key for key in keys if key.kind == COSIGNATURE)]
    if not new:
        raise Unproven("The witness answered without a cosignature of its known key.")
    replaced = {(signature.name, signature.id) for signature in new}
    kept = (signature for signature in note.signatures if (signature.name, signature.id) not in replaced)
    return Note(note.text, (*kept, *new))


def size_in(body: bytes) -> int:
    """Return the size that a witness answered it had cosigned last (409 with SIZE_TYPE)."""
    return strict.number(strict.text(body, "The answer of the witness")[:-1], "The size that the witness has")


def _signed(note: Note, keys: tuple[VerifierKey, ...]) -> bool:
    try:
        return bool(note.signed_by(keys))
    except Unproven:
        return False


def _check(request: Request, known: Known, checkpoint: Checkpoint) -> None:
    if known.size:
        proofs.check_consistency(known.size, checkpoint.size, request.path, known.root, checkpoint.root)
    elif request.path:
        raise Unproven("A proof from the empty tree is empty.")
