"""A log of a test's own: its leaves in memory, signed by a key of its own, forked at will."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.audit.tlog import checkpoints, proofs, tree
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import ED25519, SigningKey
from services.audit.tlog.witnessing import Request

ORIGIN = "example.com/log"


@dataclass
class ToyLog:
    """Leaf hashes and a key."""

    leaves: list[bytes] = field(default_factory=list)
    key: SigningKey = field(default_factory=lambda: SigningKey.generate(ORIGIN, ED25519))

    @classmethod
    def of(cls, size: int) -> ToyLog:
        """A log of so many entries."""
        return cls([tree.leaf(b"%d" % n) for n in range(size)])

    @property
    def vkey(self) -> str:
        """Its public key."""
        return str(self.key.verifier)

    def forked(self, at: int) -> ToyLog:
        """A log with the same key and as many entries, but others from `at` on."""
        return ToyLog(self.leaves[:at] + [tree.leaf(b"other" + leaf) for leaf in self.leaves[at:]], self.key)

    def nodes(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        first = index << level
        return tree.root(tree.append(0, (), self.leaves[first : first + (1 << level)])[0])

    def checkpoint(self, size: int, key: SigningKey | None = None) -> bytes:
        """The signed checkpoint of its first entries."""
        found = Checkpoint((key or self.key).name, size, proofs.root(size, self.nodes))
        return checkpoints.signed(found, key or self.key).encode()

    def request(self, old: int, new: int) -> bytes:
        """What it asks of a witness that has seen `old` entries."""
        path = proofs.consistency(old, new, self.nodes) if 0 < old <= new else []
        return Request(old, tuple(path), self.checkpoint(new)).encode()
