"""Inclusion and consistency proofs of RFC 6962."""

import base64
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.tlog import proofs, tree
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from tests.unit.tlog.small_log import CLASSIC, VECTORS, leaves, mth, nodes_of, path, proof

LARGEST = 70
LEAVES = leaves(LARGEST + 1)
NODES = nodes_of(LEAVES)
ROOTS = [mth(LEAVES[:size]) for size in range(LARGEST + 2)]
SIZES = range(1, LARGEST + 1)

VECTOR_FILES = sorted(VECTORS.rglob("*.json"))
needs_vectors = pytest.mark.skipif(not VECTOR_FILES, reason=f"the public vectors are not at {VECTORS}")


def decoded(value: str) -> bytes:
    return base64.b64decode(value)


@needs_vectors
def test_all_public_vectors_are_there() -> None:
    """transparency-dev/merkle publishes 98 vectors of either kind."""
    assert len(VECTOR_FILES) == 196


@needs_vectors
@pytest.mark.parametrize("file", VECTOR_FILES, ids=lambda file: str(file.relative_to(VECTORS)))
def test_a_public_vector_is_judged_as_it_says(file: Path) -> None:
    """What the vectors of transparency-dev/merkle call good is good here, and what they call an error is a LogError."""
    vector: dict[str, Any] = json.loads(file.read_text())
    if vector["wantErr"]:
        with pytest.raises(LogError):
            judge(vector)
    else:
        judge(vector)


def judge(vector: dict[str, Any]) -> None:
    hashes = [decoded(hash) for hash in vector["proof"] or ()]
    if "leafIdx" in vector:
        leaf, root = decoded(vector["leafHash"]), decoded(vector["root"])
        proofs.check_inclusion(leaf, vector["leafIdx"], vector["treeSize"], hashes, root)
    else:
        roots = decoded(vector["root1"]), decoded(vector["root2"])
        proofs.check_consistency(vector["size1"], vector["size2"], hashes, *roots)


@needs_vectors
def test_the_good_vectors_are_the_proofs_that_are_made_here() -> None:
    """Where a vector is over the eight classic entries, making its proof gives its very hashes."""
    nodes, compared = nodes_of([tree.leaf(entry) for entry in CLASSIC]), 0
    for file in VECTORS.glob("*/[0-9]*/happy-path.json"):
        vector = json.loads(file.read_text())
        hashes = [decoded(hash) for hash in vector["proof"] or ()]
        if "leafIdx" in vector:
            made = proofs.inclusion(vector["leafIdx"], vector["treeSize"], nodes)
            assert decoded(vector["leafHash"]) == nodes(0, vector["leafIdx"])
        else:
            made = proofs.consistency(vector["size1"], vector["size2"], nodes)
        assert made == hashes
        compared += 1
    assert compared >= 8


def test_the_proofs_of_certificate_transparency_are_made() -> None:
    """The published proofs over the eight classic entries: entry 5 of 8, and from 6 entries to 8."""
    nodes = nodes_of([tree.leaf(entry) for entry in CLASSIC])
    assert [hash.hex() for hash in proofs.inclusion(5, 8, nodes)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [hash.hex() for hash in proofs.consistency(6, 8, nodes)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_every_root_is_that_of_the_definition() -> None:
    """From the nodes of a larger tree the root of every smaller one is known, that of nothing too."""
    assert [proofs.root(size, NODES) for size in range(LARGEST + 2)] == ROOTS


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_of_a_small_tree_is_the_definition_s_and_verifies(size: int) -> None:
    """For every entry of every tree of up to 70: PATH of RFC 6962, section 2.1.1, and it leads to the root."""
    hashes, remembered = LEAVES[:size], cache(lambda them: mth(them))
    for index, leaf in enumerate(hashes):
        made = proofs.inclusion(index, size, NODES)
        assert made == path(index, tuple(hashes), remembered)
        proofs.check_inclusion(leaf, index, size, made, ROOTS[size])


@pytest.mark.parametrize("new", SIZES)
def test_every_consistency_proof_of_a_small_tree_is_the_definition_s_and_verifies(new: int) -> None:
    """From every size to every larger one of up to 70: PROOF of RFC 6962, section 2.1.2, and it leads to both roots."""
    hashes, remembered = tuple(LEAVES[:new]), cache(lambda them: mth(them))
    for old in range(1, new + 1):
        made = proofs.consistency(old, new, NODES)
        assert made == proof(old, hashes, remembered)
        proofs.check_consistency(old, new, made, ROOTS[old], ROOTS[new])


@pytest.mark.parametrize("size", range(1, 34))
def test_an_inclusion_proof_proves_nothing_else(size: int) -> None:
    """No other index, leaf, root, size, no hash changed, dropped, doubled or swapped passes with a good proof."""
    for index in range(size):
        made, leaf, root = proofs.inclusion(index, size, NODES), LEAVES[index], ROOTS[size]
        wrong: list[tuple[bytes, int, int, list[bytes], bytes]] = [
            (LEAVES[LARGEST], index, size, made, root),
            (leaf, index, size, made, ROOTS[size - 1]),
            *((leaf, other, size, made, root) for other in range(-1, size + 1) if other != index),
            *((leaf, index, size, other, root) for other in spoiled(made)),
        ]
        for attempt in wrong:
            with pytest.raises(Unproven):
                proofs.check_inclusion(*attempt)


@pytest.mark.parametrize("new", range(1, 34))
def test_a_consistency_proof_proves_nothing_else(new: int) -> None:
    """No other sizes, no other root on either side, no hash changed, dropped, doubled or swapped passes."""
    for old in range(1, new + 1):
        made, roots = proofs.consistency(old, new, NODES), (ROOTS[old], ROOTS[new])
        wrong: list[tuple[int, int, list[bytes], bytes, bytes]] = [
            (old, new, made, ROOTS[old - 1], roots[1]),
            (old, new, made, roots[0], ROOTS[new + 1]),
            *((old, new, other, *roots) for other in spoiled(made)),
        ]
        if old != new:
            wrong += [(other, new, made, *roots) for other in range(new + 1) if other != old]
            wrong.append((old, new, made, roots[1], roots[0]))
        for attempt in wrong:
            with pytest.raises(Unproven):
                proofs.check_consistency(*attempt)


def spoiled(hashes: list[bytes]) -> list[list[bytes]]:
    """Return lists of hashes that each differ from this one in one small thing."""
    found = [[*hashes, bytes(32)], [bytes(32), *hashes], *([hashes[:-1], hashes[1:]] if hashes else [])]
    for at, hash in enumerate(hashes):
        found.append([*hashes[:at], bytes([hash[0] ^ 1]) + hash[1:], *hashes[at + 1 :]])
        found.append([*hashes[:at], hash, *hashes[at:]])
    for at, (left, right) in enumerate(pairwise(hashes)):
        found.append([*hashes[:at], right, left, *hashes[at + 2 :]])
    return found


def test_hashes_of_another_length_are_refused() -> None:
    """A long hash beside a short one would make the same node as two proper ones; neither is read."""
    made = proofs.consistency(6, 8, NODES)
    long, short = made[1] + made[0][:1], made[0][1:]
    for hashes in ([short, long, made[2]], [made[0], made[1] + b"\0", made[2]]):
        with pytest.raises(Unreadable, match="32 bytes"):
            proofs.check_consistency(6, 8, hashes, ROOTS[6], ROOTS[8])
    with pytest.raises(Unreadable, match="32 bytes"):
        proofs.check_inclusion(LEAVES[0][1:], 0, 1, [], LEAVES[0][1:])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [(0, 5, "nothing to prove from size 0"), (0, 0, "size 0"), (-1, 5, "size 0"), (6, 5, "cannot continue")],
)
def test_there_is_no_proof_between_impossible_sizes(old: int, new: int, says: str) -> None:
    """From nothing there is nothing to prove, and no tree continues a larger one: neither is made, neither verifies."""
    with pytest.raises(Unproven, match=says):
        proofs.consistency(old, new, NODES)
    with pytest.raises(Unproven, match=says):
        proofs.check_consistency(old, new, [], ROOTS[0], ROOTS[0])


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0), (2**70, 5)])
def test_there_is_no_proof_of_an_entry_that_a_tree_does_not_hold(index: int, size: int) -> None:
    """An entry at or beyond the size is not made a proof of, and none verifies for it."""
    with pytest.raises(Unproven, match="There is no entry"):
        proofs.inclusion(index, size, NODES)
    with pytest.raises(Unproven, match="There is no entry"):
        proofs.check_inclusion(LEAVES[0], index, size, [], LEAVES[0])


def test_two_trees_of_one_size_are_the_same_or_the_log_has_forked() -> None:
    """Between equal sizes no hashes are needed, and none are taken; the roots must be equal."""
    proofs.check_consistency(5, 5, [], ROOTS[5], ROOTS[5])
    with pytest.raises(Unproven, match="forked"):
        proofs.check_consistency(5, 5, [], ROOTS[5], ROOTS[4])
    with pytest.raises(Unproven, match="need no proof"):
        proofs.check_consistency(5, 5, [ROOTS[5]], ROOTS[5], ROOTS[5])


hashes_of_any_length = st.lists(st.binary(min_size=31, max_size=33) | st.binary(min_size=32, max_size=32), max_size=70)


@settings(deadline=None)
@given(st.integers(-2, 2**64), st.integers(-2, 2**64), hashes_of_any_length, st.binary(max_size=33))
def test_nothing_but_a_log_error_leaves_a_check(one: int, two: int, hashes: list[bytes], hash: bytes) -> None:
    """Whatever sizes and hashes come, a check of a proof that was not made says so with a LogError."""
    if one != two:
        with pytest.raises(LogError):
            proofs.check_consistency(one, two, hashes, hash, ROOTS[3])
    with pytest.raises(LogError):
        proofs.check_inclusion(hash, one, two, hashes, ROOTS[3])


def test_a_tree_too_large_for_any_disk_is_proved_like_a_small_one() -> None:
    """Sizes up to 2**62 need 63 hashes at most, and no time: every subtree of equal leaves is known by its level."""
    tops = [tree.leaf(b"")]
    while len(tops) < 64:
        tops.append(tree.node(tops[-1], tops[-1]))

    def same(level: int, _: int) -> bytes:
        return tops[level]

    size = 2**62
    root = proofs.root(size, same)
    for index in (0, 12345, 2**61, size - 1):
        made = proofs.inclusion(index, size, same)
        assert len(made) <= 63
        proofs.check_inclusion(tops[0], index, size, made, root)
    for old in (1, 2**40 + 7, 2**61, size - 1):
        made = proofs.consistency(old, size, same)
        assert len(made) <= 63
        proofs.check_consistency(old, size, made, proofs.root(old, same), root)
