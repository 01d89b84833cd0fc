"""The recorder as a process: on a real broker and a real database, killed, frozen, and twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pika
import pytest

from services.audit.domain import Message
from services.audit.recording import entering, recorder
from services.kernel import config, db, parking, redriving, topology
from services.kernel.events import CONTENT_TYPE
from tests.facts import eventually
from tests.said import Speaker, message

pytestmark = pytest.mark.usefixtures("platform_env")

RECORD = "from services.audit.recording.recorder import run; run()"
# As RECORD, but the process dies at its first acknowledgement: the batch is committed, and nobody knows.
DIE_BEFORE_ACK = (
    """
import os, signal
from pika.adapters.blocking_connection import BlockingChannel
BlockingChannel.basic_ack = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
"""
    + RECORD
)


@pytest.fixture
def speaker() -> Speaker:
    topology.declare_queues(config.amqp_url(), [topology.recorder_queue()])
    return Speaker()


def publish(messages: Sequence[Message]) -> None:
    """Send messages as the relay does: confirmed, to the exchange."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for one in messages:
            properties = pika.BasicProperties(CONTENT_TYPE, headers=dict(one.headers), delivery_mode=2)
            channel.basic_publish("events", "catalogue.clock.ticked.v1", one.body, properties)


@contextmanager
def process(code: str = RECORD) -> Iterator["subprocess.Popen[bytes]"]:
    """A recorder process; killed at the end where it still lives."""
    child = subprocess.Popen([sys.executable, "-c", code], env=dict(os.environ))
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def log_size() -> int:
    with db.of("audit").transaction() as tx:
        return int(tx.value("SELECT count(*) FROM entry"))


def waiting_messages() -> int:
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        return int(connection.channel().queue_declare("audit.recorder", passive=True).method.message_count)


def test_what_is_published_becomes_entries_and_sigterm_ends_it_cleanly(speaker: Speaker) -> None:
    """The queue is emptied into the log, what is no event is parked, and the process ends with 0."""
    messages = [message(event) for event in speaker.ticks("a", 700)]
    publish([*messages[:350], Message(b"no event"), *messages[350:]])
    with process() as child:
        eventually(lambda: log_size() == 700, within=30)
        child.send_signal(signal.SIGTERM)
        assert child.wait(timeout=15) == 0
    assert waiting_messages() == 0
    with db.of("audit").transaction() as tx:
        assert tx.value("SELECT count(*) FROM audit_own.parked") == 1


def test_killed_between_commit_and_ack_enters_nothing_twice(speaker: Speaker) -> None:
    """The batch comes again, is known, and is acknowledged then."""
    publish([message(event) for event in speaker.ticks("a", 50)])
    with process(DIE_BEFORE_ACK) as child:
        assert child.wait(timeout=30) == -signal.SIGKILL
    assert log_size() > 0  # as much as had come when the first batch was made
    with process():
        eventually(lambda: log_size() == 50 and waiting_messages() == 0, within=30)
        publish([message(event) for event in speaker.ticks("b", 5)])
        eventually(lambda: log_size() == 55)
    verify_dense()


def test_a_frozen_recorder_is_replaced_and_stops_when_it_thaws(speaker: Speaker) -> None:
    """Two recorders, the active one frozen: the other goes on, and the thawed one finds that it was overtaken."""
    with process() as frozen:
        publish([message(event) for event in speaker.ticks("a", 20)])
        eventually(lambda: log_size() == 20, within=30)
        frozen.send_signal(signal.SIGSTOP)
        with process():
            publish([message(event) for event in speaker.ticks("b", 20)])
            eventually(lambda: log_size() == 40, within=60)
            frozen.send_signal(signal.SIGCONT)
            publish([message(event) for event in speaker.ticks("c", 20)])
            eventually(lambda: log_size() == 60, within=30)
            verify_dense()


def verify_dense() -> None:
    with db.of("audit").transaction() as tx:
        row = tx.one("SELECT min(idx) AS first, max(idx) AS last, count(DISTINCT event_id) AS n FROM entry")
        size = tx.value("SELECT size FROM head")
    assert row == {"first": 0, "last": size - 1, "n": size}


def test_a_poisoned_batch_parks_one_message_and_keeps_the_others(
    speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be recorded at all, for a reason nobody foresaw, holds up nothing."""
    good, bad = speaker.ticks("a", 3), speaker.ticks("b", 1)[0]
    really = entering.record

    def refuse_bad(tx: db.Transaction, messages: Sequence[Message], head: object = None) -> entering.Recorded:
        if any(one.body == bad.body for one in messages):
            raise RuntimeError("unforeseen")
        return really(tx, messages, head)  # type: ignore[arg-type]

    monkeypatch.setattr(entering, "record", refuse_bad)
    one = recorder.Recorder()
    for tag, event in enumerate((*good[:2], bad, good[2]), 1):
        one._received.append((tag, message(event)))
    assert one._record() == 4
    assert log_size() == 3
    with db.of("audit").transaction() as tx:
        assert "unforeseen" in tx.value("SELECT reason FROM audit_own.parked")


def test_a_conflict_that_an_operator_redrives_is_judged_again(speaker: Speaker) -> None:
    """What was parked comes back from the parking lot; where it still cannot enter, it is parked again."""
    first, missing_one, third = speaker.ticks("a", 3)
    (other,) = Speaker().ticks("a", 1)
    with db.of("audit").transaction() as tx:
        head = entering.record(tx, [message(first), message(other)]).head
        parking.park(tx, entering.HANDLER, missing_one.body, {}, "by mistake", missing_one)
        for row in tx.all("SELECT id FROM audit_own.parked"):
            redriving.redrive(tx, str(row["id"]), "Look again")
    one = recorder.Recorder()
    one._take_redriven()
    assert log_size() == 1  # it has not been at work yet
    one._head = head
    one._take_redriven()
    assert log_size() == 2
    with db.of("audit").transaction() as tx:
        assert tx.value("SELECT count(*) FROM audit_own.waiting") == 0
        assert "another event as number 1" in tx.value("SELECT string_agg(reason, '') FROM audit_own.parked")
    one._received.append((1, message(third)))
    assert one._record() == 1
    verify_dense()
