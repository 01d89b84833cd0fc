"""Entries against their hashes, their columns, their sequences, and the private values beside them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson

from services.audit.domain import Aggregate, Standing, commitments, gaps_in
from services.audit.domain.order import GAP_FOUND
from services.audit.erasing.erasures import Excuse, Excuses
from services.audit.tlog import tree
from services.audit.tlog.tiles import HEIGHT
from services.audit.verification.reading import DERIVED, MARK, Chunk, Row, Values
from services.audit.verification.tampered import Tampered
from services.kernel import events

_moment = datetime.fromisoformat
_PREFIX = events.COMMITMENT_PREFIX.decode()


@dataclass(frozen=True, slots=True)
class Kept:
    """A private value that is still there although an entry says that it is gone: no tampering, and not right."""

    idx: int
    pointer: str
    excuse: Excuse

    def __str__(self) -> str:
        return f"Entry {self.idx:,}: the private value at {self.pointer} is still kept, though it is {self.excuse}."


@dataclass(slots=True)
class Walk:
    """What is carried from entry to entry: the tree, the last sequence of each aggregate, and gaps once declared."""

    excuses: Excuses
    size: int = 0
    frontier: tree.Frontier = ()
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    last: dict[tuple[str, str], int] = field(default_factory=dict)
    gaps: dict[tuple[str, str], Standing] = field(default_factory=dict)
    private: int = 0
    gone: Counter[Excuse] = field(default_factory=Counter)
    kept: list[Kept] = field(default_factory=list)

    def check(self, chunk: Chunk) -> list[bytes]:
        """Verify the next entries, the first that is wrong first; return their leaf hashes.

        This is done a million times in fifteen seconds, which is why it is one loop.
        """
        leaves: list[bytes] = []
        for idx, row in enumerate(chunk.rows, self.size):
            body, leaf = row[1], row[2]
            if row[0] != idx:
                raise Tampered(idx, f"it is missing; the next one there is {row[0]:,}.")
            if sha256(b"\x00" + body).digest() != leaf:
                raise Tampered(idx, "its bytes are not those that were hashed when it was entered.")
            try:
                said = orjson.loads(body)
                derived = (
                    said["id"],
                    said["source"],
                    said["type"],
                    said["subject"],
                    said["sequence"],
                    said.get("organisation"),
                    said["actor"],
                    _moment(said["time"]),
                )
            except (ValueError, TypeError, KeyError, AttributeError) as problem:
                raise Tampered(idx, f"its bytes are no event: {problem!r}.") from problem
            if derived != row[3:]:
                raise _other_columns(idx, row[3:], derived)
            aggregate, sequence = (row[4], row[6]), row[7]
            if sequence == self.last.get(aggregate, 0) + 1:
                self.last[aggregate] = sequence
            elif aggregate not in self.gaps or not self.gaps[aggregate].take(sequence):
                raise self._out_of_order(idx, row)
            if row[5] == GAP_FOUND:
                self._declare(body)
            if MARK in body:
                self._check_private(idx, said, chunk.private.get(row[3], {}))
            leaves.append(leaf)
        return leaves

    def take(self, leaves: Sequence[bytes]) -> None:
        """Take entries that were verified into the tree."""
        self.frontier, nodes = tree.append(self.size, self.frontier, leaves)
        self.nodes |= {(level, index): hash for level, index, hash in nodes if level % HEIGHT == 0}
        self.size += len(leaves)

    def _out_of_order(self, idx: int, row: Row) -> Tampered:
        source, subject, sequence = row[4], row[6], row[7]
        due = self.last.get((source, subject), 0) + 1
        return Tampered(idx, f"it is number {sequence} of {subject} from {source}, where number {due} was due.")

    def _declare(self, body: bytes) -> None:
        """Take what the log itself declares missing."""
        for about, _, last in gaps_in(events.parse(body)):
            self._declare_up_to(about, last)

    def _declare_up_to(self, about: Aggregate, last: int) -> None:
        key = about.source, about.subject
        gap = self.gaps.setdefault(key, Standing())
        gap.last = self.last.get(key, 0)
        gap.declare(last)
        self.last[key] = gap.last

    def _check_private(self, idx: int, said: Mapping[str, Any], kept: Values) -> None:
        """Hold the private values kept beside an entry against its commitments, and against what is said to be gone."""
        event_id = said["id"]
        committed = dict(commitments(said.get("data") or {}))
        for pointer, commitment in committed.items():
            if pointer not in kept:
                excuse = self.excuses.of(event_id, said["actor"], said["subject"], pointer)
                if excuse is None:
                    raise Tampered(idx, f"the private value at {pointer} is gone, and no entry of the log erases it.")
                self.gone[excuse] += 1
                continue
            value, salt, person = kept[pointer]
            found = sha256(f"{_PREFIX}{event_id}\n{pointer}\n".encode() + salt + value.encode())
            if commitment != f"sha256:{found.hexdigest()}":
                raise Tampered(idx, f"the private value at {pointer} is not the one that its bytes commit to.")
            if person not in (said["actor"], said["subject"]):
                whose = "of somebody who neither acts nor is acted on"
                raise Tampered(idx, f"the private value at {pointer} is kept as {whose}: an erasure would miss it.")
            self.private += 1
            if excuse := self.excuses.forbids(event_id, pointer, person):
                self.kept.append(Kept(idx, pointer, excuse))
        if len(kept) > len(committed):
            pointer = min(kept.keys() - committed.keys())
            raise Tampered(idx, f"a private value is kept for {pointer}, where its bytes commit to none.")


def _other_columns(idx: int, kept: Row, said: Row) -> Tampered:
    name, column, bytes_say = next(found for found in zip(DERIVED, kept, said, strict=True) if found[1] != found[2])
    return Tampered(idx, f"the column {name} says {column!r}, its bytes say {bytes_say!r}.")
