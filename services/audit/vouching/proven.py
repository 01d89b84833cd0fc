"""How an entry is proven, step by step as people can follow it: from its bytes to what the witnesses have co-signed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.audit.signing import checkpoints, cosigned
from services.audit.signing.checkpoints import Published
from services.audit.signing.cosigned import Cosignature
from services.audit.vouching import proving
from services.audit.vouching.proving import Inclusion
from services.kernel import db


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof: the hash over the entries `first` to `last`, which goes to the `left` or to the right."""

    first: int
    last: int
    left: bool
    hash: bytes


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry under the newest published checkpoint; `first` is the one under which it has stood since."""

    inclusion: Inclusion
    newest: Published
    first: Published
    cosigned: Sequence[Cosignature]
    first_cosigned: Sequence[Cosignature]

    @property
    def steps(self) -> list[Step]:
        """Return the way from the entry's hash to the root."""
        return list(steps(self.inclusion))


def proven(idx: int) -> Proven | None:
    """Return how an entry is proven; None while the witnesses have not co-signed it. Who asks may know of the entry."""
    with db.of("audit").transaction(read_only=True) as tx:
        newest, first = checkpoints.newest(tx), checkpoints.covering(tx, idx)
        if newest is None or first is None:
            return None
        inclusion = proving.included(tx, idx, newest.size)
    return Proven(inclusion, newest, first, cosigned.cosignatures(newest.note), cosigned.cosignatures(first.note))


def steps(of: Inclusion) -> Iterator[Step]:
    """Yield which entries each hash of a path stands for (RFC 9162, 2.1.3.2: the same walk, with names)."""
    index, last, width = of.idx, of.size - 1, 1
    for hash in of.path:
        if index % 2 or index == last:
            while not index % 2:
                index, last, width = index >> 1, last >> 1, width << 1
            yield Step((index - 1) * width, index * width - 1, True, hash)
        else:
            yield Step((index + 1) * width, min((index + 2) * width, of.size) - 1, False, hash)
        index, last, width = index >> 1, last >> 1, width << 1
