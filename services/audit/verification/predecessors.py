"""The logs that this one took the place of: what they had promised is held against the entries carried over."""

import json
from collections import deque
from collections.abc import Iterator, Sequence

from services.audit.tlog import tree
from services.audit.verification.reading import Connection
from services.audit.verification.tampered import Tampered

FIRST = "SELECT idx, body FROM entry WHERE type = 'audit.log.succeeded.v1' AND source = '/audit' ORDER BY idx"
PROMISED = "SELECT size, root FROM former_checkpoint WHERE origin = %s ORDER BY size"


class Predecessor:
    """One log before this one: its entries follow the one that names it, as far as they were carried over."""

    def __init__(self, connection: Connection, idx: int, body: bytes) -> None:
        try:
            data = json.loads(body)["data"]
            self.origin, self.size, self.carried = str(data["origin"]), int(data["size"]), int(data["carried"])
            ended = self.size, bytes.fromhex(data["root"])
        except (ValueError, KeyError, TypeError) as problem:
            raise Tampered(idx, f"it does not say which log was before this one: {problem!r}.") from problem
        promised = [(size, bytes(root)) for size, root in connection.execute(PROMISED, [self.origin])]
        self.idx = idx
        self._due = deque(one for one in sorted({*promised, ended}) if 0 < one[0] <= self.carried)
        self._at, self._frontier = 0, tree.Frontier()

    def hold(self, first: int, leaves: Sequence[bytes]) -> None:
        """Take leaves of this log, from a number on, as far as they are those of the log before."""
        start = self.idx + 1
        mine = leaves[max(0, start - first) : max(0, start + self.carried - first)]
        while self._due and self._due[0][0] <= self._at + len(mine):
            size, root = self._due.popleft()
            mine = self._grow(mine, size - self._at)
            if tree.root(self._frontier) != root:
                what = f"the {size:,} entries that follow from {self.origin} are not those that it had signed."
                raise Tampered(self.idx, what)
        self._grow(mine, len(mine))

    def end(self) -> str:
        """Return what there is to say of it; raise Tampered where fewer entries follow than it says."""
        if self._at < self.carried:
            raise Tampered(self.idx, f"it says that {self.carried:,} entries follow from {self.origin}.")
        lost = max(0, self.size - self.carried)
        what = f"of which {lost:,} are lost" if lost else "all of which follow"
        return f"Entry {self.idx:,}: this log took the place of {self.origin} ({self.size:,} entries, {what})."

    def _grow(self, leaves: Sequence[bytes], count: int) -> Sequence[bytes]:
        self._frontier, _ = tree.append(self._at, self._frontier, leaves[:count])
        self._at += count
        return leaves[count:]


def predecessors(connection: Connection) -> list[Predecessor]:
    """Return the logs before this one, newest first: an entry that names one counts only where it is the first."""
    return list(_predecessors(connection))


def _predecessors(connection: Connection) -> Iterator[Predecessor]:
    for place, (idx, body) in enumerate(connection.execute(FIRST).fetchall()):
        if idx != place:
            return
        yield Predecessor(connection, idx, bytes(body))
