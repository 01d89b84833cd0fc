"""The Merkle tree of RFC 6962."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.tlog import tree

VECTORS = Path(__file__).parents[3] / "shared/data/rfc6962"
# The eight entries that Certificate Transparency's own tests, and the public vectors, are made of.
ENTRIES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes.fromhex("606162636465666768696a6b6c6d6e6f")
]


def recursive_root(leaves: list[bytes]) -> bytes:
    """MTH as RFC 6962 defines it, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return tree.node(recursive_root(leaves[:k]), recursive_root(leaves[k:]))


def vectors() -> Iterator[tuple[str, int, str]]:
    """Yield where a public vector is from, a size of the tree, and the root it gives for that size."""
    for path in sorted(VECTORS.rglob("happy-path.json")):
        vector: dict[str, Any] = json.loads(path.read_text())
        for size, root in (("treeSize", "root"), ("size1", "root1"), ("size2", "root2")):
            if size in vector and 0 < vector[size] <= len(ENTRIES):
                yield f"{path.relative_to(VECTORS)}", vector[size], vector[root]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    """RFC 6962: the hash of an empty list is the hash of an empty string."""
    assert tree.root(()) == sha256(b"").digest()


@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_appending_in_two_steps_gives_the_tree_of_the_definition(entries: list[bytes], split: int) -> None:
    """However a list is cut into batches, frontier and root are those of the whole list."""
    leaves = [tree.leaf(entry) for entry in entries]
    first, nodes = tree.append(0, (), leaves[:split])
    both, more = tree.append(len(leaves[:split]), first, leaves[split:])
    assert tree.root(both) == recursive_root(leaves)
    for level, index, hash in nodes + more:
        assert hash == recursive_root(leaves[index << level : (index + 1) << level])


def test_the_roots_of_the_public_vectors_are_ours() -> None:
    """For each size in the vectors of transparency-dev/merkle our root over the same entries is theirs."""
    if not VECTORS.is_dir():
        pytest.skip(f"no public vectors at {VECTORS}")
    found = list(vectors())
    assert len(found) >= 10
    for where, size, root in found:
        frontier, _ = tree.append(0, (), map(tree.leaf, ENTRIES[:size]))
        assert base64.b64encode(tree.root(frontier)).decode() == root, where


def test_the_leaves_of_the_public_vectors_are_ours() -> None:
    """The leaf hashes in the inclusion vectors are ours over the same entries."""
    if not VECTORS.is_dir():
        pytest.skip(f"no public vectors at {VECTORS}")
    for path in sorted(VECTORS.glob("inclusion/[0-9]*/happy-path.json")):
        vector = json.loads(path.read_text())
        if vector["leafIdx"] < len(ENTRIES):
            assert base64.b64encode(tree.leaf(ENTRIES[vector["leafIdx"]])).decode() == vector["leafHash"]
