"""Events that do not come: told of after a minute, declared after ten, entered late where they come after all."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from services.audit.domain import Message
from services.audit.recording import gaps
from services.audit.recording.entering import record
from services.kernel import clock, db, events
from services.kernel.events import Event
from tests.said import Speaker, message

Later = Callable[..., None]

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Let the clock run on, and the recorder look around: later(minutes=10)."""

    def by(**delta: float) -> None:
        at = clock.now() + timedelta(**delta)
        monkeypatch.setattr(clock, "now", lambda: at)
        with db.of("audit").transaction() as tx:
            gaps.look(tx)

    return by


@pytest.fixture
def alarms(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    heard: list[dict[str, object]] = []
    monkeypatch.setattr(gaps.say, "error", lambda _, **fields: heard.append(fields))
    return heard


def recorded(*said: Event | Message) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, [message(one) if isinstance(one, Event) else one for one in said])


def relayed() -> list[Event]:
    """What the log itself has said so far, recorded as if the relay had sent it."""
    with db.of("audit").transaction() as tx:
        said = [events.parse(bytes(row["body"])) for row in tx.all("SELECT body FROM audit_own.outbox ORDER BY id")]
    recorded(*said)
    return said


def logged() -> Sequence[tuple[str, int]]:
    with db.of("audit").transaction() as tx:
        return [(row["subject"], row["sequence"]) for row in tx.all("SELECT * FROM entry ORDER BY idx")]


def test_a_missing_predecessor_is_an_alarm_after_a_minute_once(later: Later, alarms: list[dict[str, object]]) -> None:
    """Not before, and not again; the alarm names what is missing."""
    first, _, _, fourth = Speaker().ticks("a", 4)
    recorded(first, fourth)
    later(seconds=59)
    assert alarms == []
    later(seconds=1)
    later(seconds=1)
    assert alarms == [{"source": "/catalogue", "subject": "a", "first": 2, "last": 3}]


def test_after_ten_minutes_the_gap_is_declared_and_the_waiting_enter_behind_it(later: Later) -> None:
    """`audit.gap.found` names what is missing, once; nothing waits for ever."""
    first, _, _, fourth, fifth = Speaker().ticks("a", 5)
    recorded(first, fourth, fifth)
    later(minutes=9)
    assert relayed() == []
    later(minutes=1)
    later(minutes=1)
    (found,) = relayed()
    assert found.data == {"about": "a", "producer": "catalogue", "first": 2, "last": 3}
    assert logged() == [("a", 1), ("gap:a", 1), ("a", 4), ("a", 5)]


def test_a_second_hole_behind_the_first_is_declared_too(later: Later) -> None:
    """Each hole has its own ten minutes and its own declaration."""
    said = Speaker().ticks("a", 5)
    recorded(said[1], said[4])
    later(minutes=10)
    relayed()
    later(seconds=2)
    assert [event.data["first"] for event in relayed()] == [1, 3]
    assert [sequence for subject, sequence in logged() if subject == "a"] == [2, 5]


def test_one_that_comes_late_is_entered_and_the_gap_closed(later: Later) -> None:
    """Each late event says so in the log; a second one under its number is a conflict as ever."""
    first, second, third, fourth = Speaker().ticks("a", 4)
    recorded(first, fourth)
    later(minutes=10)
    relayed()
    recorded(third, second, second)
    recorded(Speaker().ticks("a", 2)[1])
    said = [(event.type, event.data["first"], event.data["last"]) for event in relayed()]
    assert said[1:] == [("audit.gap.closed.v1", 3, 3), ("audit.gap.closed.v1", 2, 2)]
    assert [sequence for subject, sequence in logged() if subject == "a"] == [1, 4, 3, 2]
    with db.of("audit").transaction() as tx:
        assert tx.value("SELECT count(*) FROM audit_own.parked") == 1
        assert tx.value("SELECT count(*) FROM missing") == 0


def test_what_comes_between_finding_and_declaring_is_not_missing(later: Later) -> None:
    """The gap is closed again as far as it was filled before its declaration entered."""
    first, second, third, fourth = Speaker().ticks("a", 4)
    recorded(first, fourth)
    later(minutes=10)
    recorded(second)
    relayed()
    closed = relayed()[-1]
    assert (closed.type, closed.data["first"], closed.data["last"]) == ("audit.gap.closed.v1", 2, 2)
    recorded(third)
    assert [sequence for subject, sequence in logged() if subject == "a"] == [1, 2, 4, 3]


def test_only_the_log_itself_declares_a_gap() -> None:
    """A producer cannot let others' events enter out of order by saying that some are missing."""
    speaker = Speaker()
    _, second = speaker.ticks("a", 2)
    data = {"about": "a", "producer": "catalogue", "first": 1, "last": 1}
    forged = speaker.say("audit.gap.found.v1", "gap:a", data)
    bytes_ = forged.body.replace(b'"source":"/audit"', b'"source":"/codesign"')
    recorded(second, Message(bytes_))
    assert logged() == [("gap:a", 1)]
