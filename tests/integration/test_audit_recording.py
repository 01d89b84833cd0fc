"""What the recorder makes of batches: entries dense, each once, in the order of their aggregate."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace

import psycopg
import pytest

from services.audit.domain import Message
from services.audit.log import Head
from services.audit.recording.entering import Fenced, record
from services.audit.tlog import tree
from services.kernel import db, ids
from services.kernel.db import Transaction
from services.kernel.events import Actor, Event
from tests.said import Speaker, message

ANNA = Actor(ids.new_id(), ids.new_id(), frozenset({"reviewer"}))


@pytest.fixture
def speaker() -> Speaker:
    return Speaker()


def recorded(messages: Sequence[Message], head: Head | None = None) -> Head:
    """Record a batch in a transaction of its own."""
    with db.of("audit").transaction() as tx:
        return record(tx, messages, head).head


def entries(tx: Transaction) -> list[tuple[int, str]]:
    return [(row["idx"], str(row["event_id"])) for row in tx.all("SELECT idx, event_id FROM entry ORDER BY idx")]


def logged() -> list[str]:
    """Return the ids of all entries, once sure that their indices are dense and that head and tree agree with them."""
    with db.of("audit").transaction() as tx:
        rows = tx.all("SELECT idx, event_id, body FROM entry ORDER BY idx")
        head = tx.one("SELECT size, root FROM head")
    assert head is not None
    frontier, _ = tree.append(0, (), (tree.leaf(bytes(row["body"])) for row in rows))
    assert [row["idx"] for row in rows] == list(range(head["size"]))
    assert tree.root(frontier) == bytes(head["root"])
    return [str(row["event_id"]) for row in rows]


def parked() -> list[str]:
    with db.of("audit").transaction() as tx:
        return [row["reason"] for row in tx.all("SELECT reason FROM audit_own.parked WHERE handler = 'recorder'")]


def outbox() -> list[tuple[str, dict[str, object]]]:
    with db.of("audit").transaction() as tx:
        rows = tx.all("SELECT type, body FROM audit_own.outbox ORDER BY id")
    return [(row["type"], json.loads(bytes(row["body"]))["data"]) for row in rows]


@pytest.mark.usefixtures("database")
class TestOrder:
    def test_entries_are_dense_and_carry_the_very_bytes(self, speaker: Speaker) -> None:
        """idx counts from 0 without a hole; body, leaf and the derived columns are those of the event."""
        comment = a_comment(speaker)
        recorded([speaker.message(comment), *map(message, speaker.ticks("a", 2))])
        assert len(logged()) == 3
        with db.of("audit").transaction() as tx:
            row = tx.one("SELECT * FROM entry WHERE idx = 0")
        assert row is not None
        assert bytes(row["body"]) == comment.body
        assert bytes(row["leaf"]) == tree.leaf(comment.body)
        assert (row["source"], row["type"], row["subject"]) == (comment.source, comment.type, comment.subject)
        assert (row["sequence"], row["position"]) == (1, 1)
        assert (row["actor"], row["organisation"], row["time"]) == (ANNA.person, ANNA.organisation, comment.time)

    def test_an_event_delivered_again_is_no_second_entry(self, speaker: Speaker) -> None:
        """Twice in one batch, or in a later one: one entry."""
        first, second = map(message, speaker.ticks("a", 2))
        head = recorded([first, first, second])
        head = recorded([second, first], head)
        assert head.size == len(logged()) == 2

    @pytest.mark.parametrize("seed", range(3))
    def test_shuffled_events_enter_in_the_order_of_their_aggregate(self, speaker: Speaker, seed: int) -> None:
        """What comes before its predecessor waits for it; across batches too, and nobody is alarmed."""
        said = [event for subject in "abc" for event in speaker.ticks(subject, 20)]
        order = {event.id: (event.subject, event.sequence) for event in said}
        random.Random(seed).shuffle(said)
        head = None
        for start in range(0, len(said), 7):
            head = recorded([message(event) for event in said[start : start + 7]], head)
        per_subject = {subject: [order[id][1] for id in logged() if order[id][0] == subject] for subject in "abc"}
        assert per_subject == {subject: list(range(1, 21)) for subject in "abc"}
        with db.of("audit").transaction() as tx:
            assert tx.value("SELECT count(*) FROM audit_own.early") == 0
        assert parked() == []

    def test_a_long_wait_is_entered_whole(self, speaker: Speaker) -> None:
        """Thousands may wait for one event; all of them enter with it."""
        first, *others = speaker.ticks("a", 3000)
        recorded([message(event) for event in others])
        assert logged() == []
        recorded([message(first)])
        assert logged() == [first.id, *(event.id for event in others)]

    def test_a_second_event_for_one_sequence_is_parked_as_conflict(self, speaker: Speaker) -> None:
        """Whether the first is an entry or still waits; delivered again it is parked once only."""
        said, other = speaker.ticks("a", 3), Speaker().ticks("a", 3)
        head = recorded([message(said[0]), message(other[0]), message(said[2]), message(other[2])])
        recorded([message(other[2]), message(said[1])], head)
        assert logged() == [event.id for event in said]
        assert len(parked()) == 2
        assert "another event as number" in parked()[0]

    def test_another_event_under_a_known_id_is_parked(self, speaker: Speaker) -> None:
        """An id that was used cannot hide a second event, nor be used to shut one out unseen."""
        (event,) = speaker.ticks("a", 1)
        changed = replace(event, body=event.body.replace(b'"tick":0', b'"tick":7'))
        recorded([message(event), message(changed)])
        assert logged() == [event.id]
        assert len(parked()) == 1

    def test_the_same_subject_of_two_producers_is_two_aggregates(self, speaker: Speaker) -> None:
        """No producer can take numbers of another's aggregate."""
        ours = speaker.say("codesign.clock.ticked.v1", "a", {}, checked=False)
        recorded([message(event) for event in (*speaker.ticks("a", 1), ours)])
        assert len(logged()) == 2


@pytest.mark.usefixtures("database")
class TestEnvelope:
    def test_what_cannot_be_read_is_parked_with_the_reason(self, speaker: Speaker) -> None:
        """Bad bytes hold up nothing: the good ones around them enter."""
        good = speaker.ticks("a", 2)
        deep = b'{"id":' + b"[" * 5000 + b"]" * 5000 + b"}"
        bad = [b"", b"no json", b"\xff\xfe", b"[1]", b"{}", deep, b'{"id":"x","id":"y"}', b"x" * 70_000]
        recorded([message(good[0]), *map(Message, bad), message(good[1])])
        assert logged() == [event.id for event in good]
        assert len(parked()) == len(bad)
        assert all(parked())

    @pytest.mark.parametrize(
        ("headers", "reason"),
        [
            ({"position": "one"}, "position"),
            ({"position": -1}, "position"),
            ({"private": "{"}, "private"),
            ({"private": '[{"pointer": 1}]'}, "private"),
        ],
    )
    def test_bad_headers_park_the_message(self, speaker: Speaker, headers: dict[str, object], reason: str) -> None:
        """A header that we wrote ourselves and cannot read is no accident to pass over."""
        (event,) = speaker.ticks("a", 1)
        recorded([Message(event.body, headers)])
        assert logged() == []
        assert reason in parked()[0]

    def test_the_broker_vouches_for_the_source(self, speaker: Speaker) -> None:
        """Where the broker names its user, only that service's events are taken."""
        one, two = speaker.ticks("a", 2)
        recorded([Message(one.body, user="countersign_catalogue"), Message(two.body, user="countersign_codesign")])
        assert logged() == [one.id]
        assert "countersign_codesign" in parked()[0]

    def test_unknown_types_and_payloads_are_entries_like_others(self, speaker: Speaker) -> None:
        """The envelope is judged, never the payload."""
        odd = speaker.say("codesign.comment.submitted.v1", "a", {"nonsense": [1, {"x": None}]}, checked=False)
        later = speaker.say("codesign.comment.submitted.v9", "a", {}, checked=False)
        recorded([message(odd), message(later)])
        assert logged() == [odd.id, later.id]


def a_comment(speaker: Speaker) -> Event:
    data = {
        "consultation": (consultation := ids.new_id()),
        "comment": ids.new_id(),
        "draft": ids.new_id(),
        "version": 1,
        "document_hash": "0" * 64,
        "pointer": "/outcomes/lo-1",
        "element": "/outcomes/lo-1",
        "element_hash": "0" * 64,
        "kind": "concern",
        "text": "Say which cells.",
        "public": True,
    }
    return speaker.say("codesign.comment.submitted.v1", consultation, data, ANNA)


@pytest.mark.usefixtures("database")
class TestPrivateValues:
    def test_private_values_stand_beside_the_entry(self, speaker: Speaker) -> None:
        """The words are kept as the canonical JSON the commitment was made of, and are not in the bytes."""
        comment = a_comment(speaker)
        recorded([message(comment)])
        with db.of("audit").transaction() as tx:
            row = tx.one("SELECT * FROM private")
        assert row is not None
        assert (row["pointer"], row["value"], row["person"]) == ("/data/text", '"Say which cells."', ANNA.person)
        assert b"which cells" not in comment.body

    @pytest.mark.parametrize(
        "change",
        [
            {"value": "Other words"},
            {"salt": "00" * 32},
            {"salt": "no hex"},
            {"pointer": "/data/kind"},
            {"value": 2**60},
        ],
    )
    def test_a_value_that_is_not_the_committed_one_parks_the_event(
        self, speaker: Speaker, change: dict[str, str]
    ) -> None:
        """Nobody can put other words beside an entry than those the bytes commit to."""
        comment = a_comment(speaker)
        (value,) = comment.private
        recorded([message(replace(comment, private=(replace(value, **change),)))])
        assert logged() == []
        assert "commits to" in parked()[0]

    def test_a_value_of_a_third_person_parks_the_event(self, speaker: Speaker) -> None:
        """Only the actor's and the subject's words are explained by an erasure, which the bytes alone must show."""
        comment = a_comment(speaker)
        (value,) = comment.private
        recorded([message(replace(comment, private=(replace(value, person="another"),)))])
        assert logged() == []
        assert "neither the actor's nor the subject's" in parked()[0]

    def test_words_erased_before_they_came_leave_the_entry_as_it_is(self, speaker: Speaker) -> None:
        """The outbox may have been blanked meanwhile: the commitment enters, the words do not."""
        comment = a_comment(speaker)
        recorded([message(replace(comment, private=()))])
        assert logged() == [comment.id]


@pytest.mark.usefixtures("database")
class TestFence:
    def test_a_recorder_that_was_overtaken_stops(self, speaker: Speaker) -> None:
        """The head is not what this process wrote last: nothing of its batch is kept."""
        one, two, three = map(message, speaker.ticks("a", 3))
        mine = recorded([one])
        recorded([two], mine)
        with pytest.raises(Fenced, match="another has taken over"):
            recorded([three], mine)
        assert len(logged()) == 2

    def test_a_head_that_does_not_fit_the_entries_is_not_built_upon(self, speaker: Speaker, database: str) -> None:
        """A recorder that begins adds the tree up first, and refuses where the root is another."""
        recorded([message(event) for event in speaker.ticks("a", 300)])
        with psycopg.connect(database) as admin:
            admin.execute("UPDATE audit.head SET root = sha256('x')")
        with pytest.raises(Fenced, match="does not add up"):
            recorded([])

    def test_the_frontier_is_read_back_from_leaves_and_tiles(self, speaker: Speaker) -> None:
        """At any size, a new process goes on with the very tree: also across full tiles of 256."""
        said = iter(speaker.ticks("a", 3 * 256 + 10))
        for size in (1, 255, 256, 257, 511, 512, 3 * 256 + 10):
            with db.of("audit").transaction() as tx:
                done = int(tx.value("SELECT size FROM head"))
            recorded([message(next(said)) for _ in range(size - done)])
        assert len(logged()) == 778

    def test_nobody_changes_an_entry(self, speaker: Speaker, database: str) -> None:
        """Not the service's role, which has no right, nor the administrator, whom a trigger refuses."""
        recorded([message(event) for event in speaker.ticks("a", 2)])
        for statement in ("UPDATE entry SET type = 'x'", "DELETE FROM entry", "TRUNCATE entry"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.of("audit").transaction() as tx:
                tx.execute(statement)
            with psycopg.connect(database) as admin, pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                admin.execute(statement.replace("entry", "audit.entry").encode())
        assert len(logged()) == 2
