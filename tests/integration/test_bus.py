"""The bus: once for each event, all or nothing, again when it fails, in order where asked; on real servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pika
import pytest

from services.kernel import clock, config, db, ids, parking
from services.kernel.events import Event
from tests import private, probe
from tests.conftest import Platform
from tests.facts import eventually
from tests.said import Speaker


@pytest.fixture
def stage(platform_env: Platform) -> Platform:
    probe.stage(platform_env.database, platform_env.amqp)
    return platform_env


@pytest.fixture
def probed(stage: Platform) -> Iterator[Platform]:
    with probe.serving():
        yield stage


def recalled(speaker: Speaker, subject: str) -> Event:
    return speaker.say(probe.TYPE, subject, {"draft": subject, "version": 1, "submission": subject})


def stream(length: int, subject: str | None = None) -> list[Event]:
    speaker, subject = Speaker(), subject or ids.new_id()
    return [recalled(speaker, subject) for _ in range(length)]


@pytest.mark.usefixtures("probed")
def test_an_event_delivered_many_times_has_its_effect_once() -> None:
    """Twice is normal, acting twice is not."""
    events = stream(5)
    probe.publish([*events, *events, *events])
    eventually(lambda: probe.ready("codesign.count") == probe.ready("codesign.follow") == 0)
    eventually(lambda: len(probe.did("count")) == len(probe.did("follow")) == 5)
    assert probe.waiting() == probe.parked() == []


@pytest.mark.usefixtures("probed")
def test_a_handler_that_fails_leaves_nothing_and_is_called_again() -> None:
    """The effect of a failed try is undone; the message waits outside the queue and succeeds later."""
    event, other = stream(2)
    probe.tell(event, fails=1)
    probe.publish([event, other])
    eventually(lambda: len(probe.did("count")) == 2)
    assert len(probe.tries(event)) == 2
    eventually(lambda: probe.waiting() == [])
    assert probe.parked() == []


def waiting_after(failures: int) -> list[dict[str, Any]]:
    """Return the one waiting message, once it has failed so often."""
    rows = probe.waiting()
    return rows if [row["attempt"] for row in rows] == [failures] else []


@pytest.mark.usefixtures("stage")
def test_the_schedule_is_1_5_30_120_600_seconds_and_then_parked(tmp_path: Path) -> None:
    """Six tries, each at the stated time after the one before, by the clock the code reads."""
    still = probe.Clock(tmp_path / "clock")
    [poison] = stream(1)
    probe.tell(poison, fails=99)
    with probe.serving(still):
        probe.publish([poison])
        for number, pause in enumerate(parking.SCHEDULE, start=1):
            [row] = eventually(partial(waiting_after, number))
            assert row["due"] == still.present + pause
            still.set(still.present + pause)
        eventually(lambda: len(probe.parked()) == 1)
    [row] = probe.parked()
    assert (row["attempts"], row["reason"]) == (6, "RuntimeError: told to fail")
    assert bytes(row["body"]) == poison.body
    assert len(probe.tries(poison)) == 6
    assert probe.waiting() == probe.did("count") == []


@pytest.mark.usefixtures("stage")
def test_a_waiting_message_is_not_tried_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claim a microsecond early finds nothing."""
    present = clock.now()
    monkeypatch.setattr(clock, "now", lambda: present)
    with db.of("codesign").transaction() as tx:
        parking.failed(tx, "count", stream(1)[0], "told to")
        monkeypatch.setattr(clock, "now", lambda: present + parking.SCHEDULE[0] - timedelta(microseconds=1))
        assert parking.due(tx, ["count"], 10) == []
        monkeypatch.setattr(clock, "now", lambda: present + parking.SCHEDULE[0])
        [(id, _)] = parking.due(tx, ["count"], 10)
        assert parking.claim(tx, id) is not None


@pytest.mark.usefixtures("probed")
def test_a_handler_that_calls_a_message_malformed_has_it_parked_at_once() -> None:
    """Malformed is an operator's, and no number of tries mends it."""
    [event] = stream(1)
    probe.tell(event, fails=99, how="for good")
    probe.publish([event])
    eventually(lambda: [row["reason"] for row in probe.parked()] == ["told to"])
    assert len(probe.tries(event)) == 1


@pytest.mark.usefixtures("probed")
def test_an_event_before_its_turn_waits_for_the_one_before_it() -> None:
    """An in-order handler is given a stream by sequence, however it arrives, and another stream meanwhile."""
    first, second, third = stream(3)
    other = stream(1)
    probe.publish([third, second], "codesign.follow")
    eventually(lambda: len(probe.waiting("follow")) == 2)
    probe.publish(other, "codesign.follow")
    eventually(lambda: len(probe.did("follow")) == 1)
    probe.publish([first], "codesign.follow")
    eventually(lambda: [d["sequence"] for d in probe.did("follow") if d["subject"] == first.subject] == [1, 2, 3])
    eventually(lambda: probe.waiting("follow") == [])


@pytest.mark.usefixtures("probed")
def test_an_event_behind_a_failed_one_waits_behind_it() -> None:
    """Nothing of a stream overtakes the event whose handler failed."""
    first, second = stream(2)
    probe.tell(first, fails=1)
    probe.publish([first, second], "codesign.follow")
    eventually(lambda: len(probe.did("follow")) == 2)
    assert [d["sequence"] for d in probe.did("follow")] == [1, 2]
    assert len(probe.tries(second, "follow")) == 1


@pytest.mark.usefixtures("probed")
def test_an_in_order_handler_counts_the_events_it_does_not_hear() -> None:
    """A stream holds other types too; they are counted, and no gap is suspected."""
    speaker, subject = Speaker(), ids.new_id()
    first = recalled(speaker, subject)
    unheard = speaker.say("catalogue.clock.ticked.v1", subject, {}, checked=False)
    third = recalled(speaker, subject)
    probe.publish([first, unheard, third])
    eventually(lambda: [d["sequence"] for d in probe.did("follow")] == [1, 3])
    assert probe.waiting("follow") == probe.parked("follow") == []


@pytest.mark.usefixtures("stage")
def test_a_message_that_was_handed_out_20_times_is_parked_untried() -> None:
    """It was never acknowledged: it kills the process that handles it, and it must not kill another."""
    [event] = stream(1)
    probe.publish([event], "codesign.count")
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        for _ in range(20):
            method, _properties, _body = channel.basic_get("codesign.count")
            channel.basic_nack(method.delivery_tag, requeue=True)
    with probe.serving():
        eventually(lambda: len(probe.parked()) == 1)
    assert "handed out 20 times" in probe.parked()[0]["reason"]
    assert probe.tries(event) == []


@pytest.mark.usefixtures("stage")
def test_sigterm_lets_what_runs_finish_and_nothing_is_handled_twice() -> None:
    """A deploy is no failure: handlers at work end and are acknowledged, the rest goes to the next worker."""
    events = stream(30)
    for event in events:
        probe.tell(event, how="slowly")
    with probe.serving() as process:
        probe.publish(events, "codesign.count")
        eventually(lambda: len(probe.tries(events[0])) == 1)
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # a second one is harmless
        assert process.wait(30) == 0
    assert 0 < len(probe.did("count")) < 30
    with probe.serving():
        eventually(lambda: len(probe.did("count")) == 30, within=30)
        eventually(lambda: probe.ready("codesign.count") == 0)
    assert [len(probe.tries(event)) for event in events] == [1] * 30


def test_while_the_database_is_away_nothing_is_acknowledged_and_nothing_counted(probed: Platform) -> None:
    """The consumer pauses; when the database is back, every message is handled, and none was tried in vain."""
    events = stream(20)
    with private.away(probed.database):
        probe.publish(events, "codesign.count")
        eventually(lambda: probe.ready("codesign.count") == 10)  # ten are in the worker's hands
    eventually(lambda: len(probe.did("count")) == 20, within=30)
    assert probe.waiting() == probe.parked() == []


@pytest.mark.usefixtures("stage")
def test_a_worker_killed_at_work_loses_nothing_and_doubles_nothing() -> None:
    """kill -9 in the middle: the broker hands out again what was not acknowledged."""
    events = stream(30)
    for event in events[:5]:
        probe.tell(event, how="slowly")
    with probe.serving() as process:
        probe.publish(events)
        eventually(lambda: len(probe.tries(events[0])) == 1)
        process.kill()
        process.wait()
    with probe.serving():
        eventually(lambda: len(probe.did("count")) == len(probe.did("follow")) == 30, within=60)
    assert [d["sequence"] for d in probe.did("follow")] == list(range(1, 31))


@pytest.mark.usefixtures("stage")
def test_a_timer_is_called_in_one_process_and_in_another_when_that_dies() -> None:
    """Two workers do not remind twice; the lease of a dead one ends by itself."""
    with probe.serving() as first, probe.serving() as second:
        eventually(lambda: len(probe.ticked()) > 5)
        caller = probe.ticked()[-1]
        eventually(lambda: len(probe.ticked()) > 15)
        assert set(probe.ticked()[-10:]) == {caller}
        dead, heir = (first, second) if first.pid == caller else (second, first)
        dead.kill()
        eventually(lambda: probe.ticked()[-1] == heir.pid)


@pytest.mark.parametrize("somebody_listens", [True, False])
@pytest.mark.usefixtures("probed")
def test_a_question_nobody_answers_ends_and_the_message_waits(somebody_listens: bool) -> None:
    """nameko's RPC waits for ever; ours is Unavailable after its time, and the handler is called again later."""
    if somebody_listens:  # there is a queue for the question, and nobody takes from it
        with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
            channel = connection.channel()
            channel.queue_declare("rpc-directory", durable=True)
            channel.queue_bind("rpc-directory", "nameko-rpc", "directory.*")
    [event] = stream(1)
    probe.tell(event, how="ask")
    probe.publish([event], "codesign.count")
    eventually(lambda: ["directory does not answer" in row["reason"] for row in probe.waiting()] == [True])
    assert probe.did("count") == []


THREE_AT_ONCE = """
import services.kernel.worker
import eventlet
from services.kernel import db

def asleep():
    with db.of("codesign").transaction() as tx:
        return tx.value(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%%' AND state = 'active'")

def sleep():
    with db.of("codesign").transaction() as tx:
        tx.execute("SELECT pg_sleep(5)")

sleepers = [eventlet.spawn(sleep) for _ in range(3)]
most = 0
while not all(s.dead for s in sleepers) and most < 3:
    most = max(most, asleep())
    eventlet.sleep(0.05)
print(most)
"""


@pytest.mark.usefixtures("stage")
def test_a_query_that_waits_does_not_stop_the_other_green_threads() -> None:
    """Three sleeps run at once in a worker: psycopg waits the way eventlet can see (architecture.md, trap 3)."""
    environment = os.environ | {"PSYCOPG_WAIT_FUNC": "wait_select"}
    told = subprocess.run(
        [sys.executable, "-c", THREE_AT_ONCE], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert told.stdout == "3\n"


def test_a_worker_without_that_setting_refuses_to_start() -> None:
    """Better no worker than one that stops dead at its first slow query."""
    environment = {name: value for name, value in os.environ.items() if name != "PSYCOPG_WAIT_FUNC"}
    told = subprocess.run(
        [sys.executable, "-m", "services.kernel.worker", "codesign"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 1
    assert "PSYCOPG_WAIT_FUNC=wait_select" in told.stderr
