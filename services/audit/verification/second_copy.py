"""The log folder, the log's second copy, held against the database: head file, bundles of entries, hash tiles."""

from collections.abc import Sequence

from services.audit.signing.log_folder import LogFolder
from services.audit.tlog import tiles
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.strict import HASH
from services.audit.tlog.tiles import HEIGHT, WIDTH
from services.audit.verification.reading import Row
from services.audit.verification.tampered import Tampered


class SecondCopy:
    """The folder up to its head file, which is read before the database is: so it is never ahead of a whole log."""

    def __init__(self, folder: LogFolder) -> None:
        self.folder = folder
        self.ahead = False
        try:
            self.head: Checkpoint | None = folder.head()
        except LogError as problem:
            raise Tampered(None, f"The head file of the log folder cannot be read: {problem}") from problem

    @property
    def size(self) -> int:
        """Return how many entries the folder has, 0 where there is none."""
        return self.head.size if self.head else 0

    def expect(self, size: int) -> None:
        """Say how many entries the database has: of what a folder that is ahead has more, only whole files are held."""
        self.ahead = self.size > size

    def hold(self, first: int, rows: Sequence[Row], leaves: Sequence[bytes]) -> None:
        """Hold entries, from one that begins a bundle, against bundles and tiles of their hashes."""
        for at in range(0, min(len(rows), self.size - first), WIDTH):
            n = (first + at) // WIDTH
            width = min(WIDTH, self.size - n * WIDTH)
            if self.ahead and len(rows) - at < WIDTH:
                return
            self._hold_bundle(n, [row[1] for row in rows[at : at + width]])
            self._hold_tile(0, n, width, leaves[at : at + width])

    def end(self, size: int, nodes: dict[tuple[int, int], bytes], root: bytes, origin: str | None) -> None:
        """Hold the upper tiles and the head file against the tree; `root` is that of the head file's size.

        `origin` is that of the newest checkpoint, None where there is none yet.
        """
        if self.head is None:
            return
        if self.size > size:
            raise Tampered(size, f"it is missing: the head file of the log folder says {self.size:,} entries.")
        if root != self.head.root:
            raise Tampered(None, f"The head file of the log folder has another root of {self.size:,} entries.")
        if origin is not None and self.head.origin != origin:
            raise Tampered(None, f"The head file of the log folder is of {self.head.origin}, and the log is {origin}.")
        for level, n, width in tiles.tiles(self.size):
            if level:
                self._hold_tile(level, n, width, [nodes[HEIGHT * level, n * WIDTH + at] for at in range(width)])

    def _hold_bundle(self, n: int, entries: Sequence[bytes]) -> None:
        try:
            kept = self.folder.bundle(n, len(entries))
        except (OSError, LogError) as problem:
            raise Tampered(n * WIDTH, f"its bundle in the log folder cannot be read: {problem}") from problem
        if kept != list(entries):
            idx = next((at for at, one in enumerate(entries) if kept[at : at + 1] != [one]), len(entries))
            raise Tampered(
                n * WIDTH + idx, "the log folder, written before its checkpoint was signed, has other bytes of it."
            )

    def _hold_tile(self, level: int, n: int, width: int, hashes: Sequence[bytes]) -> None:
        """Hold a tile against its first hashes: all of them, unless entries are missing."""
        path, first = tiles.path(level, n, width), n * WIDTH << HEIGHT * level
        try:
            kept = self._tile(level, n, width)
        except OSError as problem:
            raise Tampered(first, f"the hash tile over it in the log folder cannot be read: {problem}") from problem
        for at, hash in enumerate(hashes):
            if kept[HASH * at : HASH * (at + 1)] != hash:
                what = f"the hash tile over it in the log folder ({path}) has another hash."
                raise Tampered(n * WIDTH + at << HEIGHT * level, what)

    def _tile(self, level: int, n: int, width: int) -> bytes:
        try:
            return self.folder.tile(level, n, width)
        except FileNotFoundError:
            return self.folder.tile(level, n, WIDTH)
