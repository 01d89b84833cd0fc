"""Tiles (C2SP tlog-tiles): the tree, and the entries, as files of 256 that never change once they are full.

A tile is named by its level, its number within the level, and its width; a bundle of entries has no level.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from services.audit.tlog import strict, tree
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.proofs import Nodes
from services.audit.tlog.strict import HASH

HEIGHT = 8  # levels of the tree in a tile
WIDTH = 2**HEIGHT
MAX_LEVEL = 63
MAX_ENTRY = 2**16 - 1  # bytes; their number is written in 16 bits

Read = Callable[[int, int, int], bytes]
"""From level, number and width to the bytes of a tile; raises LookupError or FileNotFoundError where there is none."""

_PATH = re.compile(r"tile/(entries|[0-9]|[1-9][0-9])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_CACHED = 64  # tiles of 8 KiB that `nodes` remembers: a proof touches a few of each level


def path(level: int, n: int, width: int = WIDTH) -> str:
    """Return where a hash tile is served: `tile/0/x001/x234/067.p/5`."""
    if not 0 <= level <= MAX_LEVEL:
        raise Unreadable(f"There is no level {level} of tiles.")
    return f"tile/{level}/{_place(n, width)}"


def entries_path(n: int, width: int = WIDTH) -> str:
    """Return where a bundle of entries is served: `tile/entries/x001/x234/067.p/5`."""
    return f"tile/entries/{_place(n, width)}"


def parse_path(text: str) -> tuple[int | None, int, int]:
    """Read a path into level (None for a bundle of entries), number and width."""
    found = _PATH.fullmatch(text)
    if found is None:
        raise Unreadable(f"{strict.shown(text)} is not the path of a tile.")
    level = None if found[1] == "entries" else int(found[1])
    n, width = int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH)
    if text != (entries_path(n, width) if level is None else path(level, n, width)):
        raise Unreadable(f"{strict.shown(text)} is not how the path of that tile is written.")
    return level, n, width


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of each tile of a tree, partial ones last in their level."""
    return new_tiles(0, size)


def new_tiles(old: int, new: int) -> Iterator[tuple[int, int, int]]:
    """Yield level, number and width of each tile of the tree of size `new` that the tree of size `old` lacks.

    Those of level 0 are the bundles of entries too.
    """
    for level in range(MAX_LEVEL + 1):
        before, now = old >> HEIGHT * level, new >> HEIGHT * level
        if not now:
            return
        for n in range(before // WIDTH, (now - 1) // WIDTH + 1):
            width = min(WIDTH, now - n * WIDTH)
            if n * WIDTH + width > before:
                yield level, n, width


def tile(level: int, n: int, width: int, nodes: Nodes) -> bytes:
    """Make a hash tile."""
    return b"".join(nodes(HEIGHT * level, n * WIDTH + i) for i in range(width))


def hashes(tile: bytes) -> list[bytes]:
    """Return the hashes in a tile."""
    count, rest = divmod(len(tile), HASH)
    if rest or not 1 <= count <= WIDTH:
        raise Unreadable(f"A tile of {len(tile)} bytes does not hold 1 to {WIDTH} hashes of {HASH}.")
    return [tile[at : at + HASH] for at in range(0, len(tile), HASH)]


def bundle(entries: Iterable[bytes]) -> bytes:
    """Make a bundle of 1 to 256 entries, each of at most 65,535 bytes."""
    held = list(entries)
    if not 1 <= len(held) <= WIDTH:
        raise Unreadable(f"A bundle holds 1 to {WIDTH} entries, not {len(held)}.")
    if longest := max((entry for entry in held if len(entry) > MAX_ENTRY), key=len, default=b""):
        raise Unreadable(f"An entry of {len(longest)} bytes is too long for a bundle; {MAX_ENTRY} is the most.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in held)


def entries(bundle: bytes) -> list[bytes]:
    """Return the entries in a bundle."""
    found: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > len(bundle):
            raise Unreadable(f"The bundle ends within its entry {len(found)}.")
        found.append(bundle[start:at])
    if not 1 <= len(found) <= WIDTH:
        raise Unreadable(f"A bundle holds 1 to {WIDTH} entries, and this {len(found)}.")
    return found


def nodes(read: Read, size: int) -> Nodes:
    """Return the hashes of the tree of `size` entries as its tiles have them; trust them once they lead to a root.

    Where a partial tile is gone, the full one that came after it is read instead. Unreadable: a tile that is missing,
    or has not the hashes that it should.
    """

    @lru_cache(maxsize=_CACHED)
    def held(level: int, n: int) -> Sequence[bytes]:
        return _held(read, level, n, min(WIDTH, (size >> HEIGHT * level) - n * WIDTH))

    def node(level: int, index: int) -> bytes:
        if level < 0 or not 0 <= index < size >> level:
            raise Unproven(f"A tree of {size} has no complete subtree {index} at level {level}.")
        height = level % HEIGHT
        n, first = divmod(index << height, WIDTH)
        below = held(level // HEIGHT, n)[first : first + (1 << height)]
        return tree.root(tree.append(0, (), below)[0])

    return node


def _held(read: Read, level: int, n: int, width: int) -> Sequence[bytes]:
    for wide in sorted({width, WIDTH}):
        try:
            found = hashes(read(level, n, wide))
        except (LookupError, FileNotFoundError):
            continue
        if len(found) != wide:
            raise Unreadable(f"{path(level, n, wide)} holds {len(found)} hashes, not {wide}.")
        return found
    raise Unreadable(f"{path(level, n, width)} is missing.")


def _place(n: int, width: int) -> str:
    if not 0 <= n < strict.LIMIT:
        raise Unreadable(f"There is no tile number {n}.")
    if not 1 <= width <= WIDTH:
        raise Unreadable(f"A tile is 1 to {WIDTH} wide, not {width}.")
    digits = f"{n:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *groups, last = (digits[at : at + 3] for at in range(0, len(digits), 3))
    partial = "" if width == WIDTH else f".p/{width}"
    return "".join(f"x{group}/" for group in groups) + last + partial
