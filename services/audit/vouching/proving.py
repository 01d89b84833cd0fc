"""Proofs from the rows of the log: that an entry is in a tree, that one tree continues another, and proof files."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg.rows import DictRow

from services.audit.directory.policy import Reader
from services.audit.log import TILE, size
from services.audit.reading.entries import Entry
from services.audit.signing import checkpoints
from services.audit.signing.checkpoints import Published
from services.audit.telling import timeline
from services.audit.tlog import proofs, tree
from services.audit.tlog.proof_files import ProofFile
from services.audit.tlog.proofs import Nodes
from services.kernel.db import Transaction
from services.kernel.documents import canonical
from services.kernel.errors import Invalid, NotFound, NotYet
from services.kernel.language import say

WIDTH: int = 2**TILE
HASH = 32  # bytes

Tile = tuple[int, int]
"""A level at which nodes are kept (0 are the leaves, then 8, 16 ...), and which 256 of it."""

# One statement for all tiles: what takes time in a proof is asking, not hashing. Rows come in the order of an index.
TILES = """
    SELECT level, tile, CASE level
      WHEN 0 THEN (SELECT string_agg(leaf, ''::bytea) FROM (
          SELECT leaf FROM entry
          WHERE idx >= tile << 8 AND idx < LEAST((tile + 1) << 8, %(size)s) ORDER BY idx) leaves)
      ELSE (SELECT string_agg(hash, ''::bytea) FROM (
          SELECT hash FROM node WHERE node.level = wanted.level AND index >= tile << 8
          AND index < LEAST((tile + 1) << 8, %(size)s >> wanted.level) ORDER BY index) nodes) END AS hashes
    FROM unnest(%(levels)s::integer[], %(tiles)s::bigint[]) AS wanted (level, tile)
"""


@dataclass(frozen=True, slots=True)
class Inclusion:
    """That an entry is in the tree of a size: from its leaf hash, the path leads to the root."""

    idx: int
    size: int
    leaf: bytes
    path: list[bytes]
    root: bytes


@dataclass(frozen=True, slots=True)
class Consistency:
    """That the tree of the size `new` begins with that of the size `old`."""

    old: int
    new: int
    path: list[bytes]
    old_root: bytes
    new_root: bytes


def nodes(tx: Transaction, size: int, near: Iterable[int] = ()) -> Nodes:
    """Return what knows the hash of every complete subtree of the first `size` entries.

    What stands above the entries `near` and at the right edge of the tree is read at once, in one statement; anything
    else when it is asked for, 256 hashes at a time.
    """
    edges = {idx for idx in (*near, size - 1) if idx >= 0}
    levels = range(0, max(size.bit_length(), 1), TILE)
    tiles = _read(tx, size, {(level, idx >> (level + TILE)) for level in levels for idx in edges})

    def node(level: int, index: int) -> bytes:
        kept, above = level - level % TILE, level % TILE
        tile = kept, index << above >> TILE
        if tile not in tiles:
            tiles.update(_read(tx, size, {tile}))
        first, width = (index << above) % WIDTH, 1 << above
        if len(tiles[tile]) < (first + width) * HASH:
            raise LookupError(f"Node {index} of level {level} is not kept: run `countersign audit fsck`.")
        if kept:
            return _levels(tiles[tile])[above][first >> above]
        return _root([tiles[tile][at : at + HASH] for at in range(first * HASH, (first + width) * HASH, HASH)])

    return node


def inclusion(tx: Transaction, idx: int, size: int) -> list[bytes]:
    """Return the path from an entry to the root of the first `size` entries (RFC 6962, 2.1.1).

    Raise NotFound where there is no such entry, Invalid where there is no such tree, or the entry is not in it.
    """
    _must_be_in(tx, idx, size)
    return proofs.inclusion(idx, size, nodes(tx, size, [idx]))


def included(tx: Transaction, idx: int, size: int) -> Inclusion:
    """Return the same with all that one needs to check it: the leaf hash, the path and the root."""
    _must_be_in(tx, idx, size)
    known = nodes(tx, size, [idx])
    return Inclusion(idx, size, known(0, idx), proofs.inclusion(idx, size, known), proofs.root(size, known))


def consistency(tx: Transaction, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of size `new` continues that of size `old` (RFC 6962, 2.1.2).

    Raise Invalid where they are crossed, one of them is empty, or there is no such tree.
    """
    _must_follow(tx, old, new)
    return proofs.consistency(old, new, nodes(tx, new, [old - 1, old]))


def consistent(tx: Transaction, old: int, new: int) -> Consistency:
    """Return the same with all that one needs to check it: the proof, and both roots."""
    _must_follow(tx, old, new)
    known = nodes(tx, new, [old - 1, old])
    path = proofs.consistency(old, new, known)
    return Consistency(old, new, path, proofs.root(old, known), proofs.root(new, known))


def proof_file(tx: Transaction, idx: int, reader: Reader) -> bytes:
    """Return the `.tlog-proof` of an entry: its bytes, its path, and the newest published checkpoint.

    What was said with it stands in there as far as this reader may read words. Raise NotFound where the entry is not
    there or not for this reader, NotYet where no published checkpoint covers it.
    """
    return proof_file_of(tx, timeline.row(tx, reader, idx), reader)


def proof_file_of(tx: Transaction, row: DictRow, reader: Reader) -> bytes:
    """Return the `.tlog-proof` of an entry from its row."""
    idx = row["idx"]
    published = witnessed(tx, idx)
    (entry,) = timeline.entries_of(tx, reader, [row])
    path = proofs.inclusion(idx, published.size, nodes(tx, published.size, [idx]))
    return ProofFile(idx, tuple(path), published.note, canonical(_extra(entry))).encode()


def witnessed(tx: Transaction, idx: int) -> Published:
    """Return the newest published checkpoint; raise NotYet where it does not cover an entry."""
    published = checkpoints.newest(tx)
    if published is None or published.size <= idx:
        raise NotYet(
            say("The witnesses have not co-signed this entry yet. That takes a second or two: please ask again."),
            code="not-witnessed-yet",
        )
    return published


def _extra(entry: Entry) -> dict[str, Any]:
    """Return what the file carries beside the proof: the bytes of the entry, and the values its commitments are of."""
    kept = entry.event.private if entry.words else ()
    private = [{"pointer": one.pointer, "value": canonical(one.value).decode(), "salt": one.salt} for one in kept]
    return {"entry": base64.b64encode(entry.event.body).decode(), "private": private}


def _read(tx: Transaction, size: int, tiles: Iterable[Tile]) -> dict[Tile, bytes]:
    wanted = sorted(tiles)
    params = {"size": size, "levels": [level for level, _ in wanted], "tiles": [tile for _, tile in wanted]}
    return {(row["level"], row["tile"]): bytes(row["hashes"] or b"") for row in tx.execute(TILES, params)}


@lru_cache(maxsize=64)  # by what is in it, so it is good for any log; above the leaves a long log has few tiles
def _levels(tile: bytes) -> Sequence[Sequence[bytes]]:
    """Return the nodes of a tile, and all that are complete over them, level by level."""
    levels = [[tile[at : at + HASH] for at in range(0, len(tile), HASH)]]
    while len(below := levels[-1]) > 1:
        levels.append([tree.node(left, right) for left, right in zip(below[::2], below[1::2], strict=False)])
    return levels


def _root(level: list[bytes]) -> bytes:
    """Return the root over a power of two of nodes."""
    while len(level) > 1:
        level = [tree.node(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def _must_be_in(tx: Transaction, idx: int, size_of_tree: int) -> None:
    here = size(tx)
    if not 0 <= idx < here:
        raise NotFound(
            say("There is no entry {idx:,}: the record has {here:,} entries, numbered from 0.", idx=idx, here=here)
        )
    _must_be_there(here, {"?size": size_of_tree})
    if idx >= size_of_tree:
        sentence = f"Entry {idx:,} is not among the first {size_of_tree:,}: ask for a size of {idx + 1:,} or more."
        raise Invalid(sentence, fields={"?size": [sentence]})


def _must_follow(tx: Transaction, old: int, new: int) -> None:
    _must_be_there(size(tx), {"?from": old, "?to": new})
    if old > new:
        sentence = f"A tree of {old:,} entries cannot continue as one of {new:,}: `from` is the smaller one."
        raise Invalid(sentence, fields={"?from": [sentence]})


def _must_be_there(here: int, asked: Mapping[str, int]) -> None:
    wrong = {
        name: [f"The record has {here:,} entries: ask for a size from 1 to {here:,}."]
        for name, size in asked.items()
        if not 1 <= size <= here
    }
    if wrong:
        raise Invalid(say("There is no tree of this size in the record."), fields=wrong)
