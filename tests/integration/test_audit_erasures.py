"""Erasures in the log: what goes with their entry, what is let go of later, and what `verify` makes of the gaps."""

import json
from collections.abc import Sequence

import psycopg
import pytest
from typer.testing import CliRunner

from services.audit.domain import Message
from services.audit.erasing import erasures
from services.audit.erasing.erasures import Excuse, excused
from services.audit.recording.entering import record
from services.audit.verification import verify
from services.audit.verifier.excuses import Excuses
from services.cli.audit import app
from services.kernel import config, contracts, db, ids
from services.kernel.events import SYSTEM, Actor, Event, Fact, make
from tests.places import places_with
from tests.said import Speaker, message

ANNA = Actor(ids.new_id(), ids.new_id())
BERT = Actor(ids.new_id(), ids.new_id())
WORDS, OTHERS = "Quite unmistakable words", "What Bert had to say"


@pytest.fixture
def speaker(database: str) -> Speaker:
    del database
    return Speaker()


def recalled(speaker: Speaker, actor: Actor, words: str, subject: str = "one") -> Event:
    data = {"draft": ids.new_id(), "version": 1, "submission": ids.new_id(), "reason": words}
    return speaker.say("catalogue.draft.recalled.v1", subject, data, actor)


def erased(speaker: Speaker, person: Actor = ANNA) -> Event:
    data = {"person": person.person, "organisation": person.organisation}
    return speaker.say("accounts.person.erased.v1", person.person, data, person)


def withheld(speaker: Speaker, event: Event, pointer: str = "/data/reason") -> Event:
    about = {"type": event.type, "subject": event.subject, "sequence": event.sequence}
    data = {"event": event.id, "pointer": pointer, "ground": "unlawful", "proposed_by": ids.new_id(), "about": about}
    return speaker.say("audit.text.withheld.v1", f"text:{event.id}", data, BERT)


def lost(speaker: Speaker, event: Event) -> Event:
    values = [{"event": event.id, "pointer": "/data/reason"}]
    return speaker.say("audit.values.lost.v1", "recovery:7", {"values": values})


def enter(*events: Event) -> None:
    record_messages([message(event) for event in events])


def record_messages(messages: Sequence[Message]) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, messages)


def tamper(statement: str) -> None:
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute(statement.encode())


def verified() -> verify.Verified:
    with verify.connect() as connection:
        return verify.verify(connection, lambda *_: None)


class TestWhatGoes:
    def test_every_value_of_the_person_goes_with_the_entry_and_nobody_elses(self, speaker: Speaker) -> None:
        """In the transaction of the entry itself: nobody ever sees the one without the other."""
        enter(recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS))
        assert places_with(WORDS) == {"audit.private"}
        enter(erased(speaker))
        assert places_with(WORDS) == set()
        assert places_with(OTHERS) == {"audit.private"}

    def test_one_text_goes_and_the_others_of_its_author_stay(self, speaker: Speaker) -> None:
        """Withholding names the event and the place."""
        first, second = recalled(speaker, ANNA, WORDS), recalled(speaker, ANNA, OTHERS)
        enter(first, second, withheld(speaker, first))
        assert places_with(WORDS) == set()
        assert places_with(OTHERS) == {"audit.private"}

    def test_what_is_entered_later_is_entered_without_its_words(self, speaker: Speaker) -> None:
        """Under way while its author was erased, sent again, or of a text withheld before it came."""
        mine, other = recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS, "two")
        enter(erased(speaker), withheld(speaker, other))
        enter(mine, other)
        assert places_with(WORDS, OTHERS) == set()
        assert verified().size == 4

    def test_the_order_within_a_batch_makes_no_difference(self, speaker: Speaker) -> None:
        """Words and erasure in one transaction, whichever comes first."""
        mine, gone, late = recalled(speaker, ANNA, WORDS), erased(speaker), recalled(speaker, ANNA, WORDS)
        enter(gone, mine, late)
        assert places_with(WORDS) == set()

    def test_what_waits_for_its_predecessor_is_blanked_while_it_waits(self, speaker: Speaker) -> None:
        """In `early`, beside a value that jsonb would refuse, and it enters without its words."""
        first, mine = recalled(speaker, BERT, OTHERS), recalled(speaker, ANNA, WORDS)
        odd = recalled(speaker, ANNA, f"{WORDS}\0")
        enter(mine, odd)
        assert places_with(WORDS) == {"audit_own.early"}
        enter(erased(speaker))
        assert places_with(WORDS) == set()
        enter(first)
        assert verified().gone == {Excuse(0, "erased"): 2}

    def test_what_was_parked_is_blanked_too(self, speaker: Speaker) -> None:
        """A conflicting event lies in the parking lot with what came beside it."""
        one, other = recalled(speaker, ANNA, OTHERS), recalled(Speaker(), ANNA, WORDS)
        enter(one, other)
        assert places_with(WORDS) == {"audit_own.parked"}
        enter(erased(speaker))
        assert places_with(WORDS) == set()

    def test_the_bytes_and_every_hash_stay(self, speaker: Speaker) -> None:
        """What was proven of an entry is proven still."""
        mine = recalled(speaker, ANNA, WORDS)
        enter(mine)
        with db.of("audit").transaction() as tx:
            before = tx.one("SELECT * FROM entry")
        enter(erased(speaker))
        with db.of("audit").transaction() as tx:
            assert tx.one("SELECT * FROM entry WHERE idx = 0") == before

    def test_nobody_erases_in_anothers_name(self, speaker: Speaker) -> None:
        """An event of the right type from the wrong service is an entry like others, and erases nothing."""
        mine = recalled(speaker, ANNA, WORDS)
        false = erased(speaker)
        forged = make(
            fact=Fact(false.type, false.subject, false.data, ANNA),
            id=ids.new_id(),
            sequence=1,
            time=false.time,
            data=dict(false.data),
            private=(),
            trace={},
        )
        body = forged.body.replace(b'"source":"/accounts"', b'"source":"/codesign"')
        enter(mine)
        record_messages([Message(body)])
        assert places_with(WORDS) == {"audit.private"}
        assert verified().kept == []

    @pytest.mark.parametrize("data", [{}, {"event": 7, "pointer": "/data/reason"}, {"event": "x", "pointer": []}])
    def test_an_erasure_that_says_nothing_is_entered_and_erases_nothing(
        self, speaker: Speaker, data: dict[str, object]
    ) -> None:
        """The recorder judges no payload, and does not stop at one either."""
        enter(recalled(speaker, ANNA, WORDS), speaker.say("audit.text.withheld.v1", "x", data, checked=False))
        assert places_with(WORDS) == {"audit.private"}
        assert verified().size == 2


class TestVerify:
    def test_what_is_gone_is_counted_under_the_entry_that_says_so(self, speaker: Speaker) -> None:
        """Whether that entry came before or after."""
        first, second = recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS)
        enter(first, second, withheld(speaker, second), erased(speaker), recalled(speaker, ANNA, WORDS))
        found = verified()
        assert found.gone == {Excuse(3, "erased"): 2, Excuse(2, "withheld"): 1}
        assert (found.private, found.kept) == (0, [])
        answer = CliRunner().invoke(app, ["verify"])
        assert answer.exit_code == 0
        assert "Private values erased under entry 3: 2." in answer.stdout
        assert "Private values withheld under entry 2: 1." in answer.stdout

    def test_what_was_lost_is_told_from_what_was_erased(self, speaker: Speaker) -> None:
        """`audit recover` names what no copy had; a value that turns up after all is none the worse."""
        mine, other = recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS)
        enter(mine, other, lost(speaker, mine), lost(speaker, other))
        tamper(f"DELETE FROM audit.private WHERE event_id = '{mine.id}'")
        found = verified()
        assert found.gone == {Excuse(2, "lost"): 1}
        assert found.kept == []

    def test_what_is_missing_without_an_entry_is_tampering(self, speaker: Speaker) -> None:
        """Also where somebody else was erased, or another text withheld."""
        mine, other = recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS)
        enter(mine, other, erased(speaker), withheld(speaker, other, "/data/other"))
        tamper(f"DELETE FROM audit.private WHERE event_id = '{other.id}'")
        with pytest.raises(verify.Tampered, match="no entry of the log erases it") as found:
            verified()
        assert found.value.idx == 1

    def test_what_is_still_kept_is_named_and_let_go_of_again(self, speaker: Speaker) -> None:
        """A value that came back from a backup is no tampering, and not right: exit 1, and what to do."""
        mine = recalled(speaker, ANNA, WORDS)
        enter(mine)
        tamper("CREATE TABLE public.backup AS SELECT * FROM audit.private")
        enter(erased(speaker))
        tamper("INSERT INTO audit.private SELECT * FROM public.backup; DROP TABLE public.backup")
        answer = CliRunner().invoke(app, ["verify"])
        assert answer.exit_code == 1
        assert "NOT ERASED. Entry 0: the private value at /data/reason is still kept" in answer.stderr
        assert "erased under entry 1" in answer.stderr
        with db.of("audit").transaction() as tx:
            assert erasures.apply(tx) == 1
        assert places_with(WORDS) == set()
        assert CliRunner().invoke(app, ["verify"]).exit_code == 0


class TestTheRule:
    def test_it_is_the_verifiers_own(self) -> None:
        """The platform and the stand-alone verifier judge alike, over every pair of acts and events."""
        speaker = Speaker()
        said = [recalled(speaker, ANNA, WORDS), recalled(speaker, BERT, OTHERS), recalled(speaker, SYSTEM, WORDS)]
        about = recalled(speaker, BERT, OTHERS, ANNA.person)
        acts = [
            erased(speaker),
            erased(speaker, BERT),
            withheld(speaker, said[0]),
            withheld(speaker, said[1], "/data/x"),
        ]
        acts += [lost(speaker, said[2]), lost(speaker, said[0])]
        for first in acts:
            for second in acts:
                log = [(5, first), (9, second)]
                theirs = Excuses()
                for idx, event in log:
                    theirs.note(idx, event.body)
                for event in (*said, about):
                    mine = excused(event, "/data/reason", log)
                    found = theirs.of(json.loads(event.body), "/data/reason")
                    assert (mine and (mine.why, mine.idx)) == found

    def test_every_contract_that_erases_is_one_that_excuses(self) -> None:
        """What goes by one rule is explained by the other."""
        assert set(contracts.erasing()) == set(erasures.EXCUSING) - {erasures.LOST}
