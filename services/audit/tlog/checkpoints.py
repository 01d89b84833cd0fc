"""Checkpoints (C2SP tlog-checkpoint): three lines that commit to every entry of a log so far."""

from __future__ import annotations

from dataclasses import dataclass

from services.audit.tlog import strict
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.notes import Note, SigningKey, VerifierKey


@dataclass(frozen=True)
class Checkpoint:
    """The identity of a log, the number of its entries, and the root of the tree over them (32 bytes).

    Extension lines are opaque: signed with the rest, and vouched for by nobody.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line:
                raise Unreadable("A checkpoint has no empty lines.")
            strict.check_line(line, "The checkpoint")
        if not 0 <= self.size < strict.LIMIT:
            raise Unreadable(f"{self.size} is not the size of a tree.")
        if len(self.root) != strict.HASH:
            raise Unreadable(f"The root has {len(self.root)} bytes; a SHA-256 hash has {strict.HASH}.")

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read the text of a checkpoint, which is what is signed; of a whole note, see `opened`."""
        lines = strict.text(text, "The checkpoint")[:-1].split("\n")
        if len(lines) < 3:
            raise Unreadable(f"A checkpoint has three lines (origin, size, root), and this has {len(lines)}.")
        origin, size, root, *extensions = lines
        return cls(
            origin,
            strict.number(size, "The size of the tree"),
            strict.hash_in(root, "The root of the tree"),
            tuple(extensions),
        )

    def text(self) -> bytes:
        """Write the text: what is signed, and what `parse` reads."""
        lines = self.origin, str(self.size), strict.base64_of(self.root), *self.extensions
        return "".join(f"{line}\n" for line in lines).encode()


def opened(note: bytes, key: VerifierKey, origin: str | None = None) -> tuple[Checkpoint, Note]:
    """Read a note as a checkpoint of the log whose key this is; Unproven if it has not signed, or is another log's.

    `origin` is for the few logs whose key is not named like them.
    """
    read = Note.parse(note)
    if not read.signed_by([key]):
        raise Unproven(f"The checkpoint is not signed by {key.name}, or with another key of that name.")
    checkpoint = Checkpoint.parse(read.text)
    wanted = key.name if origin is None else origin
    if checkpoint.origin != wanted:
        raise Unproven(
            f"The checkpoint is of the log {strict.shown(checkpoint.origin)}, not of {strict.shown(wanted)}."
        )
    return checkpoint, read


def signed(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """Sign a checkpoint with the key of its log, whose name is the origin."""
    if checkpoint.origin != key.name:
        raise Unproven(f"{key.name} does not sign for the log {strict.shown(checkpoint.origin)}.")
    text = checkpoint.text()
    return Note(text, (key.sign(text),))
