"""A long log to measure on: one round as it was really played, recorded again and again with other ids."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice

import psycopg

from benchmarks.house import house, wait_for
from services.audit.directory import following
from services.audit.domain import Message
from services.audit.log import Head
from services.audit.recording import entering
from services.cli.round.cast import assemble
from services.cli.round.play import play, script
from services.kernel import config, db, ids, ports
from services.kernel.events import PrivateValue
from tests import private

BATCH = 500
SAMPLE = 10_000  # entries over which the cost of appending is taken
CHANGING = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|sha256:[0-9a-f]{64}")

Said = tuple[bytes, tuple[PrivateValue, ...]]
"""An event as it was said: its bytes, and the private values beside them."""


@dataclass(slots=True)
class LongLog:
    """A log that grows; `appending` tells the entries per second of the last `SAMPLE` up to a size."""

    round: Sequence[Said]
    head: Head | None = None
    positions: dict[str, int] = field(default_factory=dict)
    appending: dict[int, float] = field(default_factory=dict)

    def grow(self, size: int, *, booked: bool = True) -> None:
        """Record rounds until the log has this many entries, in the recorder's own way but without a broker.

        The directory of the pages keeps up where it shall be `booked`.
        """
        messages, done, begun = self._messages(), self.head.size if self.head else 0, 0.0
        while done < size:
            if not begun and done >= size - SAMPLE:
                begun, first = time.perf_counter(), done
            batch = list(islice(messages, min(BATCH, size - done)))
            with db.of("audit").transaction() as tx:
                self.head = entering.record(tx, batch, self.head).head
            done = self.head.size
        self.appending[size] = (done - first) / (time.perf_counter() - begun)
        if booked:
            _keep_directory()
        _tend()

    def _messages(self) -> Iterator[Message]:
        while True:
            for body, values in told_again(self.round):
                source = str(json.loads(body)["source"])
                self.positions[source] = position = self.positions.get(source, 0) + 1
                header = json.dumps([value.as_json() for value in values])
                yield Message(body, {"private": header, "position": position})


@contextmanager
def long_log() -> Iterator[LongLog]:
    """An empty log of its own, and a round to grow it with."""
    found = _played()
    with house():
        yield LongLog(found)


def told_again(round: Sequence[Said]) -> Iterator[Said]:
    """Say a round once more, of other people, designs and consultations; its commitments hold."""
    new = {id: id for body, _ in round for id in _in_the_document(body)}

    def other(found: "re.Match[bytes]") -> bytes:
        return new.setdefault(found[0], found[0] if found[0].startswith(b"sha256:") else ids.new_id().encode())

    for body, values in round:
        id = CHANGING.sub(other, json.loads(body)["id"].encode()).decode()
        renewed = tuple(replace(value, person=CHANGING.sub(other, value.person.encode()).decode()) for value in values)
        for before, after in zip(values, renewed, strict=True):
            new[before.commitment(json.loads(body)["id"]).encode()] = after.commitment(id).encode()
        yield CHANGING.sub(other, body), renewed


def _in_the_document(body: bytes) -> Sequence[bytes]:
    """Return the ids that a design names, of skills: its hash is of them, so they stay."""
    return CHANGING.findall(json.dumps(json.loads(body)["data"].get("document")).encode())


def _played() -> Sequence[Said]:
    """Play one round on a whole platform, and return its entries."""
    port = ports.free()
    with (
        house(f"web --port {port}", "worker", "relay", "recorder"),
        private.settings(COUNTERSIGN_PUBLIC_URL=f"http://localhost:{port}"),
    ):
        wait_for(lambda: ports.answers(port))
        steps = [step for step in play(script(), assemble(script(), config.public_url())) if step.event]
        wait_for(lambda: _entered([step.event for step in steps]))
        return _entries()


def _entered(wanted: Sequence[str]) -> bool:
    with db.of("audit").transaction(read_only=True) as tx:
        found = tx.value("SELECT count(*) FROM entry WHERE event_id = ANY(%(ids)s::uuid[])", {"ids": list(wanted)})
        return bool(found == len(wanted))


def _entries() -> Sequence[Said]:
    kept: dict[str, tuple[PrivateValue, ...]] = {}
    with db.of("audit").transaction(read_only=True) as tx:
        for row in tx.all("SELECT event_id::text, pointer, value, salt, person FROM private"):
            value = PrivateValue(row["pointer"], json.loads(row["value"]), bytes(row["salt"]).hex(), row["person"])
            kept[row["event_id"]] = (*kept.get(row["event_id"], ()), value)
        rows = tx.all("SELECT event_id::text, body FROM entry ORDER BY idx")
        return [(bytes(row["body"]), kept.get(row["event_id"], ())) for row in rows]


def _keep_directory() -> None:
    """Let the directory of the pages catch up, as the worker does."""
    while True:
        with db.of("audit").transaction() as tx:
            if not following.follow(tx):
                return


def _tend() -> None:
    """Do what PostgreSQL does by itself in the first minutes: a log that has just grown has no statistics yet."""
    with psycopg.connect(config.admin_database_url(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
