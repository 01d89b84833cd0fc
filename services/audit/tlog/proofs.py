"""Inclusion and consistency proofs (RFC 6962, sections 2.1.1 and 2.1.2), made and checked.

They are made from `Nodes`, a function that knows the hash of each complete subtree: a table, tiles, a list in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from services.audit.tlog import tree
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.strict import HASH

Nodes = Callable[[int, int], bytes]
"""From level and index to the hash of that complete subtree: `2**level` leaves, the first being `index * 2**level`."""


def root(size: int, nodes: Nodes) -> bytes:
    """Return the root of the tree over the first `size` entries."""
    return _span(0, size, nodes)


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return the hashes that lead from entry `index` to the root over `size`; Unproven if there is none such."""
    _check_index(index, size)
    return _path(index, 0, size, nodes)


def consistency(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Return the hashes that show the tree over `new` entries to begin with that over `old`; Unproven if it cannot."""
    _check_sizes(old, new)
    if old == new:
        return []
    level = _zeroes(old)
    whole = old == 1 << level  # then the old root is itself the first hash, and whoever checks has it
    return [*([] if whole else [nodes(level, (old - 1) >> level)]), *_path(old - 1, level, new, nodes)]


def check_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise Unproven unless the path leads from the leaf at `index` to the root of a tree of `size` entries.

    This is the algorithm of RFC 9162, section 2.1.3.2.
    """
    _check_index(index, size)
    _check_hashes(leaf_hash, root, *path)
    top, what = leaf_hash, f"The proof for entry {index} of {size} has {len(path)} hashes"
    for hash, is_left in _climbed(index, size - 1, path, what):
        top = tree.node(hash, top) if is_left else tree.node(top, hash)
    if top != root:
        raise Unproven(f"The proof for entry {index} does not lead to the root of the tree of {size}.")


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Raise Unproven unless the path shows the tree of `new` entries to begin with the tree of `old`, which is not 0.

    This is the algorithm of RFC 9162, section 2.1.4.2; two climbs at once, to either root.
    """
    _check_sizes(old, new)
    if old == new:
        if path:
            raise Unproven(f"Two trees of {old} need no proof between them, and this one has {len(path)} hashes.")
        if old_root != new_root:
            raise Unproven(f"There are two trees of {old} entries with different roots: the log has forked.")
        return
    _check_hashes(old_root, new_root, *path)
    level = _zeroes(old)
    first, *rest = path if path and old != 1 << level else [old_root, *path]
    top = old_top = first
    what = f"The proof from {old} to {new} entries has {len(path)} hashes"
    for hash, is_left in _climbed((old - 1) >> level, (new - 1) >> level, rest, what):
        if is_left:
            old_top = tree.node(hash, old_top)
        top = tree.node(hash, top) if is_left else tree.node(top, hash)
    if old_top != old_root:
        raise Unproven(f"The proof does not lead to the root of the tree of {old}: the log did not begin so.")
    if top != new_root:
        raise Unproven(f"The proof does not lead to the root of the tree of {new}: it does not continue that of {old}.")


def _climbed(at: int, last: int, path: Sequence[bytes], what: str) -> Iterator[tuple[bytes, bool]]:
    """Yield each hash of a path, and whether it stands to the left of the node reached; Unproven if too many or few.

    `at` and `last` are the places, on the level that the climb has come to, of the node reached and of the last there.
    """
    for hash in path:
        if last == 0:
            raise Unproven(f"{what}, which are too many.")
        is_left = bool(at & 1) or at == last
        yield hash, is_left
        alone = _zeroes(at) if is_left else 0  # levels on which the last node has no sibling
        at, last = at >> alone + 1, last >> alone + 1
    if last:
        raise Unproven(f"{what}, which are too few.")


def _path(index: int, level: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return the siblings on the way up from the node over leaf `index` at a level, to the root over `size` leaves."""
    path = []
    for height in range(level, (size - 1).bit_length()):
        sibling, last = (index >> height) ^ 1, (size - 1) >> height
        if sibling < last:
            path.append(nodes(height, sibling))
        elif sibling == last:  # which may lack leaves on its right
            path.append(_span(sibling << height, size, nodes))
    return path


def _span(first: int, end: int, nodes: Nodes) -> bytes:
    """Return the root over leaves `first` up to `end`; a power of two not below their count divides `first`."""
    tops = []
    while first < end:
        level = (end - first).bit_length() - 1
        tops.append(nodes(level, first >> level))
        first += 1 << level
    return tree.root(tops)


def _zeroes(number: int) -> int:
    """Count the zeroes at the end of a positive number written in binary."""
    return (number & -number).bit_length() - 1


def _check_index(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise Unproven(f"There is no entry {index} in a tree of {size}.")


def _check_sizes(old: int, new: int) -> None:
    if old < 1:
        raise Unproven("Every tree continues the empty one; there is nothing to prove from size 0.")
    if old > new:
        raise Unproven(f"A tree of {new} entries cannot continue one of {old}.")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(hash) != HASH for hash in hashes):
        raise Unreadable(f"A hash in the proof has not {HASH} bytes.")
