"""Changing one byte after the other of what an auditor holds, and asking the verifier about each."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from services.audit.tlog import tiles
from services.audit.verifier import one_proof, whole_bundle
from services.audit.verifier.verdicts import Tampered, Unusable

WHOLE = os.environ.get("COUNTERSIGN_TAMPERING") == "whole"
ONE_IN = 1 if WHOLE else 61  # bytes; a prime, so that no field of a fixed width is left out
CHUNK = 2000  # mutations that a worker does at once


@dataclass(frozen=True)
class Missed:
    """A change that was not found, or not named as it should be."""

    what: str
    at: int
    said: str


def bytes_of(path: Path, one_in: int = ONE_IN) -> range:
    """The places of a file whose bytes are changed."""
    return range(0, path.stat().st_size, one_in)


def chunks(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """The same in parts."""
    for first in range(0, len(places), CHUNK):
        yield places[first : first + CHUNK]


def all_missed(work: Sequence[tuple[Callable[..., list[Missed]], tuple[object, ...]]]) -> list[Missed]:
    """Do all the work on every processor there is, and return what was missed."""
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        asked = [pool.submit(act, *arguments) for act, arguments in work]
        return [missed for done in asked for missed in done.result()]


def bundle_missed(bundle: Path, policy: Path, name: str, places: Sequence[int]) -> list[Missed]:
    """Change these bytes of one file of a bundle, one at a time, and return those that the verifier lets pass.

    Of an entry, or of its leaf hash, the very entry has to be named.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "bundle")
        shutil.copytree(bundle, copy)
        data, found = (bundle / name).read_bytes(), []
        for at in places:
            (copy / name).write_bytes(changed(data, at))
            index = _entry_at(name, data, at)
            try:
                good = whole_bundle.verified(str(copy), str(policy), None, None, lambda *_: None)
            except Tampered as problem:
                if index is not None and problem.index != index:
                    found.append(Missed(name, at, f"named {problem.index}, not {index}: {problem}"))
            except Unusable as problem:
                if index is not None:
                    found.append(Missed(name, at, f"said unusable of a changed entry: {problem}"))
            else:
                found.append(Missed(name, at, good.sentence))
        return found


def proof_missed(proof: Path, policy: Path, places: Sequence[int]) -> list[Missed]:
    """Change these bytes of a proof, one at a time, and return those that the verifier lets pass."""
    with tempfile.TemporaryDirectory() as folder:
        copy, data, found = Path(folder, proof.name), proof.read_bytes(), []
        for at in places:
            copy.write_bytes(changed(data, at))
            try:
                good = one_proof.verified(str(copy), str(policy), None)
            except (Tampered, Unusable):
                continue
            found.append(Missed(proof.name, at, good.sentence))
        return found


def changed(data: bytes, at: int) -> bytes:
    """The same bytes but for one, which is another; which other is the place's own chance."""
    other = data[at] ^ random.Random(at).randrange(1, 256)
    return data[:at] + bytes([other]) + data[at + 1 :]


def _entry_at(name: str, data: bytes, at: int) -> int | None:
    """The entry that a byte belongs to, or whose hash it belongs to; None for what frames entries, and above them."""
    level, n, _ = _place(name)
    if level == 0:
        return int(n * tiles.WIDTH + at // 32)
    if level != "entries":
        return None
    end = 0
    for count, entry in enumerate(tiles.entries(data)):
        begin = end + 2
        end = begin + len(entry)
        if at < end:
            return int(n * tiles.WIDTH + count) if at >= begin else None
    return None


def _place(name: str) -> tuple[int | str | None, int, int]:
    if not name.startswith("tile/"):
        return None, 0, 0
    level, n, width = tiles.parse_path(name)
    return level, n, width
