"""The relay: what was committed is published, once confirmed marked, in order, and again after a wipe."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pika
import pytest

from services.kernel import config, db, topology
from services.kernel.events import Actor, Fact
from services.kernel.ids import new_id
from services.kernel.outbox import emit
from services.kernel.relay.ledger import Ledger
from tests.facts import eventually

ACTOR, ONE, TWO = Actor(new_id(), new_id()), new_id(), new_id()


def say(subject: str, times: int = 1) -> None:
    with db.of("catalogue").transaction() as tx:
        for _ in range(times):
            data = {"draft": ONE if subject == "one" else TWO, "version": 1, "submission": ONE, "reason": "Because"}
            emit(tx, Fact("catalogue.draft.recalled.v1", subject, data, ACTOR))


def unsent() -> int:
    with db.of("catalogue").transaction() as tx:
        return int(tx.value("SELECT count(*) FROM catalogue_own.outbox WHERE sent_at IS NULL"))


def taken() -> list[tuple[int, bytes]]:
    """Take what the recorder's queue holds: position and body of each message."""
    found = []
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        for method, properties, body in channel.consume("audit.recorder", inactivity_timeout=1):
            if method is None:  # a queue with a single active consumer is not read by basic.get
                break
            channel.basic_ack(method.delivery_tag)
            found.append((properties.headers["position"], body))
    return found


@contextmanager
def relaying(services: str = "catalogue") -> Iterator[subprocess.Popen[bytes]]:
    """A relay in a process of its own, stopped at the end."""
    process = subprocess.Popen([sys.executable, "-m", "services.cli", "relay", services])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(15)


def all_sent() -> Callable[[], bool]:
    return lambda: unsent() == 0


@pytest.mark.usefixtures("platform_env")
def test_what_was_committed_is_published_in_order_with_dense_positions() -> None:
    """Bytes unchanged, positions from 1 without a hole, and every row marked once the broker has it."""
    with relaying():
        say("one", 30)
        say("two", 30)
        eventually(all_sent(), within=30)
    with db.of("catalogue").transaction() as tx:
        rows = tx.all("SELECT position, body FROM catalogue_own.outbox ORDER BY id")
    assert taken() == [(row["position"], bytes(row["body"])) for row in rows]
    assert [row["position"] for row in rows] == list(range(1, 61))


@pytest.mark.usefixtures("platform_env")
def test_a_wiped_broker_gets_the_last_day_again_with_the_same_positions() -> None:
    """The epoch queue is missing: everything is declared again, and what was sent is sent again."""
    with relaying():
        say("one", 5)
        eventually(all_sent(), within=30)
        before = taken()
        topology.delete_all(config.amqp_url())
        eventually(lambda: topology.missing(config.amqp_url(), [topology.epoch_queue("catalogue")]) == [], within=30)
        eventually(lambda: unsent() == 0 and (found := taken()) and found == before, within=30)


@pytest.mark.usefixtures("platform_env")
def test_of_two_relays_one_publishes_and_the_other_takes_over() -> None:
    """Killed without a word, the leader is replaced when its lease has ended; nothing is lost or numbered twice."""
    with relaying() as first:
        say("one", 5)
        eventually(all_sent(), within=30)
        with relaying():
            first.kill()
            say("two", 5)
            eventually(all_sent(), within=30)
    assert sorted({position for position, _ in taken()}) == list(range(1, 11))


@pytest.mark.usefixtures("platform_env")
def test_what_was_sent_is_forgotten_after_ninety_days_and_what_was_not_never() -> None:
    """The outbox is the log's source for a quarter of a year; what nobody has confirmed stays, however old."""
    say("one", 3)
    with db.of("catalogue").transaction() as tx:
        old, newer, unsent = tx.all("SELECT id FROM catalogue_own.outbox ORDER BY id")
        for row, days in ((old, 91), (newer, 89)):
            tx.execute(
                """UPDATE catalogue_own.outbox SET sent_at = clock_timestamp() - make_interval(days => %(days)s)
                   WHERE id = %(id)s""",
                row | {"days": days},
            )
    ledger = Ledger("catalogue", "a test")
    ledger.open()
    try:
        assert ledger.lead()
        assert [ledger.forget(100), ledger.forget(100)] == [1, 0]
    finally:
        ledger.close()
    with db.of("catalogue").transaction() as tx:
        assert tx.all("SELECT id FROM catalogue_own.outbox ORDER BY id") == [newer, unsent]
