"""A log that took the place of another: its first entry says so, and what it carried over can be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.audit.tlog import tree
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.verifier.verdicts import Tampered, Unusable, counted

SUCCEEDED = "audit.log.succeeded.v1"


class Succession:
    """A log before this one, whose entries follow the entry that names it, in their order."""

    def __init__(self, index: int, data: Mapping[str, Any]) -> None:
        self.index = index
        self.origin, self.ground = str(data["origin"]), str(data["ground"])
        self.size, self.carried = int(data["size"]), int(data["carried"])
        self.root = bytes.fromhex(data["root"])
        self.wanted = {self.size}
        self.roots: dict[int, bytes] = {0: tree.EMPTY_ROOT}
        self._count = 0
        self._frontier: Sequence[bytes] = ()

    def take(self, entry: bytes) -> None:
        """Take the next entry, as one of the log before."""
        if self._count < self.carried:
            self._frontier, _ = tree.append(self._count, self._frontier, [tree.leaf(entry)])
            self._count += 1
            if self._count in self.wanted:
                self.roots[self._count] = tree.root(self._frontier)

    def end(self) -> None:
        """Hold what was carried over against the root that is named."""
        if self._count < self.carried:
            what = f"it says that {counted(self.carried, 'entry', 'entries')} follow from {self.origin}"
            raise Tampered(self.index, f"{what}, and there are {self._count:,}.")
        if self.size <= self.carried and self.roots.get(self.size) != self.root:
            raise Tampered(self.index, f"what follows it from {self.origin} has not the root that it names.")

    def hold(self, kept: Checkpoint) -> str:
        """Hold it against a checkpoint of the log before that was kept; return what was found."""
        if kept.size > self.size:
            what = f"it says that {self.origin} ended with {counted(self.size, 'entry', 'entries')}"
            raise Tampered(self.index, f"{what}, and you kept a checkpoint of {kept.size:,}.")
        if kept.size > self.carried:
            return f"Of the {kept.size:,} entries of the checkpoint you kept, only {self.carried:,} were carried over."
        if self.roots[kept.size] != kept.root:
            what = f"the first {counted(kept.size, 'entry', 'entries')} that follow it from {self.origin}"
            raise Tampered(self.index, f"{what} are not those of the checkpoint you kept.")
        return f"The {counted(kept.size, 'entry', 'entries')} of the checkpoint you kept follow here, unchanged."

    def said(self) -> str:
        """Say it in a sentence."""
        size, lost = counted(self.size, "entry", "entries"), max(0, self.size - self.carried)
        what = f"of which {lost:,} are lost" if lost else "all of which follow here, unchanged"
        return f"Entry {self.index:,}: this record took the place of {self.origin} ({size}, {what}), for: {self.ground}"


class Successions:
    """The logs before this one, newest first: an entry counts as the first of a log only where it is the first."""

    def __init__(self, origin: str, kept: Checkpoint | None) -> None:
        self.notes: list[str] = []
        self._origin = origin
        self._kept = kept if kept and kept.origin != origin else None
        self._found: list[Succession] = []

    def take(self, index: int, event: Mapping[str, Any], entry: bytes) -> None:
        """Take the next entry."""
        for before in self._found:
            before.take(entry)
        if index == len(self._found) and event["type"] == SUCCEEDED and event["source"] == "/audit":
            self._begin(index, event["data"])

    def end(self) -> None:
        """Check what was carried over; Unusable where a kept checkpoint is of none of these logs."""
        for before in self._found:
            before.end()
            self.notes.append(before.said())
            if self._kept and self._kept.origin == before.origin:
                self.notes.append(before.hold(self._kept))
                self._kept = None
        if self._kept:
            what = f"The checkpoint you kept is of {self._kept.origin}, and this is {self._origin}"
            raise Unusable(f"{what}: they cannot be compared.")

    def _begin(self, index: int, data: Mapping[str, Any]) -> None:
        successor = self._found[-1].origin if self._found else self._origin
        try:
            before = Succession(index, data)
        except (KeyError, TypeError, ValueError):
            raise Tampered(index, "it does not say which log was before this one.") from None
        if data.get("successor") != successor:
            raise Tampered(index, f"it says it is the first of {data.get('successor')}, and this is {successor}.")
        if self._kept and self._kept.origin == before.origin:
            before.wanted.add(self._kept.size)
        self._found.append(before)
