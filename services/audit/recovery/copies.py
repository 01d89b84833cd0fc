"""Copies of the log that its database can be brought back from: the log folder, and evidence bundles."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.audit.signing.log_folder import LogFolder
from services.audit.tlog import tiles
from services.audit.tlog.checkpoints import Checkpoint, opened
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import VerifierKey
from services.audit.tlog.proofs import Nodes
from services.audit.tlog.tiles import WIDTH
from services.audit.verifier import sources
from services.audit.verifier.sources import Missing, Source
from services.audit.verifier.verdicts import Unusable
from services.kernel.errors import Misconfigured
from services.kernel.events import PrivateValue

LARGEST_BUNDLE = WIDTH * (2 + tiles.MAX_ENTRY)  # bytes
LARGEST_VALUE = 1_000_000


@dataclass(frozen=True, slots=True)
class Kept:
    """A private value that a copy has beside an entry."""

    entry: int
    value: PrivateValue


class Copy(Protocol):
    """A copy reaches as far as its head says; nothing of it is trusted before it leads to the root there."""

    @property
    def where(self) -> str:
        """Return where it is."""

    @property
    def head(self) -> Checkpoint:
        """Return how far it reaches."""

    def nodes(self) -> Nodes:
        """Return the hashes of its tree."""

    def entries(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the entries from `first` up to `end`."""

    def values(self) -> Iterator[Kept]:
        """Yield the private values that the copy has, in the order of their entries."""


@dataclass(frozen=True, slots=True)
class FolderCopy:
    """The log folder. It holds no private values: what stands in it is kept for ever."""

    folder: LogFolder
    head: Checkpoint

    @property
    def where(self) -> str:
        """Return where it is."""
        return str(self.folder.path)

    def nodes(self) -> Nodes:
        """Return the hashes of its tree."""
        return self.folder.nodes(self.head.size)

    def entries(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the entries from `first` up to `end`."""
        return self.folder.entries(first, end)

    def values(self) -> Iterator[Kept]:
        """Yield nothing."""
        return iter(())


@dataclass(frozen=True, slots=True)
class BundleCopy:
    """An evidence bundle, a folder or a zip. Values that whoever exported it might not read are missing from it."""

    source: Source
    head: Checkpoint

    @property
    def where(self) -> str:
        """Return where it is."""
        return self.source.where

    def nodes(self) -> Nodes:
        """Return the hashes of its tree."""
        return tiles.nodes(self._tile, self.head.size)

    def entries(self, first: int, end: int) -> Iterator[bytes]:
        """Yield the entries from `first` up to `end`."""
        while first < end:
            n, skipped = divmod(first, WIDTH)
            width = min(WIDTH, self.head.size - n * WIDTH)
            held = tiles.entries(self.source.read(tiles.entries_path(n, width), LARGEST_BUNDLE))
            yield from held[skipped : end - n * WIDTH]
            first = (n + 1) * WIDTH

    def values(self) -> Iterator[Kept]:
        """Yield what the bundle's `private.json` has, one value a line."""
        for line in self.source.lines("private.json", LARGEST_VALUE):
            row = line.strip().rstrip(b",")
            if row not in (b"[", b"]", b""):
                yield _kept(row, self.where)

    def _tile(self, level: int, n: int, width: int) -> bytes:
        try:
            return self.source.read(tiles.path(level, n, width))
        except Missing as problem:
            raise FileNotFoundError(str(problem)) from None


def of(place: Path, key: VerifierKey) -> Copy:
    """Return the copy at a place; raise Misconfigured where there is none, or none that this key has signed."""
    try:
        if (place / "public").is_dir():
            return _folder(LogFolder(place), key)
        source = sources.bundle(str(place))
        return BundleCopy(source, opened(source.read("checkpoint"), key)[0])
    except Unusable as problem:
        raise Misconfigured(f"{problem} Give the log folder, or an evidence bundle (a folder or a zip).") from None
    except LogError as problem:
        raise Misconfigured(f"The copy at {place} cannot be used: {problem}") from None


def _folder(folder: LogFolder, key: VerifierKey) -> FolderCopy:
    """Return the log folder as far as its head file says, or its newest checkpoint where that file is gone."""
    if (head := folder.head()) is None:
        note = folder.checkpoint()
        if note is None:
            raise Misconfigured(f"In {folder.path} there is neither a head file nor a checkpoint: nothing was signed.")
        head, _ = opened(note, key)
    if head.origin != key.name:
        raise Misconfigured(f"The folder {folder.path} is that of the log {head.origin}, and not of {key.name}.")
    return FolderCopy(folder, head)


def _kept(row: bytes, where: str) -> Kept:
    try:
        found = json.loads(row)
        value, salt, person = json.loads(found["value"]), str(found["salt"]), str(found["person"])
        return Kept(int(found["entry"]), PrivateValue(str(found["pointer"]), value, salt, person))
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise Misconfigured(f"private.json in {where} cannot be read ({problem!r}): ask for the bundle anew.") from None
