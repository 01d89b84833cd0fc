"""What an operator does with messages that no handler could handle: each act is told of in the log."""

import json
import subprocess
import sys
from typing import Any

import pytest

from services.kernel import db, events, ids, order, parking, redriving
from services.kernel.bus import attempts
from services.kernel.bus.delivery import Delivery
from services.kernel.errors import Malformed, NotFound, Refused
from services.kernel.events import Event
from services.kernel.topology import Handler
from tests.said import Speaker

TYPE = "catalogue.draft.recalled.v1"
FOLLOW = Handler("codesign", "follow_draft", (TYPE,), in_order=True)


def stream(length: int) -> list[Event]:
    speaker, subject = Speaker(), ids.new_id()
    return [speaker.say(TYPE, subject, {"draft": subject, "version": 1, "submission": subject}) for _ in range(length)]


def take(event: Event, *, parks: bool = False) -> None:
    """Let the handler take an event; or let it be parked by the handler."""

    def act(*_: Any) -> None:
        if parks:
            raise Malformed("told to")

    attempts.take(FOLLOW, Delivery(event.body, {}, events.CONTENT_TYPE), act, lambda: None)


def stuck() -> list[tuple[str, str | None]]:
    with db.of("codesign").transaction(read_only=True) as tx:
        return [(message.state, message.event_id) for message in redriving.stuck(tx)]


def id_of(event: Event) -> str:
    with db.of("codesign").transaction(read_only=True) as tx:
        return next(message.id for message in redriving.stuck(tx) if message.event_id == event.id)


def told() -> list[Event]:
    with db.of("codesign").transaction(read_only=True) as tx:
        rows = tx.all("SELECT body, private FROM codesign_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"]), events.private_from_json(row["private"])) for row in rows]


def countersign(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "services.cli", "parked", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.usefixtures("database")
def test_redriving_moves_the_message_and_tells_of_it_in_one_transaction() -> None:
    """It waits, due now, with no failure to its name and under the id it had; the reason stands beside the log."""
    [event] = stream(1)
    take(event, parks=True)
    id = id_of(event)
    with db.of("codesign").transaction() as tx:
        redriving.redrive(tx, id, "mended")
    with db.of("codesign").transaction() as tx:
        waiting = parking.claim(tx, id)
    assert waiting is not None
    assert (waiting.attempt, waiting.event) == (0, event)
    [word] = told()
    assert (word.type, word.subject, word.data["event"]) == ("codesign.message.redriven.v1", id, event.id)
    assert word.words("/data/because") == "mended"


@pytest.mark.usefixtures("database")
def test_what_was_settled_meanwhile_is_not_found() -> None:
    """Two operators, one message: the second is told that somebody was faster."""
    [event] = stream(1)
    take(event, parks=True)
    id = id_of(event)
    with db.of("codesign").transaction() as tx:
        redriving.discard(tx, id)
    for act in (redriving.discard, redriving.redrive):
        with pytest.raises(NotFound, match="meanwhile"), db.of("codesign").transaction() as tx:
            act(tx, id)
    assert [word.type for word in told()] == ["codesign.message.discarded.v1"]


@pytest.mark.usefixtures("database")
def test_discarding_lets_those_behind_go_on() -> None:
    """In order: the stream waits behind what is parked, and goes on when that is given up, not before."""
    first, second = stream(2)
    take(first, parks=True)
    take(second)
    assert stuck() == [("parked", first.id), ("waiting", second.id)]
    with pytest.raises(Refused, match="still awaited"), db.of("codesign").transaction() as tx:
        redriving.discard(tx, id_of(second))
    with db.of("codesign").transaction() as tx:
        redriving.discard(tx, id_of(first))
        assert [id for id, _ in parking.due(tx, ["follow_draft"], 10)] == [id_of(second)]
    attempts.take_again(FOLLOW, id_of(second), lambda *_: None, lambda: None)
    assert stuck() == []


@pytest.mark.usefixtures("database")
def test_an_event_is_let_past_a_gap_only_when_the_operator_says_so() -> None:
    """The one before it never came: redriving alone leaves it waiting, `skip_missing` lets it through."""
    _, second = stream(2)
    take(second)
    for skip, left in ((False, [("waiting", second.id)]), (True, [])):
        id = id_of(second)
        with db.of("codesign").transaction() as tx:
            redriving.redrive(tx, id, skip_missing=skip)
        attempts.take_again(FOLLOW, id, lambda *_: None, lambda: None)
        assert stuck() == left
    with db.of("codesign").transaction() as tx:
        assert order.last_heard(tx, "follow_draft", second) == 2


@pytest.mark.usefixtures("database")
def test_what_cannot_be_read_can_only_be_discarded() -> None:
    """Bytes that are no event have no handler to go to."""
    with db.of("codesign").transaction() as tx:
        parking.park(tx, "follow_draft", b"\xff", {}, "no JSON")
        [message] = redriving.stuck(tx)
    with pytest.raises(Refused, match="only be discarded"), db.of("codesign").transaction() as tx:
        redriving.redrive(tx, message.id)
    with db.of("codesign").transaction() as tx:
        word = redriving.discard(tx, message.id)
    assert "event" not in word.data
    assert stuck() == []


@pytest.mark.usefixtures("database")
def test_the_command_line_lists_shows_redrives_and_discards() -> None:
    """The tables are for people, --json for programs; a message is found whichever service has it."""
    assert countersign("list").stdout == "Nothing waits and nothing is parked.\n"
    one, two = stream(1)[0], stream(1)[0]
    take(one, parks=True)
    take(two, parks=True)
    listed = json.loads(countersign("list", "--json").stdout)
    assert [(m["service"], m["handler"], m["state"], m["reason"]) for m in listed] == [
        ("codesign", "follow_draft", "parked", "told to")
    ] * 2
    assert "told to" in countersign("list").stdout
    shown = json.loads(countersign("show", id_of(one), "--json").stdout)
    assert shown["event"] == json.loads(one.body)
    assert countersign("redrive", id_of(one), "--because", "mended").returncode == 0
    assert countersign("discard", id_of(two)).returncode == 0
    assert stuck() == [("waiting", one.id)]
    assert [word.type for word in told()] == ["codesign.message.redriven.v1", "codesign.message.discarded.v1"]


@pytest.mark.usefixtures("database")
def test_the_command_line_says_what_is_wrong_and_shows_no_trace() -> None:
    """An unknown id, a word that is no id, a service that is none, a handler that nobody serves."""
    with db.of("audit").transaction() as tx:
        parking.park(tx, "recorder", stream(1)[0].body, {}, "told to", stream(1)[0])
        [message] = redriving.stuck(tx)
    for words, says in (
        (("redrive", ids.new_id()), "No message"),
        (("discard", "seven"), "is no id"),
        (("list", "--service", "cafeteria"), "There is no service"),
        (("redrive", message.id), "No worker tries messages of audit.recorder again"),
    ):
        answer = countersign(*words)
        assert (answer.returncode, says in answer.stderr, "Traceback" in answer.stderr) == (1, True, False), answer
