"""Where a bundle is written: a folder or a zip, which is there under its name once it is whole, and not before."""

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from services.audit.signing import durable
from services.kernel.errors import Refused

DAY = (1980, 1, 1, 0, 0, 0)  # of every file in a zip: the same record gives the same bytes
SQUEEZE = 1  # how hard entries are compressed, of 9: a third larger than at most, in an eighth of the time
ENTRIES = "tile/entries/"


class Target(Protocol):
    """A bundle that is being written."""

    def write(self, path: str, content: bytes) -> None:
        """Write one file."""

    def lines(self, path: str, lines: Iterator[bytes]) -> None:
        """Write one file, line by line."""


@contextmanager
def made(place: Path) -> Iterator[Target]:
    """Yield what a bundle is written to; it stands at `place` when the block ends well, and else nothing does.

    Raise Refused where something stands there already, or cannot.
    """
    if os.path.lexists(place):
        raise Refused(f"{place} is there already, and nothing is written over it: choose another name.")
    if not place.parent.is_dir():
        raise Refused(f"There is no folder {place.parent}: make it first.")
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        with (_zip if place.suffix.lower() == ".zip" else _folder)(draft) as target:
            yield target
        _settle(draft, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True) if draft.is_dir() else draft.unlink(missing_ok=True)


def _settle(draft: Path, place: Path) -> None:
    """Give the draft its name, where nobody else has taken it meanwhile."""
    try:
        if draft.is_dir():
            draft.rename(place)
        else:
            os.link(draft, place)
    except OSError as problem:
        raise Refused(f"{place} cannot be made: {problem.strerror}.") from problem
    durable.sync(place.parent)


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, path: str, content: bytes) -> None:
        with self._new(path).open("xb") as file:
            file.write(content)

    def lines(self, path: str, lines: Iterator[bytes]) -> None:
        with self._new(path).open("xb") as file:
            file.writelines(lines)

    def _new(self, path: str) -> Path:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        return file


class _Zip:
    def __init__(self, file: zipfile.ZipFile) -> None:
        self.file = file

    def write(self, path: str, content: bytes) -> None:
        self.file.writestr(_named(path), content, compresslevel=SQUEEZE)

    def lines(self, path: str, lines: Iterator[bytes]) -> None:
        with self.file.open(_named(path), "w", force_zip64=True) as file:
            for line in lines:
                file.write(line)


@contextmanager
def _folder(path: Path) -> Iterator[Target]:
    path.mkdir()
    yield _Folder(path)
    for file in path.rglob("*"):
        if file.is_dir():
            durable.sync(file)
    os.sync()


@contextmanager
def _zip(path: Path) -> Iterator[Target]:
    with path.open("xb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            yield _Zip(archive)
        file.flush()
        os.fsync(file.fileno())


def _named(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, DAY)
    info.external_attr = 0o644 << 16
    hashes = path.startswith("tile/") and not path.startswith(ENTRIES)  # as good as random: nothing to squeeze
    info.compress_type = zipfile.ZIP_STORED if hashes else zipfile.ZIP_DEFLATED
    return info
