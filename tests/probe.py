"""A nameko class for tests of the bus: it hears as co-design does, does as a table tells it, and notes what it did.

`python -m tests.probe` serves it in a process of its own. Its clock stands where the file named by PROBE_CLOCK says.
"""

import os
import sys

if __name__ == "__main__":  # before anything else: it patches the process
    import services.kernel.worker

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pika
import psycopg
from nameko.rpc import ServiceRpc

from services.kernel import clock, config, db, events, topology
from services.kernel.bus import call_with_limit, every, on_event
from services.kernel.db import Transaction
from services.kernel.errors import Malformed
from services.kernel.events import Event
from tests.facts import eventually

TYPE = "catalogue.draft.recalled.v1"
OTHER = "catalogue.draft.opened.v1"

TABLES = """
    CREATE TABLE codesign_own.probe_told (event_id uuid PRIMARY KEY, fails integer NOT NULL, how text NOT NULL);
    CREATE TABLE codesign_own.probe_tried (n bigserial, handler text, event_id uuid, at timestamptz);
    CREATE TABLE codesign_own.probe_ticked (n bigserial, pid integer);
    CREATE TABLE codesign_own.probe_did (n bigserial, handler text, event_id uuid, subject text, sequence bigint);
"""


class Probe:
    """One handler that minds no order and one that does, a timer, and a question."""

    name = "codesign"
    directory = ServiceRpc("directory")

    @on_event(TYPE)
    def count(self, tx: Transaction, event: Event) -> None:
        """Do as told."""
        _do_as_told(tx, "count", event)
        if _told(event) == "ask":
            call_with_limit(self.directory.answer, event.id, seconds=0.5)

    @on_event(TYPE, in_order=True)
    def follow(self, tx: Transaction, event: Event) -> None:
        """Do as told, in order."""
        _do_as_told(tx, "follow", event)

    @every(0.2)
    def tick(self) -> None:
        """Note which process this is."""
        with db.of("codesign").transaction() as tx:
            tx.execute("INSERT INTO codesign_own.probe_ticked (pid) VALUES (%(pid)s)", {"pid": os.getpid()})


def _told(event: Event) -> str:
    found = ask("SELECT how FROM codesign_own.probe_told WHERE event_id = %(id)s", id=event.id)
    return str(found[0]["how"]) if found else ""


def _do_as_told(tx: Transaction, handler: str, event: Event) -> None:
    note = {"handler": handler, "event": event.id, "subject": event.subject, "sequence": event.sequence}
    with db.of(tx.service).transaction() as beside:  # what was tried is to be known even when it is undone
        beside.execute(
            "INSERT INTO codesign_own.probe_tried (handler, event_id, at) VALUES (%(handler)s, %(event)s, %(now)s)",
            note | {"now": clock.now()},
        )
        tried = beside.value(
            "SELECT count(*) FROM codesign_own.probe_tried WHERE event_id = %(event)s AND handler = %(handler)s", note
        )
        told = beside.one("SELECT fails, how FROM codesign_own.probe_told WHERE event_id = %(event)s", note)
    tx.execute(
        """INSERT INTO codesign_own.probe_did (handler, event_id, subject, sequence)
           VALUES (%(handler)s, %(event)s, %(subject)s, %(sequence)s)""",
        note,
    )
    if told and told["how"] == "slowly":
        tx.execute("SELECT pg_sleep(1)")
    elif told and tried <= told["fails"]:
        raise Malformed("told to") if told["how"] == "for good" else RuntimeError("told to fail")


@dataclass(slots=True)
class Clock:
    """The clock of the probe's process, set by the test."""

    file: Path
    present: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def set(self, present: datetime) -> None:
        """Let it stand at a moment."""
        self.present = present
        draft = self.file.with_suffix(".new")
        draft.write_text(present.isoformat())
        draft.replace(self.file)


def stage(database: str, amqp: str) -> None:
    """Make the probe's tables and declare its queues."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute(TABLES.encode())
    topology.declare(amqp)
    topology.declare_queues(amqp, [handler.queue for handler in topology.handlers_of(Probe)])


@contextmanager
def serving(still: Clock | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """The probe in a process of its own, consuming; stopped at the end."""
    # each try takes a second connection for its note, and ten are made side by side
    environment = os.environ | {"PSYCOPG_WAIT_FUNC": "wait_select", "COUNTERSIGN_POOL_SIZE": "25"}
    if still is not None:
        still.set(still.present)
        environment["PROBE_CLOCK"] = str(still.file)
    process = subprocess.Popen([sys.executable, "-m", "tests.probe"], env=environment)
    try:
        eventually(lambda: consumers("codesign.count") and consumers("codesign.follow"), within=60)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        finally:
            process.kill()


def consumers(queue: str) -> int:
    """Return how many consumers a queue has."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).method.consumer_count)


def ready(queue: str) -> int:
    """Return how many messages wait in a queue for a consumer."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)


def publish(messages: Sequence[Event], queue: str | None = None) -> None:
    """Publish events as the relay does, or put them into one queue."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for event in messages:
            properties = pika.BasicProperties(content_type=events.CONTENT_TYPE, delivery_mode=2, message_id=event.id)
            exchange, key = ("", queue) if queue else ("events", event.type)
            channel.basic_publish(exchange, key, event.body, properties)


def tell(event: Event, *, fails: int = 0, how: str = "for now") -> None:
    """Tell the probe to fail with this event so many times."""
    with db.of("codesign").transaction() as tx:
        tx.execute(
            "INSERT INTO codesign_own.probe_told VALUES (%(id)s, %(fails)s, %(how)s)",
            {"id": event.id, "fails": fails, "how": how},
        )


def ask(statement: str, **params: Any) -> list[dict[str, Any]]:
    """Return rows of co-design's database."""
    with db.of("codesign").transaction(read_only=True) as tx:
        return tx.all(statement, params)


def did(handler: str) -> list[dict[str, Any]]:
    """Return what a handler did, in the order of its doing."""
    return ask("SELECT * FROM codesign_own.probe_did WHERE handler = %(handler)s ORDER BY n", handler=handler)


def ticked() -> list[int]:
    """Return which processes were called by the timer, one for each call."""
    return [row["pid"] for row in ask("SELECT pid FROM codesign_own.probe_ticked ORDER BY n")]


def tries(event: Event, handler: str = "count") -> list[datetime]:
    """Return when a handler tried an event."""
    statement = "SELECT at FROM codesign_own.probe_tried WHERE event_id = %(id)s AND handler = %(handler)s ORDER BY n"
    return [row["at"] for row in ask(statement, id=event.id, handler=handler)]


def waiting(handler: str = "count") -> list[dict[str, Any]]:
    """Return a handler's waiting messages."""
    return ask("SELECT * FROM codesign_own.waiting WHERE handler = %(handler)s ORDER BY at, id", handler=handler)


def parked(handler: str = "count") -> list[dict[str, Any]]:
    """Return a handler's parked messages."""
    return ask("SELECT * FROM codesign_own.parked WHERE handler = %(handler)s ORDER BY at, id", handler=handler)


if __name__ == "__main__":
    if "PROBE_CLOCK" in os.environ:
        hands = Path(os.environ["PROBE_CLOCK"])
        clock.now = lambda: datetime.fromisoformat(hands.read_text())
    from tests.probe import Probe as Served

    services.kernel.telemetry.setup("probe")
    services.kernel.worker.run([Served])
    db.close_all()
