"""Proof files (C2SP tlog-proof@v1): an index, a path and a checkpoint, which prove one entry without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass

from services.audit.tlog import proofs, strict
from services.audit.tlog.errors import Unreadable
from services.audit.tlog.policies import Policy, Witnessed

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True)
class ProofFile:
    """The proof of one entry. `extra` is signed by nobody: what it says must be checked against the entry's hash."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.index < strict.LIMIT:
            raise Unreadable(f"{self.index} is not the index of an entry.")
        strict.check_path(self.path)
        if self.extra is not None and not self.extra:
            raise Unreadable("Extra data that is there is not empty.")

    @classmethod
    def parse(cls, data: bytes) -> ProofFile:
        """Read a proof file; the checkpoint in it is read when it is checked."""
        head, blank, checkpoint = data.partition(b"\n\n")
        if not blank:
            raise Unreadable("The proof carries no checkpoint: there is no empty line before one.")
        first, *lines = strict.text(head + b"\n", "The proof")[:-1].split("\n")
        if first != HEADER:
            raise Unreadable(f"This is no proof file: it does not begin with {HEADER}.")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = strict.base64(lines.pop(0)[6:], "The extra data")
        if not lines or not lines[0].startswith("index "):
            raise Unreadable("The proof does not say the index of its entry.")
        index = strict.number(lines[0][6:], "The index of the entry")
        return cls(index, strict.path_in(lines[1:]), checkpoint, extra)

    def encode(self) -> bytes:
        """Write the proof file."""
        extra = [] if self.extra is None else [f"extra {strict.base64_of(self.extra)}"]
        lines = HEADER, *extra, f"index {self.index}", *map(strict.base64_of, self.path), ""
        return "\n".join(lines).encode() + b"\n" + self.checkpoint

    def check(self, leaf_hash: bytes, policy: Policy) -> Witnessed:
        """Return the checkpoint, good under the policy, whose tree holds this leaf at the index; Unproven otherwise."""
        witnessed = policy.check(self.checkpoint)
        tree = witnessed.checkpoint
        proofs.check_inclusion(leaf_hash, self.index, tree.size, self.path, tree.root)
        return witnessed
