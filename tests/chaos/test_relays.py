"""Relays in trouble: one frozen and thawed, a frozen broker, a queue that is gone (reliability.md: D7, B3, B7)."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest

from deploy.local.servers import Servers
from services.kernel import config, db, events, topology
from services.kernel.events import Actor, Fact
from services.kernel.ids import new_id
from services.kernel.outbox import emit
from tests import private
from tests.conftest import Platform
from tests.facts import eventually

ACTOR = Actor(new_id(), new_id())


@contextmanager
def relaying(log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A relay of the catalogue in a process of its own, its log lines in a file."""
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "services.cli", "relay", "catalogue"], stderr=file)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(15)


def said(log: Path) -> list[str]:
    """Return what a relay has logged."""
    return [json.loads(line)["message"] for line in log.read_text().splitlines() if line.startswith("{")]


def say(times: int, subjects: int = 10) -> None:
    """Emit so many events of so many streams, in small transactions."""
    names = [new_id() for _ in range(subjects)]
    for start in range(0, times, 50):
        with db.of("catalogue").transaction() as tx:
            for number in range(start, min(start + 50, times)):
                data = {"draft": ACTOR.person, "version": 1, "submission": ACTOR.person}
                emit(tx, Fact("catalogue.draft.recalled.v1", names[number % subjects], data, ACTOR))


def unsent() -> int:
    with db.of("catalogue").transaction() as tx:
        return int(tx.value("SELECT count(*) FROM catalogue_own.outbox WHERE sent_at IS NULL"))


def holder() -> str:
    """Return the pid of the relay that leads."""
    with db.of("catalogue").transaction() as tx:
        row = tx.one("SELECT holder FROM catalogue_own.lease WHERE name = 'relay' AND until > clock_timestamp()")
    return str(row["holder"]).split("/")[1] if row else ""


def taken(queue: str = "audit.recorder") -> list[tuple[int, Any]]:
    """Take what a queue holds: position and event of each message, as they come."""
    found = []
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        for method, properties, body in channel.consume(queue, inactivity_timeout=2):
            if method is None:
                break
            channel.basic_ack(method.delivery_tag)
            found.append((properties.headers["position"], events.parse(body)))
    return found


@pytest.mark.usefixtures("platform_env")
def test_d7_a_frozen_leader_is_replaced_and_changes_nothing_when_it_thaws(tmp_path: Path) -> None:
    """Of three relays the leader is stopped in the middle: another takes over within 10 s; order and numbers hold."""
    with ExitStack() as stack:
        relays = [stack.enter_context(relaying(tmp_path / f"{n}.log")) for n in range(3)]
        leader = eventually(holder, within=30)
        frozen = next(relay for relay in relays if str(relay.pid) == leader)
        say(1000)
        frozen.send_signal(signal.SIGSTOP)
        say(1000)
        eventually(lambda: holder() not in ("", leader), within=10)
        eventually(lambda: unsent() == 0, within=30)
        frozen.send_signal(signal.SIGCONT)
        say(500)
        eventually(lambda: unsent() == 0, within=30)
        assert holder() != leader
        assert all(relay.poll() is None for relay in relays)
    positions: dict[str, int] = {}
    heard: dict[str, list[int]] = {}
    for position, event in taken():
        assert positions.setdefault(event.id, position) == position
        stream = heard.setdefault(event.subject, [])
        if event.sequence not in stream:  # sent twice is normal; the first of each is what takes effect
            stream.append(event.sequence)
    assert sorted(positions.values()) == list(range(1, 2501))
    assert all(stream == sorted(stream) for stream in heard.values())
    assert sum(map(len, heard.values())) == 2500


@pytest.fixture(scope="module")
def own_broker() -> Iterator[Servers]:
    """A broker of this module alone, for it is frozen and starved."""
    if private.GIVEN_BROKER:
        pytest.skip("a broker was given, and no private one is started beside it")
    broker = Servers(private.FOLDER.with_name("test-frozen"), fsync=False)
    broker.start(database=False)
    yield broker
    broker.resume_broker()
    broker.erase()


@pytest.fixture
def its_vhost(own_broker: Servers, database: str) -> Iterator[Servers]:
    """A fresh vhost on it, and a fresh database."""
    assert database
    name = new_id()
    url = own_broker.new_vhost(name)
    with private.settings(COUNTERSIGN_AMQP_URL=url):
        yield own_broker
    own_broker.drop_vhost(name)


def test_b3_a_frozen_broker_is_noticed_within_20_seconds_and_all_is_sent_after_it(
    its_vhost: Servers, tmp_path: Path
) -> None:
    """SIGSTOP of the broker: its connections stay open and nothing answers; the relay does not wait for ever."""
    with relaying(tmp_path / "log"):
        say(10)
        eventually(lambda: unsent() == 0, within=30)
        its_vhost.pause_broker()
        try:
            say(10)
            eventually(lambda: "The line to the broker is gone" in said(tmp_path / "log"), within=20)
        finally:
            its_vhost.resume_broker()
        eventually(lambda: unsent() == 0, within=30)
        assert {position for position, _ in taken()} == set(range(1, 21))


def test_b5_a_broker_short_of_memory_is_waited_for(its_vhost: Servers, tmp_path: Path) -> None:
    """Its alarm stops the relay and is no reason to give up the line; when it ends, all is sent."""
    with relaying(tmp_path / "log"):
        say(10)
        eventually(lambda: unsent() == 0, within=30)
        its_vhost.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0")
        try:
            say(10)
            eventually(lambda: "The broker takes nothing for now" in said(tmp_path / "log"), within=20)
            say(10)
        finally:
            its_vhost.rabbitmq.rabbitmqctl("set_vm_memory_high_watermark", "0.4")
        eventually(lambda: unsent() == 0, within=30)
        assert "The line to the broker is gone" not in said(tmp_path / "log")
    assert {position for position, _ in taken()} == set(range(1, 31))


def test_g1_a_database_that_goes_away_and_comes_back_is_no_reason_to_end(
    platform_env: Platform, tmp_path: Path
) -> None:
    """The relay goes on trying, leads again, and sends what was committed meanwhile."""
    with relaying(tmp_path / "log") as relay:
        say(10)
        eventually(lambda: unsent() == 0, within=30)
        with private.away(platform_env.database):
            eventually(lambda: "The outbox is away" in said(tmp_path / "log"), within=20)
        db.close_all()
        say(10)
        eventually(lambda: unsent() == 0, within=30)
        assert relay.poll() is None
    assert {position for position, _ in taken()} == set(range(1, 21))


def test_b7_a_missing_queue_stops_publishing_is_an_alarm_and_is_made_good(
    platform_env: Platform, tmp_path: Path
) -> None:
    """Whatever was sent since all queues were last seen in place is sent again once the queue is there again."""
    with relaying(tmp_path / "log"):
        say(10)
        eventually(lambda: unsent() == 0, within=30)
        with topology.connection(platform_env.amqp) as connection:
            topology.recorder_queue()(connection.channel()).delete()
        say(10)  # confirmed while nobody has noticed: lost to this queue
        eventually(
            lambda: "Queues are missing; nothing is published until they are there" in said(tmp_path / "log"), within=20
        )
        say(10)
        eventually(lambda: topology.missing(platform_env.amqp, [topology.recorder_queue()]) == [], within=40)
        eventually(lambda: unsent() == 0, within=30)
    assert set(range(11, 31)) <= {position for position, _ in taken()}
