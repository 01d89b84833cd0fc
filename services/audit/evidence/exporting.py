"""`countersign audit export`: the record as an evidence bundle, streamed from one moment of the database."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from services.audit.erasing import erasures
from services.audit.evidence import report, targets
from services.audit.evidence.contents import TYPES, Contents
from services.audit.evidence.tiling import Tiling
from services.audit.signing import log_folder
from services.audit.tlog import tree
from services.audit.tlog.errors import LogError
from services.audit.tlog.policies import Policy, Witnessed
from services.audit.tlog.tiles import WIDTH
from services.audit.verification.verify import connect
from services.audit.verifier import build
from services.kernel import clock
from services.kernel.errors import Refused

CHUNK = 16 * WIDTH  # entries read at once
PATIENCE = 30  # seconds to wait until the newest erasure is under a published checkpoint

NEWEST = "SELECT size, p.note FROM published p ORDER BY size DESC LIMIT 1"
NEWEST_EXCUSE = "SELECT coalesce(max(idx), -1) FROM entry WHERE type = ANY(%s)"
ENTRIES = 'SELECT body, leaf, type, "time" FROM entry WHERE idx < %s ORDER BY idx'
PRIVATE = """SELECT e.idx, p.pointer, p.value, p.salt, p.person FROM private p JOIN entry e USING (event_id)
             WHERE e.idx < %s ORDER BY e.idx, p.pointer COLLATE "C" """

Connection = psycopg.Connection[tuple[Any, ...]]
Row = tuple[Any, ...]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written: where, what its checkpoint says, and how many private values are in it."""

    place: Path
    size: int
    root: bytes
    private: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of the database: its newest published checkpoint as it is exported, and the policy it keeps."""

    connection: Connection
    witnessed: Witnessed
    policy: bytes
    at: datetime

    @property
    def size(self) -> int:
        """Return how many entries are exported."""
        return self.witnessed.checkpoint.size


def export(place: Path, progress: Progress) -> Exported:
    """Write the evidence bundle, a zip where the name ends with `.zip` and else a folder; all of it or nothing.

    Raise Refused where it cannot be: the place is taken, nothing is published yet, or the entries are not those of
    the checkpoint.
    """
    with targets.made(place) as target, _snapshot() as snapshot:
        contents = _write_entries(target, snapshot, progress)
        values = _write_private(target, snapshot)
        target.write("checkpoint", snapshot.witnessed.note.encode())
        target.write("policy", snapshot.policy)
        verifier = build.built()
        target.write(build.NAME, verifier)
        told = report.Told(snapshot.witnessed, Policy.parse(snapshot.policy), contents, values, snapshot.at)
        target.lines("report.html", report.html(told))
        target.write("README.txt", report.readme(told))
    return Exported(place, snapshot.size, snapshot.witnessed.checkpoint.root, values)


@contextmanager
def _snapshot() -> Iterator[Snapshot]:
    """Yield a moment at which every erasure that was carried out is under a published checkpoint.

    Else a value would be missing from the bundle that no entry in it excuses. It takes a second or two.
    """
    until = monotonic() + PATIENCE
    while True:
        with connect() as connection:
            size, note = _newest(connection)
            excuse = connection.execute(NEWEST_EXCUSE, [list(erasures.EXCUSING)]).fetchone()
            assert excuse is not None
            if excuse[0] < size:
                yield _opened(connection, size, note)
                return
        if monotonic() > until:
            raise Refused(
                f"Entry {excuse[0]:,} erases something, and no published checkpoint covers it yet: see that the signer "
                "and the witnesses are at work (`countersign status`), and export again."
            )
        sleep(0.5)


def _newest(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(NEWEST).fetchone()
    if row is None:
        raise Refused(
            "No checkpoint is published yet, so there is nothing that an auditor could check: see that the signer and "
            "the witnesses are at work (`countersign status`)."
        )
    return row[0], bytes(row[1])


def _opened(connection: Connection, size: int, note: bytes) -> Snapshot:
    """Take the checkpoint as it is served, with newer cosignatures, where that is the same one."""
    folder = log_folder.of_settings()
    policy = folder.policy()
    if policy is None:
        raise Refused(f"There is no policy in {folder.public}: export where the signer's log folder is.")
    try:
        parsed = Policy.parse(policy)
        served = folder.checkpoint()
        for candidate in (served, note):
            if candidate is not None and (found := _accepted(parsed, candidate)) and found.checkpoint.size == size:
                return Snapshot(connection, found, policy, clock.now())
        parsed.check(note)
    except LogError as problem:
        raise Refused(f"The newest published checkpoint is not good under the policy in force: {problem}") from problem
    raise Refused(f"The published checkpoint of {size:,} entries says another size: run `countersign audit verify`.")


def _accepted(policy: Policy, note: bytes) -> Witnessed | None:
    try:
        return policy.check(note)
    except LogError:
        return None


def _write_entries(target: targets.Target, snapshot: Snapshot, progress: Progress) -> Contents:
    """Write the entries and the tiles over them, each held against its leaf hash and all against the checkpoint."""
    contents, tiling = Contents(), Tiling(target.write)
    for rows in _in_bundles(snapshot):
        for index, (body, leaf, type, at) in enumerate(rows, start=tiling.size):
            if tree.leaf(body) != leaf:
                raise _not_whole(f"entry {index:,} is not the one that was hashed")
            if type in TYPES:
                contents.take(index, body)
            contents.see(at)
        tiling.add([row[0] for row in rows], [row[1] for row in rows])
        progress(tiling.size, snapshot.size)
    tiling.end()
    if (tiling.size, tiling.root) != (snapshot.size, snapshot.witnessed.checkpoint.root):
        raise _not_whole(f"its entries are not the {snapshot.size:,} of the published checkpoint")
    return contents


def _in_bundles(snapshot: Snapshot) -> Iterator[Sequence[Row]]:
    with snapshot.connection.cursor("entries", binary=True) as cursor:
        cursor.itersize = CHUNK
        cursor.execute(ENTRIES.encode(), [snapshot.size])
        rows = iter(cursor)
        while bundle := list(islice(rows, WIDTH)):
            yield bundle


def _write_private(target: targets.Target, snapshot: Snapshot) -> int:
    """Write the private values that are kept, a line each in the order of the entries; return how many."""
    written = 0

    def lines() -> Iterator[bytes]:
        nonlocal written
        with snapshot.connection.cursor("private", binary=True) as cursor:
            cursor.itersize = CHUNK
            cursor.execute(PRIVATE.encode(), [snapshot.size])
            yield b"["
            for entry, pointer, value, salt, person in cursor:
                row = {"entry": entry, "pointer": pointer, "value": value, "salt": salt.hex(), "person": person}
                yield (b",\n" if written else b"\n") + json.dumps(row, ensure_ascii=False).encode()
                written += 1
        yield b"\n]\n"

    target.lines("private.json", lines())
    return written


def _not_whole(what: str) -> Refused:
    return Refused(f"The log is not whole: {what}. Nothing is exported; run `countersign audit verify`.")
