"""Positions of a producer: a hole is noted, closes when the late event comes, and the log is held to what is noted."""

from collections.abc import Sequence
from datetime import timedelta

import psycopg
import pytest

from services.audit.domain import Message
from services.audit.recording.entering import record
from services.audit.verification import verify
from services.kernel import clock, config, db
from services.kernel.events import Event
from tests.said import Speaker, message

pytestmark = pytest.mark.usefixtures("database")


def recorded(*messages: Message) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, list(messages))


def numbered(said: Sequence[Event]) -> list[Message]:
    """Each event with its position, from 1."""
    return [message(event, number) for number, event in enumerate(said, start=1)]


def holes(settled: str | None = None) -> list[tuple[int, int]]:
    statement = "SELECT first, last FROM audit_own.hole WHERE settled IS NOT DISTINCT FROM %(settled)s ORDER BY first"
    with db.of("audit").transaction(read_only=True) as tx:
        return [(row["first"], row["last"]) for row in tx.all(statement, {"settled": settled})]


def tamper(statement: str) -> None:
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement.encode())


def verified() -> None:
    with verify.connect() as connection:
        verify.verify(connection, lambda *_: None)


def test_a_hole_is_noted_and_closes_as_the_late_ones_come() -> None:
    """What is left of a hole is as old as the hole; the last late event leaves nothing of it."""
    ours = numbered([Speaker().ticks(subject, 1)[0] for subject in "abcdefg"])
    recorded(ours[0], ours[6])
    assert holes() == [(2, 6)]
    with db.of("audit").transaction() as tx:
        since = tx.value("UPDATE audit_own.hole SET since = since - interval '1 hour' RETURNING since")
    recorded(ours[3])
    assert holes() == [(2, 3), (5, 6)]
    with db.of("audit").transaction() as tx:
        assert {row["since"] for row in tx.all("SELECT since FROM audit_own.hole")} == {since}
    verified()
    recorded(ours[1], ours[5])
    assert holes() == [(3, 3), (5, 5)]
    recorded(ours[4], ours[2])
    assert holes() == []
    verified()


def test_what_comes_shuffled_within_a_batch_is_no_hole() -> None:
    """A hole that opens and closes while one batch is recorded was none."""
    ours = numbered(Speaker().ticks("a", 6))
    recorded(*reversed(ours))
    assert holes() == []
    verified()


def test_an_event_that_waits_for_its_predecessor_has_come() -> None:
    """It is no entry yet, and its position is no hole."""
    ours = numbered(Speaker().ticks("a", 3))
    recorded(ours[0], ours[2])
    assert holes() == [(2, 2)]
    verified()
    recorded(ours[1])
    assert holes() == []
    verified()


def test_each_producer_has_positions_of_its_own() -> None:
    """The same numbers of two producers are no repetition."""
    speaker = Speaker()
    theirs = [speaker.say("codesign.clock.ticked.v1", "a", {}, checked=False) for _ in range(3)]
    recorded(*numbered(speaker.ticks("a", 2)), numbered(theirs)[2], numbered(theirs)[0])
    with db.of("audit").transaction(read_only=True) as tx:
        assert [row["source"] for row in tx.all("SELECT source FROM audit_own.hole")] == ["/codesign"]
    verified()


def test_a_position_whose_event_was_parked_is_no_hole() -> None:
    """It has come, and lies in the parking lot: nobody is asked for it again."""
    first, _ = Speaker().ticks("a", 2)
    other, second = Speaker().ticks("a", 2)
    recorded(message(first, 1), message(other, 2), message(second, 3))
    assert holes() == []
    assert holes("parked") == [(2, 2)]
    verified()


def test_a_position_that_an_entry_was_not_known_to_have_is_no_hole() -> None:
    """A log brought back from its copies has entries without positions; told of again, they are accounted for."""
    said = Speaker().ticks("a", 4)
    recorded(*map(message, said[:3]))
    recorded(*numbered(said))
    assert holes() == []
    assert holes("entered") == [(1, 3)]
    verified()


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("DELETE FROM audit_own.hole", "No entry has the positions 3 to 4 of /catalogue"),
        ("UPDATE audit_own.hole SET last = 3", "No entry has the positions 3 to 4 of /catalogue"),
        ("UPDATE audit.entry SET position = 3 WHERE position = 2", "No entry has the positions 2 to 2 of /catalogue"),
        ("UPDATE audit.entry SET position = NULL WHERE position = 5", "No entry has the positions 3 to 5"),
        ("UPDATE audit.entry SET position = 4 WHERE position = 1", "No entry has the positions 1 to 1"),
        ("UPDATE audit.entry SET position = 9 WHERE position = 7", "An entry has position 9 of /catalogue"),
        ("UPDATE audit.producer SET position = 8", "No entry has the positions 8 to 8"),
        ("DELETE FROM audit.producer", "and the last noted is 0"),
        ("INSERT INTO audit_own.hole VALUES ('/catalogue', 6, 6, now())", "A hole is noted at the positions 6 to 6"),
        ("INSERT INTO audit_own.hole VALUES ('/codesign', 1, 2, now())", "A hole is noted at the positions 1 to 2"),
    ],
)
def test_positions_that_do_not_add_up_are_found(statement: str, what: str) -> None:
    """Dense from 1 to the last of each producer, but for the holes that are noted."""
    ours = numbered([Speaker().ticks(subject, 1)[0] for subject in "abcdefg"])
    recorded(*ours[:2], *ours[4:])
    verified()
    tamper(statement)
    with pytest.raises(verify.Tampered, match=what):
        verified()


def test_a_hole_is_old_by_the_clock_of_its_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """`since` is when the event behind it came."""
    now = clock.now() - timedelta(hours=5)
    monkeypatch.setattr(clock, "now", lambda: now)
    recorded(message(Speaker().ticks("a", 1)[0], 2))
    with db.of("audit").transaction(read_only=True) as tx:
        assert tx.value("SELECT since FROM audit_own.hole") == now
