"""Files that are still there, and whole, after a power cut: written aside, synced, renamed, their folders synced."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Write = Callable[[Path, bytes], None]


@contextmanager
def lasting() -> Iterator[Write]:
    """Yield what writes a file in one piece; when the block ends, the names of all that were written last as well.

    A file of the same name is replaced, and its readers see the old one or the new one. Folders are made where needed.
    """
    touched: set[Path] = set()

    def write(path: Path, content: bytes) -> None:
        touched.update(_make(path.parent), {path.parent})
        draft = path.with_name(f".{path.name}.new")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)

    yield write
    for folder in sorted(touched):
        sync(folder)


def write(path: Path, content: bytes) -> None:
    """Write one file so that it lasts."""
    with lasting() as write_lasting:
        write_lasting(path, content)


def sync(folder: Path) -> None:
    """Have the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make(folder: Path) -> Iterator[Path]:
    """Make a folder and those above it that are missing; yield the folders in which a new name stands now."""
    if not folder.is_dir():
        yield from _make(folder.parent)
        folder.mkdir(exist_ok=True)
        yield folder.parent
