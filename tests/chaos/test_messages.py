"""D1-D6 of reliability.md: what becomes of messages that fail, lie, repeat and overtake, 100 of each."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pika
import pytest

from services.kernel import clock, config, db, ids, parking, redriving
from services.kernel.errors import NotFound
from services.kernel.events import Event
from tests import probe
from tests.chaos.malformed import Bad, every_kind
from tests.conftest import Platform
from tests.facts import eventually
from tests.said import Speaker

CHANCE = random.Random(2)


@pytest.fixture(autouse=True)
def stage(platform_env: Platform) -> None:
    probe.stage(platform_env.database, platform_env.amqp)


@pytest.fixture
def still(tmp_path: Path) -> probe.Clock:
    return probe.Clock(tmp_path / "clock")


def alone() -> Event:
    """A good event of a stream of its own."""
    return recalled(Speaker(), ids.new_id())


def recalled(speaker: Speaker, subject: str) -> Event:
    return speaker.say(probe.TYPE, subject, {"draft": subject, "version": 1, "submission": subject})


def effects(handler: str = "count") -> Counter[str]:
    return Counter(str(row["event_id"]) for row in probe.did(handler))


def let_time_pass(still: probe.Clock) -> None:
    """Set the clock forward to when each next try is due, until nothing waits any more."""
    for _ in parking.SCHEDULE:
        eventually(lambda: all(row["due"] > still.present for row in probe.waiting()), within=60)
        still.set(still.present + parking.SCHEDULE[-1] + timedelta(seconds=1))
    eventually(lambda: probe.waiting() == [], within=60)


def test_d1_a_handler_that_fails_a_few_times_delivers_everything_and_parks_nothing(still: probe.Clock) -> None:
    """Up to five failures each: 100 effects, none twice, none parked."""
    events = [alone() for _ in range(100)]
    failures = {event.id: CHANCE.randint(1, 5) for event in events}
    for event in events:
        probe.tell(event, fails=failures[event.id])
    with probe.serving(still):
        probe.publish(events, "codesign.count")
        eventually(lambda: len(probe.waiting()) == 100, within=60)
        let_time_pass(still)
    assert effects() == Counter(event.id for event in events)
    assert {event.id: len(probe.tries(event)) - 1 for event in events} == failures
    assert probe.parked() == []


def test_d2_what_is_malformed_is_parked_with_its_reason_and_all_that_is_good_is_handled() -> None:
    """100 bad messages of every kind among 20 good ones: the consumer lives, and no memory is kept."""
    bad, good = list(every_kind(alone, 100)), [alone() for _ in range(20)]
    with probe.serving() as process:
        put(bad[:50])
        probe.publish(good[:10], "codesign.count")
        put(bad[50:])
        probe.publish(good[10:], "codesign.count")
        eventually(lambda: len(probe.did("count")) == 20 and len(probe.parked()) == 100, within=60)
        eventually(lambda: probe.ready("codesign.count") == 0)
        peak = next(line for line in Path(f"/proc/{process.pid}/status").read_text().splitlines() if "VmHWM" in line)
    assert effects() == Counter(event.id for event in good)
    assert probe.waiting() == []
    reasons = [row["reason"] for row in probe.parked()]
    unexplained = [bad_one.says for bad_one in bad if not any(bad_one.says in reason for reason in reasons)]
    assert unexplained == []
    assert all(len(row["body"]) <= parking.MOST_KEPT for row in probe.parked())
    assert int(peak.split()[1]) < 600_000  # kB; ten of the 16 MiB bodies may be there at once


def put(messages: list[Bad]) -> None:
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        for message in messages:
            channel.basic_publish("", "codesign.count", message.body, message.properties)


def test_d3_poison_is_parked_after_its_sixth_try_and_holds_up_nothing(still: probe.Clock) -> None:
    """20 poisonous among 100: the good are handled while the clock stands, before any second try of the poison."""
    events = [alone() for _ in range(100)]
    poison, good = events[::5], [event for n, event in enumerate(events) if n % 5]
    for event in poison:
        probe.tell(event, fails=99)
    with probe.serving(still):
        probe.publish(events, "codesign.count")
        eventually(lambda: len(probe.did("count")) == 80 and len(probe.waiting()) == 20, within=60)
        assert all(len(probe.tries(event)) == 1 for event in poison)
        let_time_pass(still)
        eventually(lambda: len(probe.parked()) == 20)
    assert effects() == Counter(event.id for event in good)
    assert {str(row["event_id"]): row["attempts"] for row in probe.parked()} == {event.id: 6 for event in poison}


def test_d4_redriven_twice_is_handled_once_and_each_redrive_is_told_of(
    still: probe.Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Redriven in vain it is parked again; redriven when the handler is mended it is handled, once."""
    monkeypatch.setattr(clock, "now", lambda: still.present)
    events = [alone() for _ in range(100)]
    for event in events:
        probe.tell(event, fails=12)  # the six tries, and the six after the first redrive
    with probe.serving(still):
        probe.publish(events, "codesign.count")
        eventually(lambda: len(probe.waiting()) == 100, within=60)
        for _ in range(2):
            let_time_pass(still)
            eventually(lambda: len(probe.parked()) == 100, within=60)
            parked = [str(row["id"]) for row in probe.parked()]
            for id in parked:
                redrive(id)
        eventually(lambda: len(probe.did("count")) == 100 and probe.waiting() == [], within=60)
    assert effects() == Counter(event.id for event in events)
    assert probe.parked() == []
    with pytest.raises(NotFound, match="redriven"):
        redrive(parked[0])
    told = probe.ask("SELECT type, count(*) FROM codesign_own.outbox GROUP BY type")
    assert [(row["type"], row["count"]) for row in told] == [("codesign.message.redriven.v1", 200)]


def redrive(id: str) -> None:
    with db.of("codesign").transaction() as tx:
        redriving.redrive(tx, id, "The handler is mended")


def test_d5_each_event_published_one_to_five_times_has_one_effect() -> None:
    """100 events, shuffled copies."""
    speaker, subject = Speaker(), ids.new_id()
    events = [recalled(speaker, subject) for _ in range(100)]
    copies = [event for event in events for _ in range(CHANCE.randint(1, 5))]
    CHANCE.shuffle(copies)
    with probe.serving():
        probe.publish(copies)
        eventually(lambda: len(probe.did("count")) == len(probe.did("follow")) == 100, within=60)
        eventually(lambda: probe.ready("codesign.count") == probe.ready("codesign.follow") == 0)
    assert effects() == effects("follow") == Counter(event.id for event in events)
    assert probe.waiting() == probe.parked() == probe.waiting("follow") == probe.parked("follow") == []


def test_d6_streams_shuffled_among_each_other_take_effect_in_order_without_an_alarm() -> None:
    """10 streams of 10, in any order: each stream's effects as in order, and nothing is left waiting or parked."""
    speaker = Speaker()
    subjects = [ids.new_id() for _ in range(10)]
    events = [recalled(speaker, subject) for subject in subjects for _ in range(10)]
    CHANCE.shuffle(events)
    with probe.serving():
        probe.publish(events)
        eventually(lambda: len(probe.did("follow")) == 100, within=60)
        eventually(lambda: probe.waiting("follow") == [])
    for subject in subjects:
        assert [d["sequence"] for d in probe.did("follow") if d["subject"] == subject] == list(range(1, 11))
    assert probe.parked("follow") == []
