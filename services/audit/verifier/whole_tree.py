"""A bundle's entries against its tiles and its checkpoint: every byte of every entry, and every hash."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from services.audit.tlog import proofs, tiles, tree
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.strict import HASH
from services.audit.tlog.tiles import HEIGHT, MAX_ENTRY, WIDTH
from services.audit.verifier.excuses import Excuses
from services.audit.verifier.sources import Missing, Source
from services.audit.verifier.verdicts import Tampered, Unusable

TILE_BYTES, ENTRIES_BYTES = WIDTH * HASH, WIDTH * (2 + MAX_ENTRY)

Progress = Callable[[int, int], None]
"""Is told how much is done, and of how much."""


def read_tile(source: Source, level: int, n: int, width: int) -> bytes:
    """Return the first `width` hashes of a tile, from the full one where the narrow one is not there (any more)."""
    data, is_full = _read(source, tiles.path(level, n, width), tiles.path(level, n), TILE_BYTES)
    return data[: width * HASH] if is_full else data


def entries(source: Source, n: int, width: int) -> Iterator[bytes]:
    """Yield the entries of a bundle of entries, at most `width`; Tampered at the first whose length is not right."""
    data, is_full = _read(source, tiles.entries_path(n, width), tiles.entries_path(n), ENTRIES_BYTES)
    at = 0
    for index in range(n * WIDTH, n * WIDTH + width):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data):
            raise Tampered(index, "it is missing; the entries before it are there.")
        if end > len(data):
            raise Tampered(index, "its bytes end too early.")
        yield data[at + 2 : end]
        at = end
    if at < len(data) and not is_full:
        raise Tampered(n * WIDTH + width, "it is more than the checkpoint counts.")


def _read(source: Source, path: str, full: str, limit: int) -> tuple[bytes, bool]:
    """Return a file, or the full one that came after it and that it is; Missing where neither is there."""
    try:
        return source.read(path, limit), False
    except Missing as missing:
        if path == full:
            raise
        try:
            return source.read(full, limit), True
        except Missing:
            raise missing from None


def widths(size: int) -> Iterator[tuple[int, int]]:
    """Yield number and width of the bundles of entries of a log, and so of its tiles at level 0."""
    for n in range((size + WIDTH - 1) // WIDTH):
        yield n, min(WIDTH, size - n * WIDTH)


def check(source: Source, checkpoint: Checkpoint, marks: Sequence[Checkpoint], progress: Progress) -> Excuses:
    """Verify that the entries are those of the checkpoint, and of those kept before; return what they excuse.

    Raise Tampered at the first entry that is not.
    """
    walk = _Walk(source, checkpoint)
    for n, width in widths(checkpoint.size):
        before = walk.size, walk.frontier
        leaves = walk.take(n, width)
        for mark in marks:
            if before[0] < mark.size <= walk.size:
                _check_mark(mark, *before, leaves)
        progress(walk.size, checkpoint.size)
    walk.end()
    return walk.excuses


class _Walk:
    """What is carried from entry to entry."""

    def __init__(self, source: Source, checkpoint: Checkpoint) -> None:
        self.source, self.checkpoint = source, checkpoint
        self.size = 0
        self.frontier: Sequence[bytes] = ()
        self.excuses = Excuses()
        self._tile: tuple[int, int, bytes] = (-1, -1, b"")

    def take(self, n: int, width: int) -> Sequence[bytes]:
        """Take a bundle of entries into the tree, and return their leaf hashes."""
        tile = read_tile(self.source, 0, n, width)
        leaves: list[bytes] = []
        for entry in entries(self.source, n, width):
            leaf, at = tree.leaf(entry), len(leaves) * HASH
            if leaf != tile[at : at + HASH]:
                raise self._blame(self.size + len(leaves), leaf, tile[at : at + HASH])
            self.excuses.note(self.size + len(leaves), entry)
            leaves.append(leaf)
        if len(tile) != width * HASH:
            raise Tampered(n * WIDTH + width, f"{tiles.path(0, n, width)} has more hashes than there are entries.")
        self.frontier, nodes = tree.append(self.size, self.frontier, leaves)
        self.size += len(leaves)
        for level, index, hash in nodes:
            if level % HEIGHT == 0:
                self._check_node(level, index, hash)
        return leaves

    def end(self) -> None:
        """Hold the root against the checkpoint."""
        if tree.root(self.frontier) != self.checkpoint.root:
            raise Tampered(
                None,
                f"The {self.checkpoint.size:,} entries and the hashes over them make another tree than the one that "
                "the checkpoint signs: entries were changed, and the hashes with them.",
            )

    def _check_node(self, level: int, index: int, hash: bytes) -> None:
        """Hold the hash over entries that were just completed against the one that a tile says."""
        tile, n, at = level // HEIGHT, index // WIDTH, index % WIDTH * HASH
        if self._tile[:2] != (tile, n):
            width = min(WIDTH, (self.checkpoint.size >> level) - n * WIDTH)
            self._tile = tile, n, read_tile(self.source, tile, n, width)
        said = self._tile[2][at : at + HASH]
        if said != hash:
            first, last = index << level, (index + 1 << level) - 1
            raise Tampered(
                first,
                f"from here to entry {last:,}, the hash over them in the tiles of level {tile} is not what they make.",
            )

    def _blame(self, index: int, leaf: bytes, said: bytes) -> Tampered:
        """Return which is wrong, an entry or its hash in the tile: that from which no path leads to the checkpoint."""
        if self._leads_up(index, leaf):
            return Tampered(index, "its hash in the tile was changed; the entry itself is the one that was entered.")
        if self._leads_up(index, said):
            return Tampered(index, "its bytes are not those that were entered.")
        return Tampered(index, "its bytes are not those of its hash, and neither is what the checkpoint signs.")

    def _leads_up(self, index: int, leaf: bytes) -> bool:
        def read(level: int, n: int, width: int) -> bytes:
            return read_tile(self.source, level, n, width)

        size, root = self.checkpoint.size, self.checkpoint.root
        try:
            path = proofs.inclusion(index, size, tiles.nodes(read, size))
            proofs.check_inclusion(leaf, index, size, path, root)
        except (LogError, Unusable):
            return False
        return True


def _check_mark(kept: Checkpoint, size: int, frontier: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    """Hold the tree at the size of a checkpoint that was kept against that checkpoint."""
    frontier, _ = tree.append(size, frontier, leaves[: kept.size - size])
    if tree.root(frontier) != kept.root:
        raise Tampered(
            None,
            f"The first {kept.size:,} entries are not those of the checkpoint you kept: the record has been rewritten "
            "before that entry, or it is another one.",
        )
