"""Hash tiles and bundles of entries, made of entries as they come: nothing is held but the tiles that are not full."""

from collections.abc import Callable, Sequence

from services.audit.tlog import tiles, tree
from services.audit.tlog.tiles import HEIGHT, WIDTH

Write = Callable[[str, bytes], None]


class Tiling:
    """A tree that grows by up to 256 entries at a time, and writes each tile once it is full, or at the end."""

    def __init__(self, write: Write) -> None:
        self.size = 0
        self.frontier: tree.Frontier = ()
        self._write = write
        self._open: list[list[bytes]] = [[]]
        self._full = [0]

    @property
    def root(self) -> bytes:
        """Return the root over the entries so far."""
        return tree.root(self.frontier)

    def add(self, entries: Sequence[bytes], leaves: Sequence[bytes]) -> None:
        """Add a bundle of entries with their leaf hashes: 256, and fewer at the end only."""
        self._write(tiles.entries_path(self.size // WIDTH, len(entries)), tiles.bundle(entries))
        self.frontier, nodes = tree.append(self.size, self.frontier, leaves)
        self.size += len(leaves)
        for leaf in leaves:
            self._add(0, leaf)
        for level, _, hash in nodes:
            if level % HEIGHT == 0:
                self._add(level // HEIGHT, hash)

    def end(self) -> None:
        """Write the tiles that are not full."""
        for level, hashes in enumerate(self._open):
            if hashes:
                self._write(tiles.path(level, self._full[level], len(hashes)), b"".join(hashes))

    def _add(self, level: int, hash: bytes) -> None:
        if level == len(self._open):
            self._open.append([])
            self._full.append(0)
        hashes = self._open[level]
        hashes.append(hash)
        if len(hashes) == WIDTH:
            self._write(tiles.path(level, self._full[level]), b"".join(hashes))
            self._full[level] += 1
            hashes.clear()
