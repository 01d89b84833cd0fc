"""The Merkle tree of RFC 6962."""

from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.tlog import tree
from tests.unit.tlog.small_log import CLASSIC, mth

# the roots over the first so many of the eight entries, as Certificate Transparency has published them
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    """RFC 6962: the hash of an empty list is the hash of an empty string."""
    assert tree.root(()) == sha256(b"").digest() == tree.EMPTY_ROOT


def test_leaves_and_nodes_begin_differently() -> None:
    """RFC 6962: 0x00 before a leaf and 0x01 before two children, so that no node can pass for a leaf."""
    assert tree.leaf(b"entry") == sha256(b"\x00entry").digest()
    assert tree.node(bytes(32), bytes(32)) == sha256(b"\x01" + bytes(64)).digest()


def test_the_roots_of_the_eight_classic_entries_are_those_of_certificate_transparency() -> None:
    """The roots over one to eight entries are the published ones, however they are computed."""
    for size, root in enumerate(ROOTS, start=1):
        hashes = [tree.leaf(entry) for entry in CLASSIC[:size]]
        assert tree.root(tree.append(0, (), hashes)[0]).hex() == mth(hashes).hex() == root


@settings(deadline=None)
@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_appending_in_two_steps_gives_the_tree_of_the_definition(entries: list[bytes], split: int) -> None:
    """However a list is cut into batches, frontier and root are those of the whole list."""
    leaves = [tree.leaf(entry) for entry in entries]
    first, nodes = tree.append(0, (), leaves[:split])
    both, more = tree.append(len(leaves[:split]), first, leaves[split:])
    assert tree.root(both) == mth(leaves)
    for level, index, hash in nodes + more:
        assert hash == mth(leaves[index << level : (index + 1) << level])
