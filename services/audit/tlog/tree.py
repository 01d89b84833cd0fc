"""The Merkle tree of RFC 6962, section 2.1 (SHA-256), as functions over bytes; all state is the caller's.

A tree of n leaves is carried as its *frontier*: the roots of the complete subtrees that n falls into, largest first,
one for each bit set in n. That is all one needs to append and to know the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()

Frontier = tuple[bytes, ...]
Node = tuple[int, int, bytes]
"""Level, index and hash of a complete subtree: of the leaves from `index * 2**level` up to `(index + 1) * 2**level`."""


def leaf(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256 of 0x00 and the entry."""
    return sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256 of 0x01 and its two children."""
    return sha256(b"\x01" + left + right).digest()


def append(size: int, frontier: Sequence[bytes], leaves: Iterable[bytes]) -> tuple[Frontier, list[Node]]:
    """Return the frontier after more leaf hashes, and every inner node that is complete with them, in order."""
    stack, complete = list(frontier), []
    for index, top in enumerate(leaves, start=size):
        level = 0
        while index & 1:
            top = node(stack.pop(), top)
            level, index = level + 1, index >> 1
            complete.append((level, index, top))
        stack.append(top)
    return tuple(stack), complete


def root(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    *lefts, top = frontier
    for left in reversed(lefts):
        top = node(left, top)
    return top
