"""Both legs of reconciliation on a real database, with services that answer in this process and lists for queues."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from typer.testing import CliRunner

from services.audit import reconciling
from services.audit.domain import Message
from services.audit.reconciling import Finding, inboxes, outboxes
from services.audit.recording.entering import record
from services.audit.verification import verify
from services.cli.audit import app
from services.kernel import clock, db, direct, events, ids, redriving, sent
from services.kernel.bus import attempts, doors
from services.kernel.bus.delivery import Delivery
from services.kernel.direct import Sending
from services.kernel.errors import Malformed, Unavailable
from services.kernel.events import Actor, Event, Fact
from services.kernel.outbox import emit
from services.kernel.relay.ledger import Ledger
from services.kernel.topology import Handler
from tests.said import Speaker

pytestmark = pytest.mark.usefixtures("database")

ANNA = Actor(ids.new_id(), ids.new_id())
RECORDER = "audit.recorder"
PERSONS = Handler("codesign", "remember_person", ("accounts.person.joined.v1", "accounts.person.changed.v1"))
DRAFTS = Handler("codesign", "follow_draft", ("catalogue.draft.recalled.v1",), in_order=True)


class House:
    """Services that answer, queues, and a count of the questions; `away` names the services that do not answer."""

    def __init__(self) -> None:
        self.away: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        self.queues: dict[str, list[Sending]] = defaultdict(list)
        self.depths: dict[str, int] = {}

    def ask(self, service: str, question: str, *arguments: Any) -> Any:
        """Answer as over the broker: through JSON, both ways."""
        if service in self.away:
            raise Unavailable(f"{service} does not answer just now; ask again later.")
        self.asked.append((service, question))
        hearer = import_module(f"services.{service}.service").SERVICE()
        answer = getattr(doors, question)(hearer, *json.loads(json.dumps(arguments)))
        return json.loads(json.dumps(answer))

    def depth(self, queue: str) -> int:
        return self.depths.get(queue, 0)

    def send(self, queue: str, sendings: Sequence[Sending]) -> None:
        self.queues[queue] += sendings

    def ids(self, queue: str) -> list[str]:
        return [sending.event_id for sending in self.queues[queue]]


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    built = House()
    monkeypatch.setattr(direct, "depth", built.depth)
    monkeypatch.setattr(direct, "send", built.send)
    return built


def recalled(times: int, subject: str | None = None) -> list[Event]:
    """Let the catalogue say something so many times."""
    subject = subject or ids.new_id()
    with db.of("catalogue").transaction() as tx:
        data = {"draft": subject, "version": 1, "submission": subject, "reason": "Because"}
        return [emit(tx, Fact("catalogue.draft.recalled.v1", subject, data, ANNA)) for _ in range(times)]


def relayed(service: str = "catalogue") -> list[Message]:
    """Do the relay's work, and return what the recorder's queue has got by it."""
    ledger = Ledger(service, "the test")
    ledger.open()
    try:
        assert ledger.lead()
        rows = ledger.stamp(5000)
        ledger.mark([row.id for row in rows])
    finally:
        ledger.close()
    return [Message(row.body, {"private": row.private, "position": row.position}) for row in rows]


def recorded(messages: Sequence[Message]) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, messages)


def entered(house: House) -> None:
    """Let the recorder take what was sent to it again."""
    sendings, house.queues[RECORDER] = house.queues[RECORDER], []
    recorded([Message(s.body, {"private": s.private, "position": s.position}) for s in sendings])


def outbox(house: House, seconds: float = 0) -> Finding:
    return outboxes.look(house.ask, "catalogue", seconds)


def inbox(house: House, seconds: float = 0, handler: Handler = PERSONS) -> Finding:
    return next(found for found in inboxes.look(house.ask, handler.service, seconds) if found.handler == handler.name)


def logged() -> list[str]:
    with db.of("audit").transaction(read_only=True) as tx:
        return [str(row["event_id"]) for row in tx.all("SELECT event_id FROM entry ORDER BY idx")]


def verified() -> None:
    with verify.connect() as connection:
        verify.verify(connection, lambda *_: None)


class TestOutboxToLog:
    def test_where_nothing_is_missing_one_number_is_asked_for(self, house: House) -> None:
        """However long the log is."""
        recalled(50)
        recorded(relayed())
        assert outbox(house) == Finding("outbox", "catalogue", said="All it sent up to position 50 is in the log.")
        assert house.asked == [("catalogue", "what_was_sent")]

    @pytest.mark.parametrize("arrived", [[0, 3, 4, 9], [], [9], [0, 1]])
    def test_what_is_missing_is_sent_again_and_nothing_else(self, house: House, arrived: list[int]) -> None:
        """In the middle, at the beginning, at the end: once; then the log is whole."""
        said, messages = recalled(10), relayed()
        recorded([messages[n] for n in arrived])
        found = outbox(house)
        assert (found.state, found.missing, found.sent_again) == ("sent again", 10 - len(arrived), 10 - len(arrived))
        assert house.ids(RECORDER) == [event.id for n, event in enumerate(said) if n not in arrived]
        entered(house)
        assert outbox(house).state == "whole"
        assert logged() == [event.id for event in said]
        verified()

    def test_more_than_one_answer_holds_is_asked_for_page_by_page(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A purge may lose thousands, between others that came; no page leaves one out at its seam."""
        monkeypatch.setattr(sent, "MOST", 20)
        monkeypatch.setattr(outboxes, "SPANS", 3)
        recalled(150)
        messages = relayed()
        came = {0, 1, 7, 20, 21, 22, 41, 60, 61, 99, 100, 101, 149}
        recorded([messages[n] for n in sorted(came)])
        found = outbox(house)
        assert found.sent_again == found.missing == len(messages) - len(came)
        entered(house)
        assert outbox(house).state == "whole"
        assert len(logged()) == len(messages)
        verified()

    def test_what_is_younger_than_asked_for_is_not_missing(self, house: House) -> None:
        """It may be on its way still; what waits for its relay is said, and is not missing."""
        recalled(3)
        relayed()
        assert outbox(house, seconds=60).state == "whole"
        recalled(2)
        found = outbox(house)
        assert found.missing == 3
        assert found.said == "Missing in the log: 3 sent again to the recorder; 2 waiting for its relay."

    def test_what_is_in_the_hands_of_its_relay_is_not_sent_by_another_way(self, house: House) -> None:
        """Between others that were sent, one is to be sent once more by the relay: it is left to it."""
        said = recalled(3)
        relayed()
        with db.of("catalogue").transaction() as tx:
            tx.execute("UPDATE catalogue_own.outbox SET sent_at = NULL WHERE position = 2")
        assert outbox(house).missing == 2
        assert house.ids(RECORDER) == [said[0].id, said[2].id]

    def test_what_was_asked_for_a_moment_ago_is_not_asked_for_again(self, house: House) -> None:
        """It is still missing, and said to be."""
        recalled(3)
        recorded(relayed()[2:])
        with db.of("audit").transaction() as tx:
            tx.execute("UPDATE audit_own.hole SET since = since - interval '1 hour'")
        with db.of("catalogue").transaction() as tx:
            tx.execute("UPDATE catalogue_own.outbox SET sent_at = sent_at - interval '1 hour'")
        assert outbox(house, seconds=60).sent_again == 2
        found = outbox(house, seconds=60)
        assert (found.state, found.missing, found.sent_again) == ("lacking", 2, 0)
        assert len(house.ids(RECORDER)) == 2

    def test_what_the_outbox_has_forgotten_cannot_be_sent_again(self, house: House) -> None:
        """After ninety days: it is said how many, and what is left is sent."""
        said, messages = recalled(4), relayed()
        recorded(messages[3:])
        with db.of("catalogue").transaction() as tx:
            tx.execute("DELETE FROM catalogue_own.outbox WHERE position <= 2")
        found = outbox(house)
        assert (found.state, found.missing) == ("lacking", 3)
        assert "2 in its outbox no more" in found.said
        assert house.ids(RECORDER) == [said[2].id]

    def test_an_outbox_that_was_set_back_is_an_alarm(self, house: House) -> None:
        """The log has positions that the outbox has never given: its database is older than the log."""
        recalled(5)
        recorded(relayed())
        with db.of("catalogue").transaction() as tx:
            tx.execute("UPDATE catalogue_own.lease SET position = 3")
        found = outbox(house)
        assert found.state == "lacking"
        assert "was it set back?" in found.said

    def test_while_much_waits_for_the_recorder_nothing_is_taken_for_missing(self, house: House) -> None:
        """A recorder that comes back after an hour has a long queue before it, and would get it twice."""
        recalled(5)
        relayed()
        house.depths[RECORDER] = 101
        assert outbox(house).state == "behind"
        assert house.ids(RECORDER) == []

    def test_entries_whose_positions_are_not_known_are_known_by_their_ids(self, house: House) -> None:
        """A log brought back from its copies knows no positions: nothing is sent again, and all adds up afterwards."""
        recalled(6)
        messages = relayed()
        recorded([Message(one.body, {"private": one.headers["private"]}) for one in messages[:4]])
        found = outbox(house)
        assert (found.missing, found.sent_again) == (2, 2)
        entered(house)
        assert outbox(house).state == "whole"
        assert [question for _, question in house.asked].count("what_stands_at") == 1
        verified()

    def test_what_the_recorder_has_parked_is_not_sent_to_it_again(self, house: House) -> None:
        """It is in an operator's hands; it would only be parked again."""
        recalled(3)
        messages = relayed()
        recorded([messages[0], Message(messages[1].body, {"position": "two"}), messages[2]])
        assert outbox(house).state == "whole"
        assert house.ids(RECORDER) == []
        verified()

    def test_a_message_that_claims_the_id_of_a_lost_event_does_not_take_its_place(self, house: House) -> None:
        """Known is what has the same bytes; the event itself is sent again."""
        said = recalled(3)
        messages = relayed()
        forged = Message(messages[1].body.replace(b'"version":1', b'"version":2'), {"position": "two"})
        recorded([messages[0], forged, messages[2]])
        assert outbox(house).sent_again == 1
        entered(house)
        assert logged() == [event.id for event in said]
        verified()


def joined(times: int) -> list[Event]:
    """Events of accounts that are in the log, and that no handler has got."""
    speaker, said = Speaker(), []
    for number in range(times):
        person = ids.new_id()
        data = {"person": person, "organisation": ids.new_id(), "roles": [], "display_name": f"Person {number}"}
        said.append(speaker.say("accounts.person.joined.v1", person, data, Actor(person)))
    recorded([speaker.message(event) for event in said])
    return said


def take(event: Event, handler: Handler = PERSONS, problem: Exception | None = None) -> None:
    """Let a handler take an event from its queue; or fail at it."""

    def act(*_: Any) -> None:
        if problem:
            raise problem

    private = json.dumps([value.as_json() for value in event.private])
    attempts.take(handler, Delivery(event.body, {"private": private}, events.CONTENT_TYPE), act, lambda: None)


class TestLogToHandlers:
    def test_what_a_handler_has_not_seen_is_sent_again_and_nothing_else(self, house: House) -> None:
        """With the bytes of the log and the private values beside it; once it is handled, nothing is missing."""
        said = joined(6)
        for event in (said[0], said[4]):
            take(event)
        found = inbox(house)
        assert (found.state, found.missing, found.sent_again) == ("sent again", 4, 4)
        again = [said[n] for n in (1, 2, 3, 5)]
        sendings = house.queues[PERSONS.queue.name]
        assert [(s.event_id, s.body, json.loads(s.private)) for s in sendings] == [
            (event.id, event.body, [value.as_json() for value in event.private]) for event in again
        ]
        for event in again:
            take(event)
        assert inbox(house).state == "whole"
        assert len(house.ids(PERSONS.queue.name)) == 4

    def test_what_was_found_whole_is_not_looked_at_again(self, house: House) -> None:
        """The mark stands in the service's own database, beside the inbox that it speaks of."""
        for event in joined(3):
            take(event)
        assert inbox(house).state == "whole"
        house.asked.clear()
        assert inbox(house).state == "whole"
        assert ("codesign", "what_is_unseen") not in house.asked

    def test_a_service_whose_database_was_set_back_gets_what_it_lost(self, house: House) -> None:
        """Inbox and mark go back together, so that nothing is taken for seen that is not."""
        said = joined(4)
        for event in said[:2]:
            take(event)
        assert inbox(house).missing == 2
        house.queues.clear()
        for event in said[2:]:
            take(event)
        assert inbox(house).state == "whole"
        with db.of("codesign").transaction() as tx:
            tx.execute("DELETE FROM codesign_own.reconciled")
            tx.execute(
                "DELETE FROM codesign_own.inbox WHERE event_id = ANY(%(ids)s::uuid[])",
                {"ids": [event.id for event in said[2:]]},
            )
        assert inbox(house).missing == 2
        assert house.ids(PERSONS.queue.name) == [event.id for event in said[2:]]

    def test_erased_words_do_not_come_along(self, house: House) -> None:
        """The handler gets the header without them, and sees that they were erased."""
        said = joined(2)
        with db.of("audit").transaction() as tx:
            tx.execute("DELETE FROM private WHERE event_id = %(id)s", {"id": said[0].id})
        inbox(house)
        gone, kept = [
            events.parse(s.body, events.private_from_json(json.loads(s.private)))
            for s in house.queues[PERSONS.queue.name]
        ]
        assert gone.open("/data/display_name") == events.ERASED
        assert kept.open("/data/display_name") == "Person 1"

    def test_what_waits_is_parked_or_was_discarded_is_not_missing(self, house: House) -> None:
        """It is in the service's hands, or was given up by an operator."""
        waits, parked, discarded = joined(3)
        take(waits, problem=RuntimeError("not now"))
        take(parked, problem=Malformed("never"))
        take(discarded, problem=Malformed("never"))
        with db.of("codesign").transaction() as tx:
            message = next(one for one in redriving.stuck(tx) if one.event_id == discarded.id)
            redriving.discard(tx, message.id)
        assert inbox(house).state == "whole"
        assert house.ids(PERSONS.queue.name) == []

    def test_an_in_order_handler_is_given_what_it_only_counts(self, house: House) -> None:
        """Each event of a stream, whatever its type; what it has behind it is never sent again."""
        speaker, subject = Speaker(), ids.new_id()
        data = {"draft": subject, "version": 1, "submission": subject}
        said = [
            speaker.say("catalogue.draft.recalled.v1", subject, data),
            speaker.say("catalogue.draft.withdrawn.v1", subject, {}, checked=False),
            speaker.say("catalogue.draft.recalled.v1", subject, data),
        ]
        recorded([speaker.message(event) for event in said])
        take(said[0], DRAFTS)
        take(said[2], DRAFTS)  # it waits for the second
        found = inbox(house, handler=DRAFTS)
        assert found.missing == 1
        assert house.ids(DRAFTS.queue.name) == [said[1].id]
        take(said[1], DRAFTS)
        assert inbox(house, handler=DRAFTS).state == "whole"

    def test_a_handler_that_hears_more_is_looked_at_from_the_beginning(self, house: House) -> None:
        """What it did not hear when it was last found whole may lie far back."""
        for event in joined(3):
            take(event)
        assert inbox(house).state == "whole"
        with db.of("codesign").transaction() as tx:
            tx.execute("UPDATE codesign_own.reconciled SET keys = ARRAY['accounts.person.joined.v1']")
        house.asked.clear()
        assert inbox(house).state == "whole"
        assert ("codesign", "what_is_unseen") in house.asked

    def test_a_mark_of_another_log_is_no_mark(self, house: House) -> None:
        """A log that was begun anew is looked at from its first entry."""
        for event in joined(2):
            take(event)
        assert inbox(house).state == "whole"
        with db.of("codesign").transaction() as tx:
            tx.execute(f"UPDATE codesign_own.reconciled SET through = '2 {'00' * 32}'")
            tx.execute("DELETE FROM codesign_own.inbox")
        assert inbox(house).missing == 2

    def test_more_than_one_page_is_sent_again(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        """All of a purged queue, in the order of the log."""
        monkeypatch.setattr(inboxes, "PAGE", 10)
        said = joined(25)
        assert inbox(house).sent_again == len(said)
        assert house.ids(PERSONS.queue.name) == [event.id for event in said]

    @pytest.mark.parametrize("lost", [range(10), range(5, 15), range(20, 25)])
    def test_what_was_sent_again_is_looked_for_until_it_was_seen(
        self, house: House, monkeypatch: pytest.MonkeyPatch, lost: range
    ) -> None:
        """It may be lost once more: on no page, and before no page that is whole, is it taken for seen."""
        monkeypatch.setattr(inboxes, "PAGE", 10)
        said = joined(25)
        for number, event in enumerate(said):
            if number not in lost:
                take(event)
        for _ in range(3):
            assert inbox(house).missing == len(lost)
        for number in lost:
            take(said[number])
        assert inbox(house).state == "whole"

    def test_a_queue_that_is_long_is_left_alone(self, house: House) -> None:
        """A worker that comes back after an hour has it all before it."""
        joined(3)
        house.depths[PERSONS.queue.name] = 101
        assert inbox(house).state == "behind"
        assert house.ids(PERSONS.queue.name) == []

    def test_what_is_younger_than_asked_for_is_not_missing(self, house: House) -> None:
        """It may be on its way still."""
        joined(3)
        assert inbox(house, seconds=60).state == "whole"


class TestBoth:
    def test_a_service_that_is_away_is_said_and_the_others_are_looked_at(self, house: House) -> None:
        """Each leg tells of it; it is asked once, and again the next time."""
        recalled(2)
        relayed()
        house.away = {"accounts"}
        found = reconciling.reconcile(house.ask, 0)
        assert {(one.leg, one.service) for one in found if one.state == "away"} == {
            ("outbox", "accounts"),
            ("inbox", "accounts"),
        }
        assert [one.sent_again for one in found if one.leg == "outbox" and one.service == "catalogue"] == [2]

    def test_the_last_look_at_everything_is_kept_with_what_was_last_found(self, house: House) -> None:
        """What was mended can be told of afterwards; handlers that are no more are forgotten."""
        recalled(2)
        relayed()
        with db.of("audit").transaction() as tx:
            tx.execute(
                "INSERT INTO audit_own.reconciliation VALUES ('inbox', 'codesign', 'old', 'away', 0, 0, '', now())"
            )
        reconciling.reconcile(house.ask, 0)
        entered(house)
        reconciling.reconcile(house.ask, 0)
        with db.of("audit").transaction(read_only=True) as tx:
            kept = {(one.finding.leg, one.finding.service, one.finding.handler): one for one in reconciling.report(tx)}
        catalogue = kept["outbox", "catalogue", ""]
        assert (catalogue.finding.state, catalogue.found, catalogue.found_ever) == ("whole", 2, 2)
        assert catalogue.found_at is not None
        assert catalogue.found_at < catalogue.at
        assert ("inbox", "codesign", "remember_person") in kept
        assert ("inbox", "codesign", "old") not in kept

    def test_the_status_of_the_log_tells_what_was_found(self, house: House) -> None:
        """`countersign audit status`: holes, looks and gaps, for people and programs; 1 where something is amiss."""
        recalled(3)
        recorded(relayed()[2:])
        reconciling.reconcile(house.ask, 0)
        answer = CliRunner().invoke(app, ["status", "--json"])
        said = json.loads(answer.stdout)
        assert answer.exit_code == 1
        assert (said["size"], said["early"], said["holes"], said["gaps_found"]) == (0, 1, 2, 0)
        assert {"early", "holes", "looks"} <= set(said["amiss"])
        look = next(one for one in said["reconciliation"] if one["leg"] == "outbox" and one["service"] == "catalogue")
        assert (look["state"], look["sent_again"], look["found_ever"]) == ("sent again", 2, 2)
        lines = CliRunner().invoke(app, ["status"]).stdout
        assert "outbox catalogue     sent again: Missing in the log: 2 sent again to the recorder." in lines

    def test_producers_with_a_hole_are_asked_without_waiting_for_their_turn(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A minute after the hole was found, and not before; producers without one are left in peace."""
        recalled(3)
        recorded(relayed()[2:])
        assert reconciling.ask_for_missing(house.ask) == []
        with db.of("catalogue").transaction() as tx:
            tx.execute("UPDATE catalogue_own.outbox SET sent_at = sent_at - interval '1 minute'")
        later = clock.now() + timedelta(minutes=1)
        monkeypatch.setattr(clock, "now", lambda: later)
        (found,) = reconciling.ask_for_missing(house.ask)
        assert (found.service, found.sent_again) == ("catalogue", 2)
        entered(house)
        assert reconciling.ask_for_missing(house.ask) == []
