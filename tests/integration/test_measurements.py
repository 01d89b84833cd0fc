"""What deserves an alarm is measured, and does not look well when nobody could look."""

from datetime import timedelta

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.audit.domain import Message
from services.audit.recording import recorder
from services.kernel import clock, config, db, ids, ports, telemetry, topology
from services.kernel.events import Fact
from services.kernel.outbox import emit
from services.kernel.relay.pump import Pump
from tests import private
from tests.facts import eventually
from tests.integration.test_relay import relaying
from tests.integration.test_trace import running
from tests.said import Speaker, message


def say_something() -> None:
    draft = ids.new_id()
    with db.of("catalogue").transaction() as tx:
        emit(tx, Fact("catalogue.draft.recalled.v1", draft, {"draft": draft, "version": 1, "submission": draft}))


def age(pump: Pump) -> float:
    assert pump.oldest is not None
    return pump.oldest


def led() -> bool:
    with db.of("catalogue").transaction() as tx:
        return bool(tx.value("SELECT count(*) FROM catalogue_own.lease WHERE until > clock_timestamp()"))


@pytest.mark.usefixtures("platform_env")
def test_the_outbox_ages_while_the_broker_is_away_and_a_relay_that_stands_by_says_nothing() -> None:
    """`countersign.outbox.age` is told by the leader alone: 0 while all is sent, growing while something waits."""
    telemetry.send_spans_to(InMemorySpanExporter())
    topology.declare(config.amqp_url())
    nowhere = f"amqp://guest:guest@127.0.0.1:{ports.free()}/"
    with private.settings(COUNTERSIGN_AMQP_URL=nowhere), relaying() as leader:
        eventually(led)
        with running(pump := Pump("catalogue")):
            say_something()
            assert pump.oldest is None
            leader.kill()
            first = eventually(lambda: age(pump), within=20)
            eventually(lambda: age(pump) > first)


@pytest.mark.usefixtures("module_database")
def test_the_lag_grows_while_the_recorder_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """`countersign.log.lag`: the age of the oldest event that came and is no entry; 0 where none waits."""
    one, now = recorder.Recorder(), clock.now()
    assert one.lag() == {}  # it has not seen the queue
    one._listening = True
    assert one.lag() == {"audit": 0.0}
    for tag, event in enumerate(Speaker().ticks("a", 3), 1):
        one._received.append((tag, message(event)))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=90))
    assert one.lag()["audit"] == pytest.approx(90, abs=5)
    one._record()
    assert one.lag() == {"audit": 0.0}
    one._received.append((4, Message(b"no event")))
    assert one.lag() == {"audit": 0.0}
