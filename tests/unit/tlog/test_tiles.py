"""Tiles and bundles of entries, rule by rule of C2SP's page tlog-tiles."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.tlog import proofs, tiles, tree
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from tests.unit.tlog.small_log import leaves, mth, nodes_of

LEAVES = leaves(600)
NODES = nodes_of(LEAVES)


class Folder:
    """The tiles that a growing log would have written, each read counted."""

    def __init__(self, *sizes: int) -> None:
        self.files: dict[str, bytes] = {}
        self.reads: Counter[str] = Counter()
        for old, new in zip((0, *sizes), sizes, strict=False):
            for level, n, width in tiles.new_tiles(old, new):
                self.files[tiles.path(level, n, width)] = tiles.tile(level, n, width, NODES)

    def read(self, level: int, n: int, width: int) -> bytes:
        path = tiles.path(level, n, width)
        self.reads[path] += 1
        return self.files[path]


@pytest.mark.parametrize(
    ("level", "n", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 7, 1, "tile/0/007.p/1"),
        (1, 999, 255, "tile/1/999.p/255"),
        (2, 1000, 256, "tile/2/x001/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (0, 1234067, 5, "tile/0/x001/x234/067.p/5"),
        (63, 10**15, 256, "tile/63/x001/x000/x000/x000/x000/000"),
    ],
)
def test_the_number_of_a_tile_must_be_groups_of_three_digits_all_but_the_last_with_an_x(
    level: int, n: int, width: int, path: str
) -> None:
    """tlog-tiles, Merkle Tree: as in the page's example; the width behind `.p/` where it is not 256."""
    assert tiles.path(level, n, width) == path
    assert tiles.parse_path(path) == (level, n, width)


def test_bundles_of_entries_lie_beside_the_tiles() -> None:
    """tlog-tiles, Log entries: `entries` in place of a level, number and width as for tiles."""
    assert tiles.entries_path(1234067, 5) == "tile/entries/x001/x234/067.p/5"
    assert tiles.parse_path("tile/entries/x001/x234/067.p/5") == (None, 1234067, 5)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/000\n",
            "tile/0//000",
            "tile/0/../000",
        ),
        *("tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/x/000", "tile/٠/000"),
        *("tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/0/x001", "tile/0/001/067", "tile/0/x01/000"),
        *("tile/0/X001/000", "tile/0/" + "x999/" * 7 + "999", "tile/0/" + "x999/" * 2000 + "999"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/05", "tile/0/000.p/", "tile/0/000.p", "tile/0/000.q/1"),
        *("tile/0/000.p/1/2", "tile/0/000.p/" + "9" * 5000, "tile/entries/", "tile/entry/000", "tile/entries/0"),
    ],
)
def test_a_path_of_another_form_is_refused(path: str) -> None:
    """tlog-tiles, Merkle Tree: levels 0 to 63 and widths 1 to 255 without leading zeroes, no group too many or few."""
    with pytest.raises(Unreadable):
        tiles.parse_path(path)


@pytest.mark.parametrize(
    ("level", "n", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**63, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_that_cannot_be_has_no_path(level: int, n: int, width: int) -> None:
    """tlog-tiles, Merkle Tree: what could not be read back is not written."""
    with pytest.raises(Unreadable):
        tiles.path(level, n, width)


def counted(size: int) -> Counter[tuple[int, bool]]:
    return Counter((level, width == 256) for level, _, width in tiles.tiles(size))


def test_the_tiles_of_a_tree_are_those_of_the_page_s_examples() -> None:
    """tlog-tiles, Partial Tiles: of 70,000 entries, and of 256."""
    widths = {(level, width) for level, _, width in tiles.tiles(70_000)}
    assert widths == {(0, 256), (0, 112), (1, 256), (1, 17), (2, 1)}
    assert counted(70_000) == {(0, True): 273, (0, False): 1, (1, True): 1, (1, False): 1, (2, False): 1}
    assert list(tiles.tiles(256)) == [(0, 0, 256), (1, 0, 1)]


def test_empty_tiles_must_not_be() -> None:
    """tlog-tiles, Partial Tiles: each tile has a hash at least, and an empty tree has no tile."""
    assert list(tiles.tiles(0)) == []
    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537):
        assert all(width for *_, width in tiles.tiles(size))
        for level in range(3):
            partial = [width for at, _, width in tiles.tiles(size) if at == level and width < 256]
            assert partial == [(size >> 8 * level) % 256][: bool((size >> 8 * level) % 256)]


def test_a_hash_in_a_tile_must_be_that_of_a_full_tile_below() -> None:
    """tlog-tiles, Merkle Tree: the i-th hash of tile n at level l is MTH over its 256**l entries, never over fewer."""
    for size in (256, 511, 512, 513, 600):
        for level, n, width in tiles.tiles(size):
            span = 256**level
            for i, hash in enumerate(tiles.hashes(tiles.tile(level, n, width, NODES))):
                start = (n * 256 + i) * span
                assert start + span <= size
                assert hash == mth(LEAVES[start : start + span])


def test_a_full_tile_must_be_256_hashes_wide() -> None:
    """tlog-tiles, Merkle Tree: 8,192 bytes; what is empty, longer, or no number of hashes is no tile."""
    assert len(tiles.tile(0, 1, 256, NODES)) == 8192
    for length in (0, 31, 33, 8191, 8224):
        with pytest.raises(Unreadable, match="does not hold"):
            tiles.hashes(bytes(length))


@settings(deadline=None)
@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_growing_writes_what_the_larger_tree_has_and_the_smaller_has_not(one: int, two: int) -> None:
    """tlog-tiles, Partial Tiles: old tiles and new ones are together those of the new tree, and no tile comes twice."""
    old, new = sorted((one, two))
    before, after = set(tiles.tiles(old)), set(tiles.tiles(new))
    grown = list(tiles.new_tiles(old, new))
    assert len(grown) == len(set(grown))
    assert set(grown) == after - before


def test_every_proof_of_a_tree_can_be_made_from_its_tiles() -> None:
    """tlog-tiles, Merkle Tree: the levels between tiles are made by hashing; roots and proofs are those of the tree."""
    for size in (1, 2, 255, 256, 257, 512, 600):
        folder = Folder(size)
        nodes = tiles.nodes(folder.read, size)
        assert proofs.root(size, nodes) == mth(LEAVES[:size])
        for index in range(0, size, 37):
            assert proofs.inclusion(index, size, nodes) == proofs.inclusion(index, size, NODES)
            assert proofs.consistency(index + 1, size, nodes) == proofs.consistency(index + 1, size, NODES)
        assert all(count == 1 for count in folder.reads.values()), "a tile was read twice"


def test_clients_must_not_fetch_partial_tiles_that_their_checkpoint_does_not_require() -> None:
    """tlog-tiles, Partial Tiles: only tiles of the tree at that size are read, and the full ones that followed them."""
    folder = Folder(300, 600)
    proofs.root(300, tiles.nodes(folder.read, 300))
    assert set(folder.reads) <= {tiles.path(*tile) for tile in tiles.tiles(300)}


def test_a_full_tile_stands_in_for_a_partial_one_that_is_gone() -> None:
    """tlog-tiles, Partial Tiles: a log may delete a partial tile once the full one is there."""
    folder = Folder(200, 600)
    del folder.files[tiles.path(0, 0, 200)]
    assert proofs.root(200, tiles.nodes(folder.read, 200)) == mth(LEAVES[:200])


def test_a_tile_that_is_missing_is_named() -> None:
    """tlog-tiles, Merkle Tree: no tile, no proof; the message says which."""
    folder = Folder(600)
    del folder.files[tiles.path(0, 2, 88)]
    with pytest.raises(Unreadable, match=r"tile/0/002\.p/88 is missing"):
        proofs.root(600, tiles.nodes(folder.read, 600))

    def no_file(*_: int) -> bytes:
        raise FileNotFoundError

    with pytest.raises(Unreadable, match="is missing"):
        proofs.root(600, tiles.nodes(no_file, 600))


@pytest.mark.parametrize("change", [b"", b"x" * 31, b"x" * 32, b"x" * 8192])
def test_a_tile_of_the_wrong_width_is_named(change: bytes) -> None:
    """tlog-tiles, Merkle Tree: a tile shorter or longer than its path says is not read."""
    folder = Folder(600)
    folder.files[tiles.path(0, 2, 88)] = change
    with pytest.raises(Unreadable):
        proofs.root(600, tiles.nodes(folder.read, 600))


def test_beyond_the_tree_there_is_nothing() -> None:
    """tlog-tiles: a subtree that the tree does not hold whole is refused, whatever the tiles hold."""
    nodes = tiles.nodes(Folder(600).read, 513)
    assert nodes(9, 0) == mth(LEAVES[:512])
    for level, index in ((0, 513), (0, -1), (9, 1), (10, 0), (-1, 0), (64, 0)):
        with pytest.raises(Unproven, match="no complete subtree"):
            nodes(level, index)


def test_every_changed_byte_of_a_tile_changes_the_root() -> None:
    """tlog-tiles: tiles prove nothing by themselves; a changed one does not lead to the root of the checkpoint."""
    folder, size, root = Folder(5), 5, mth(LEAVES[:5])
    path = tiles.path(0, 0, 5)
    good = folder.files[path]
    for at in range(len(good)):
        folder.files[path] = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        assert proofs.root(size, tiles.nodes(folder.read, size)) != root


def test_a_bundle_is_entries_each_after_its_length() -> None:
    """tlog-tiles, Log entries: two bytes of length, most significant first; an entry may be empty."""
    assert tiles.bundle([b"ab", b"", b"c" * 258]) == b"\x00\x02ab" + b"\x00\x00" + b"\x01\x02" + b"c" * 258
    assert tiles.entries(b"\x00\x02ab\x00\x00") == [b"ab", b""]


def test_the_entries_of_a_bundle_hash_to_the_tile_of_level_0() -> None:
    """tlog-tiles, Log entries: RFC 6962's leaf hash of each is the hash in the same place of the tile."""
    bundle = tiles.bundle(b"entry %d" % i for i in range(256))
    assert [tree.leaf(entry) for entry in tiles.entries(bundle)] == tiles.hashes(tiles.tile(0, 0, 256, NODES))


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_gives_back_its_entries(held: list[bytes]) -> None:
    """tlog-tiles, Log entries: whatever the bytes, they come back as they went in."""
    assert tiles.entries(tiles.bundle(held)) == held


def test_the_longest_entry_has_65535_bytes_and_the_fullest_bundle_256_entries() -> None:
    """tlog-tiles, Log entries: 16 bits of length, and the width of a tile."""
    assert tiles.entries(tiles.bundle([bytes(65_535)] * 256)) == [bytes(65_535)] * 256
    with pytest.raises(Unreadable, match="65536 bytes is too long"):
        tiles.bundle([bytes(65_536)])
    for count in (0, 257):
        with pytest.raises(Unreadable, match="1 to 256"):
            tiles.bundle([b""] * count)
        with pytest.raises(Unreadable, match="1 to 256"):
            tiles.entries(b"\0\0" * count)


def test_a_bundle_cut_anywhere_is_found_or_is_a_shorter_bundle() -> None:
    """tlog-tiles, Log entries: an end within a length or an entry is refused."""
    held = [b"first", b"", b"third"]
    whole = tiles.bundle(held)
    for end in range(len(whole)):
        try:
            found = tiles.entries(whole[:end])
        except LogError:
            continue
        assert found == held[: len(found)]
        assert tiles.bundle(found) == whole[:end]
