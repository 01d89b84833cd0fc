"""Withholding one text: two people, an administrator among them; on pages and over REST."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.audit.domain import withholding as rules
from services.audit.domain.withholding import GROUNDS, Proposal
from services.audit.recording.entering import record
from services.audit.words.vocabulary import WITHHELD
from services.kernel import clock, contracts, db, events
from services.kernel.errors import Forbidden, Refused
from services.kernel.events import Actor, Event
from tests.component.audit_house import Round
from tests.people import browse, person, post, sign_in
from tests.places import places_with
from tests.said import Speaker, message

WORDS = "What must not be read"
API = "/audit/api/v1/withholdings"


@pytest.fixture
def round(database: str) -> Round:
    """A comment with words that somebody wants gone, answered and public."""
    del database
    round = Round()
    round.opens()
    round.consults()
    comment = round.comments(round.amina, WORDS, "comment", public=True)
    round.answers(comment, "accepted", "We will.", "answer")
    return round


ADMIN, OTHER_ADMIN, AUDITOR, OTHER_AUDITOR = (
    person(role) for role in ("administrator", "administrator", "auditor", "auditor")
)


def of(actor: Actor | None) -> FlaskClient:
    return sign_in(browse("audit"), actor) if actor else browse("audit")


def proposed(actor: Actor, round: Round, **wish: Any) -> TestResponse:
    asked = {"entry": round.number("comment"), "pointer": "/data/text", "ground": "unlawful"}
    return of(actor).post(API, json=asked | wish)


def place(answer: TestResponse) -> str:
    assert answer.status_code == 201, answer.text
    return f"{API}/{(answer.json or {})['id']}"


def said() -> list[Event]:
    """What the audit service has said of withholding."""
    with db.of("audit").transaction() as tx:
        rows = tx.all("SELECT body FROM audit_own.outbox WHERE type = 'audit.text.withheld.v1' ORDER BY id")
    return [events.parse(bytes(row["body"])) for row in rows]


def enter(round: Round, event: Event) -> None:
    """Let the recorder enter what the audit service said."""
    with db.of("audit").transaction() as tx:
        record(tx, [message(event)])
    round.entries.append(event)


class TestFourEyes:
    @pytest.mark.parametrize(("first", "second"), [(ADMIN, OTHER_ADMIN), (ADMIN, AUDITOR), (AUDITOR, ADMIN)])
    def test_an_administrator_and_a_second_person_withhold(self, round: Round, first: Actor, second: Actor) -> None:
        """Either may begin. The event names both, the ground, and the event as its receivers know it."""
        proposal = place(proposed(first, round))
        assert not said()
        assert of(second).post(f"{proposal}/confirmation").status_code == 201
        (event,) = said()
        comment = round.said["comment"]
        assert (event.subject, event.actor) == (f"text:{comment.id}", second.person)
        assert dict(event.data) == {
            "event": comment.id,
            "pointer": "/data/text",
            "ground": "unlawful",
            "proposed_by": first.person,
            "about": {"type": comment.type, "subject": comment.subject, "sequence": comment.sequence},
        }

    def test_nobody_confirms_what_they_proposed(self, round: Round) -> None:
        """Also not an administrator."""
        proposal = place(proposed(ADMIN, round))
        refused = of(ADMIN).post(f"{proposal}/confirmation")
        assert refused.status_code == 403
        assert "second person" in refused.text
        assert not said()

    def test_two_auditors_are_not_enough(self, round: Round) -> None:
        """One of the two is an administrator."""
        proposal = place(proposed(AUDITOR, round))
        refused = of(OTHER_AUDITOR).post(f"{proposal}/confirmation")
        assert refused.status_code == 403
        assert "administrator" in refused.text
        assert of(ADMIN).post(f"{proposal}/confirmation").status_code == 201

    def test_others_have_no_part_in_it(self, round: Round) -> None:
        """Neither the provider whose consultation it is, nor the author; they do not even see what was proposed."""
        proposal = place(proposed(ADMIN, round))
        guest = person("administrator", scope=round.consultation)
        for actor in (person("lead", "designer", "reviewer"), round.lena, round.amina, guest):
            assert proposed(actor, round).status_code == 403
            assert of(actor).get(API).status_code == 403
            assert of(actor).get(proposal).status_code == 403
            assert of(actor).post(f"{proposal}/confirmation").status_code == 403
            assert of(actor).get("/audit/withhold").status_code == 403
        assert of(None).get(API).status_code == 401

    def test_what_is_decided_stays_decided(self, round: Round) -> None:
        """It is withheld once, and what was left is not withheld by an old proposal."""
        proposal = place(proposed(ADMIN, round))
        assert proposed(AUDITOR, round).status_code == 409
        assert of(AUDITOR).post(f"{proposal}/refusal").status_code == 200
        assert of(OTHER_ADMIN).post(f"{proposal}/confirmation").status_code == 409
        again = place(proposed(AUDITOR, round))
        assert of(ADMIN).post(f"{again}/confirmation").status_code == 201
        assert of(ADMIN).post(f"{again}/refusal").status_code == 409
        assert len(said()) == 1

    def test_the_rule_by_itself(self) -> None:
        """Pure: proposal and second person, every pair of roles."""
        speaker = Speaker()
        data = {"draft": ADMIN.person, "version": 1, "submission": ADMIN.person, "reason": WORDS}
        event = speaker.say("catalogue.draft.recalled.v1", "one", data, ADMIN)
        for first in (ADMIN, AUDITOR):
            made = rules.propose(first, "p", event, "/data/reason", "order", clock.now())
            for second in (ADMIN, OTHER_ADMIN, AUDITOR, OTHER_AUDITOR):
                if second is first or not (first is ADMIN or second.has("administrator")):
                    with pytest.raises(Forbidden):
                        rules.confirm(second, made, event)
                else:
                    assert rules.confirm(second, made, event).data["ground"] == "order"
        with pytest.raises(Refused, match="no text"):
            rules.propose(ADMIN, "p", event, "/data/draft", "order", clock.now())
        decided = Proposal("p", event.id, "/data/reason", "order", "x", True, clock.now(), "left", "y", clock.now())
        with pytest.raises(Refused, match="already"):
            rules.confirm(ADMIN, decided, event)


class TestWhatCannotBe:
    def test_a_proposal_that_cannot_be_is_told_why(self, round: Round) -> None:
        """No entry, no text at that place, no such ground; and an unknown proposal is not there."""
        wishes: list[tuple[dict[str, Any], int]] = [
            ({"entry": 99_999}, 404),
            ({"entry": -1}, 422),
            ({"pointer": "/data/kind"}, 409),
            ({"pointer": "text"}, 422),
            ({"ground": "I do not like it"}, 422),
            ({"ground": None}, 422),
        ]
        for wish, status in wishes:
            assert proposed(ADMIN, round, **wish).status_code == status, wish
        assert of(ADMIN).get(f"{API}/{ADMIN.person}").status_code == 404
        assert of(ADMIN).get(f"/audit/withhold/{ADMIN.person}").status_code == 404

    def test_what_is_gone_already_cannot_be_proposed(self, round: Round) -> None:
        """Withheld once, there is nothing left to withhold."""
        proposal = place(proposed(ADMIN, round))
        of(AUDITOR).post(f"{proposal}/confirmation")
        enter(round, said()[0])
        assert proposed(ADMIN, round).status_code == 409


class TestPages:
    def test_from_the_entry_to_the_decision(self, round: Round) -> None:
        """The text is shown to both; without a ground, or without having read it, nothing is done."""
        auditor, admin = of(AUDITOR), of(ADMIN)
        entry = auditor.get(f"/audit/entries/{round.number('comment')}").text
        new = f"/audit/withhold/new?entry={round.number('comment')}&pointer=/data/text"
        assert new.replace("&", "&amp;") in entry
        assert WORDS in auditor.get(new).text
        assert post(auditor, new).status_code == 422
        answer = post(auditor, new, {"ground": "third_party"})
        assert answer.status_code == 303
        proposal = answer.headers["Location"].partition("?")[0]
        own = auditor.get(answer.headers["Location"]).text
        assert "waits for a second person" in own
        assert "Withhold the text</button>" not in own
        assert WORDS in admin.get(proposal).text
        assert ">Open</span>" in admin.get("/audit/withhold").text
        refused = post(admin, proposal)
        assert refused.status_code == 422
        assert "Please read the text" in refused.text
        assert not said()
        assert post(admin, proposal, {"read": "yes"}).status_code == 303
        assert len(said()) == 1
        assert WORDS not in admin.get(proposal).text

    def test_the_second_person_can_leave_it(self, round: Round) -> None:
        """And the page says so from then on."""
        proposal = place(proposed(ADMIN, round)).replace("/api/v1/withholdings", "/withhold")
        assert post(of(AUDITOR), f"{proposal}/leave", form=proposal).status_code == 303
        assert "A text that was left" in of(ADMIN).get(proposal).text
        assert WORDS in of(ADMIN).get(proposal).text

    def test_who_has_no_part_sees_no_way_there(self, round: Round) -> None:
        """On the entry's page and among the ways on."""
        for actor in (round.lena, round.amina, None):
            assert "/audit/withhold" not in of(actor).get("/audit/").text
        assert "/audit/withhold" not in of(round.lena).get(f"/audit/entries/{round.number('comment')}").text


class TestWhatIsSeenOfIt:
    @pytest.fixture
    def withheld(self, round: Round) -> Round:
        proposal = place(proposed(AUDITOR, round))
        of(ADMIN).post(f"{proposal}/confirmation")
        enter(round, said()[0])
        return round

    def test_the_text_is_gone_and_the_entry_says_under_which_one(self, withheld: Round) -> None:
        """With a link, for whoever may read the entry; and that one is open to them, too."""
        assert places_with(WORDS) == set()
        under = len(withheld.entries) - 1
        for actor in (AUDITOR, withheld.lena, withheld.amina):
            page = of(actor).get(f"/audit/entries/{withheld.number('comment')}").text
            assert "Withheld" in page
            assert f'href="/audit/entries/{under}"' in page
            there = of(actor).get(f"/audit/entries/{under}")
            assert there.status_code == 200
            assert WITHHELD["unlawful"] in there.text
            (private,) = (of(actor).get(f"/audit/api/v1/entries/{withheld.number('comment')}").json or {})["private"]
            assert (private["state"], private["under"], private["value"]) == ("withheld", under, None)

    def test_the_timeline_and_the_story_say_it_where_the_words_stood(self, withheld: Round) -> None:
        """Beside each act whose words are gone, with the way to the entry that says so."""
        said = f'Withheld, as <a href="/audit/entries/{len(withheld.entries) - 1}">'
        for page in ("/audit/?about=comments", f"/audit/drafts/{withheld.draft}"):
            assert said in of(withheld.lena).get(page).text

    def test_words_that_are_gone_for_no_reason_are_not_passed_over(self, round: Round) -> None:
        """That is tampering, and the pages say that it must not be."""
        with db.of("audit").transaction() as tx:
            tx.execute("DELETE FROM private WHERE event_id = %(id)s", {"id": round.said["comment"].id})
        assert "no entry says why" in of(round.lena).get("/audit/?about=comments").text
        assert "no entry says why" in of(round.lena).get(f"/audit/entries/{round.number('comment')}").text

    def test_others_do_not_learn_of_it(self, withheld: Round) -> None:
        """It is for those who may know of the entry it is about."""
        assert of(withheld.emil).get(f"/audit/entries/{len(withheld.entries) - 1}").status_code == 404
        assert of(None).get(f"/audit/entries/{len(withheld.entries) - 1}").status_code == 404

    def test_a_person_erased_is_explained_to_whoever_saw_what_they_did(self, round: Round) -> None:
        """The provider sees the comment, and the entry under which its words are gone; a competitor sees neither."""
        data = {"person": round.amina.person, "organisation": round.nordhafen}
        round.says("accounts.person.erased.v1", round.amina.person, data, round.amina, name="erased")
        page = of(round.lena).get(f"/audit/entries/{round.number('comment')}").text
        assert "Erased" in page
        assert "Amina Rahman" not in page
        assert f'href="/audit/entries/{round.number("erased")}"' in page
        assert of(round.lena).get(f"/audit/entries/{round.number('erased')}").status_code == 200
        assert of(round.emil).get(f"/audit/entries/{round.number('erased')}").status_code == 404


def test_the_vocabulary_is_one() -> None:
    """Contract, rule and words know the same grounds."""
    contract = contracts.schema("audit.text.withheld.v1")["properties"]["ground"]["enum"]
    assert set(GROUNDS) == set(contract) == set(WITHHELD)
