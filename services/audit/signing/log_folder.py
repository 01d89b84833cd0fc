"""The log folder: the log's second copy, and its memory of what was signed, kept outside the database.

    head                       what is signed, or is about to be: the text of a checkpoint, without signatures
    public/checkpoint          the newest published checkpoint
    public/policy              the policy under which it is published
    public/tile/<L>/<N>        hash tiles (C2SP tlog-tiles)
    private/tile/entries/<N>   bundles of entries, for auditors only
    alarms                     what is wrong with the log, a sentence a line

It is one folder of one log: what is in `public` may be served to anybody as it is, and nothing else may.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.audit.signing import durable
from services.audit.signing.durable import Write
from services.audit.tlog import tiles
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.proofs import Nodes
from services.audit.tlog.tiles import WIDTH
from services.kernel import config

NAME = "audit-log"


class Busy(Exception):
    """Another process is writing into the folder just now."""


@dataclass(frozen=True, slots=True)
class LogFolder:
    """A folder as above; it need not be there yet."""

    path: Path

    @property
    def public(self) -> Path:
        """Return the folder that anybody may read."""
        return self.path / "public"

    @property
    def private(self) -> Path:
        """Return the folder of the entries."""
        return self.path / "private"

    # reading

    def head(self) -> Checkpoint | None:
        """Return what the head file says, None where there is none; raise Unreadable where it is damaged."""
        text = _read(self.path / "head")
        return None if text is None else Checkpoint.parse(text)

    def checkpoint(self) -> bytes | None:
        """Return the newest published checkpoint, a note; None before the first."""
        return _read(self.public / "checkpoint")

    def policy(self) -> bytes | None:
        """Return the policy in force."""
        return _read(self.public / "policy")

    def alarms(self) -> list[str]:
        """Return what is wrong with the log, a sentence each; nothing where all is well."""
        return (_read(self.path / "alarms") or b"").decode().splitlines()

    def tile(self, level: int, n: int, width: int) -> bytes:
        """Return a hash tile; raise FileNotFoundError where there is none."""
        return (self.public / tiles.path(level, n, width)).read_bytes()

    def nodes(self, size: int) -> Nodes:
        """Return the hashes of the tree of this size, as the tiles have them."""
        return tiles.nodes(self.tile, size)

    def bundle(self, n: int, width: int = WIDTH) -> list[bytes]:
        """Return the first `width` entries of a bundle; raise FileNotFoundError where the folder has not so many."""
        place = self.private / tiles.entries_path(n)
        wider = (w for w in _widths(place) if w >= width)
        kept = place if place.exists() or width == WIDTH else self.private / tiles.entries_path(n, next(wider, width))
        return tiles.entries(kept.read_bytes())[:width]

    def entries(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the entries from `first` up to `end`, bundle by bundle."""
        while first < end:
            n, skipped = divmod(first, WIDTH)
            width = min(WIDTH, end - n * WIDTH)
            yield from self.bundle(n, width)[skipped:]
            first = n * WIDTH + width

    # writing

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who writes the log's second copy; raise Busy where somebody else does.

        It is held for as long as one step takes. A process that is frozen within it keeps others out until it is
        killed, and rightly: it would overwrite the head file when it thaws.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy(
                    f"Another signer is writing into {self.path}. Should it be frozen, end it: `fuser {lock.name}`."
                ) from None
            yield

    def keep_bundle(self, write: Write, n: int, entries: Sequence[bytes]) -> None:
        """Write the first entries of a bundle, or all of them."""
        write(self.private / tiles.entries_path(n, len(entries)), tiles.bundle(entries))

    def keep_tile(self, write: Write, level: int, n: int, hashes: Sequence[bytes]) -> None:
        """Write a hash tile, whole or partial."""
        write(self.public / tiles.path(level, n, len(hashes)), b"".join(hashes))

    def keep_head(self, head: Checkpoint) -> None:
        """Write the head file, the point after which this head may be signed."""
        durable.write(self.path / "head", head.text())

    def keep_checkpoint(self, note: bytes) -> None:
        """Serve a checkpoint as the newest."""
        durable.write(self.public / "checkpoint", note)

    def keep_policy(self, policy: bytes) -> None:
        """Serve the policy in force."""
        if self.policy() != policy:
            durable.write(self.public / "policy", policy)

    def keep_alarms(self, sentences: Sequence[str]) -> None:
        """Write down what is wrong with the log."""
        if self.alarms() != list(sentences):
            durable.write(self.path / "alarms", "".join(f"{sentence}\n" for sentence in sentences).encode())

    def tidy(self, old: int, new: int) -> None:
        """Remove what the tree of size `new` has made superfluous since that of `old`.

        Partial hash tiles stay until the whole one is there, for each stands for a checkpoint that somebody may hold;
        of the newest bundle the widest part is enough, it begins with the others.
        """
        for level, n, width in tiles.new_tiles(max(0, old - 1), new):
            if width == WIDTH:
                shutil.rmtree(_partials(self.public / tiles.path(level, n)), ignore_errors=True)
            if level == 0:
                bundle = self.private / tiles.entries_path(n)
                for narrower in (w for w in _widths(bundle) if w != width):
                    (_partials(bundle) / str(narrower)).unlink(missing_ok=True)


def of_settings() -> LogFolder:
    """Return the folder of COUNTERSIGN_LOG_FOLDER; unless set, `audit-log` beside the folder of secrets."""
    given = config.env().str("LOG_FOLDER", "")
    return LogFolder(Path(given) if given else config.secrets_folder().parent / NAME)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _partials(tile: Path) -> Path:
    return tile.with_name(f"{tile.name}.p")


def _widths(tile: Path) -> list[int]:
    """Return how wide the partial files of a tile are, narrowest first."""
    try:
        return sorted(int(name) for name in os.listdir(_partials(tile)) if name.isdigit())
    except FileNotFoundError:
        return []
