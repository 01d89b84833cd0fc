"""Hearing: the fold in any order, one notice for each person, event and channel, and nobody forgotten."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from services.audit.recording.entering import record
from services.kernel import clock, db, documents, rebuild, revocation
from services.notifications.domain import TooEarly
from services.notifications.service import LETTERS
from tests.component.notifications_house import Box, Round, emitted, hear, hearers, outcomes, read, send
from tests.said import message

pytestmark = pytest.mark.usefixtures("database")


def whole_round() -> Round:
    """Everything that can happen, up to the publication."""
    round = Round().opened()
    comment = round.comments(round.emil)
    round.answers(comment)
    round.submits(round.luis)
    round.answered(round.said[-1], "unready", missing=[{"code": "no_employer_endorsement"}])
    endorsements = [round.endorses(actor).data["endorsement"] for actor in (round.emil, round.bo)]
    submission = round.submits(round.luis)
    seal = round.answered(submission, "sealed", endorsements=endorsements)
    round.publishes(round.lena, submission, seal)
    round.issues(round.emil, "sign_in")
    return round


def test_a_round_is_told_to_everybody_it_concerns() -> None:
    """From the invitation to the publication, in the inbox and by mail alike."""
    round = whole_round().tell()
    dora, lena, luis, emil, bo = (a.person for a in (round.dora, round.lena, round.luis, round.emil, round.bo))
    expected = {
        "participant.invited": [{emil}, {bo}],
        "comment.submitted": [{dora, lena, luis}],
        "disposition.recorded": [{emil}],
        "draft.submitted": [{lena}, {lena}],
        "consultation.unready": [{lena, luis}],
        "endorsement.given": [{lena, luis}, {lena, luis}],
        "consultation.sealed": [{lena}],
        "credential.published": [{dora, luis, emil, bo}],
    }
    for name, hears in expected.items():
        events = [event for event in round.said if event.type.partition(".")[2] == f"{name}.v1"]
        assert [hearers(event) for event in events] == hears, name
        assert [hearers(event, "email") for event in events] == hears, name
    link = round.said[-1]
    assert hearers(link) == set()
    assert hearers(link, "email") == {emil}


def test_an_event_heard_twice_tells_nobody_twice() -> None:
    """The broker may deliver again, and a second handler may come upon the same news."""
    round = Round().opened()
    comment = round.comments(round.emil)
    round.tell()
    told = len(outcomes("inbox"))
    for event in (comment, dataclasses.replace(comment)):
        hear(event)
    assert len(outcomes("inbox")) == told
    box = Box()
    send(box)
    assert len({str(message["Message-ID"]) for message in box.sent}) == len(box.sent) == 2 + 3


def test_one_event_heard_at_once_by_two_workers_tells_once() -> None:
    """The claim of the notice is in the transaction that makes it."""
    round = Round().opened().tell()
    comment = round.comments(round.emil)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(hear, [comment] * 4))
    assert len([e for e in emitted() if e.data["about"] == comment.id]) == 3


def test_the_inbox_notice_is_told_to_the_log_at_once_and_each_notice_is_a_subject_of_its_own() -> None:
    """One event per person, event and channel, sequence 1, naming what it is about."""
    round = Round().opened()
    comment = round.comments(round.emil)
    round.tell()
    told = [event for event in emitted() if event.data["about"] == comment.id]
    assert {event.data["person"] for event in told} == {round.dora.person, round.lena.person, round.luis.person}
    assert all(event.sequence == 1 and event.subject == event.data["notice"] for event in told)
    assert {event.data["channel"] for event in told} == {"inbox"}
    assert {event.actor for event in told} == {"system"}


def test_letters_are_rung_for_once_they_are_committed_and_not_before() -> None:
    """So a mail goes at once; what was rolled back rings for nobody."""
    round = Round().opened()
    comment = round.comments(round.emil)
    LETTERS.rung.clear()
    with pytest.raises(TooEarly):
        hear(comment)
    assert not LETTERS.rung.is_set()
    round.tell()
    assert LETTERS.rung.is_set()


# --- order of arrival -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["consultation.opened", "draft.opened"])
def test_news_of_what_is_not_known_yet_waits_and_leaves_nothing(name: str) -> None:
    """It raises, so that the bus tries again later; neither rows nor notices nor the claim stay behind."""
    round = Round().opened()
    comment = round.comments(round.emil)
    missing = next(event for event in round.said if name in event.type)
    people = [event for event in round.said if event.service == "accounts"]
    for event in [*people, *(e for e in round.said if e.type.endswith("opened.v1") and e is not missing)]:
        hear(event)
    before = read("SELECT count(*) FROM notifications_own.inbox")
    with pytest.raises(TooEarly, match="not known here yet"):
        hear(comment)
    assert read("SELECT count(*) FROM notifications_own.inbox") == before
    assert hearers(comment) == set()
    hear(missing)
    hear(comment)
    assert hearers(comment) == {round.dora.person, round.lena.person, round.luis.person}


def test_the_answer_to_a_submission_waits_for_the_submission() -> None:
    """Who submitted is known from the catalogue's event, and co-design's answer may overtake it."""
    round = Round().opened().tell()
    submission = round.submits(round.luis)
    seal = round.answered(submission, "sealed", endorsements=[round.draft, round.consultation])
    with pytest.raises(TooEarly, match="submission"):
        hear(seal)
    hear(submission)
    hear(seal)
    assert hearers(seal) == {round.lena.person}


def test_a_publication_waits_for_the_seal_it_rests_on() -> None:
    """It may overtake the whole consultation; with the seal it is known who was invited and who has commented."""
    round = Round().opened()
    before = len(round.said) - 2  # all but the invitations
    round.comments(round.emil)
    submission = round.submits(round.luis)
    seal = round.answered(submission, "sealed", endorsements=[round.draft, round.consultation])
    published = round.publishes(round.lena, submission, seal)
    for event in (*round.said[:before], submission):
        hear(event)
    with pytest.raises(TooEarly, match="seal"):
        hear(published)
    for event in round.said[before:]:
        if event is not submission:
            hear(event)
    assert hearers(published) == {a.person for a in (round.dora, round.luis, round.emil, round.bo)}


def test_a_member_whose_joining_is_heard_late_is_told_what_happened_since() -> None:
    """Whichever news came first: who was there when it happened is told, once."""
    round = Round().opened()
    late = [event for event in round.said if event.subject in (round.dora.person, round.emil.person)]
    comment = round.comments(round.bo)
    for event in round.said:
        if event not in late:
            hear(event)
    invitation = next(e for e in round.said if e.data.get("organisation") == round.employer and "invited" in e.type)
    assert hearers(comment) == {round.lena.person, round.luis.person}
    assert hearers(invitation) == set()
    for event in late + late:
        hear(event)
    assert hearers(comment) == {round.dora.person, round.lena.person, round.luis.person}
    assert hearers(invitation) == {round.emil.person}


def test_who_joins_later_is_not_told_of_what_was_before() -> None:
    """A new colleague's inbox begins empty."""
    round = Round().opened()
    comment = round.comments(round.emil)
    round.member(round.school, "Nora New", "designer")
    round.tell()
    assert round.said[-1].subject not in hearers(comment)


def test_a_role_taken_back_and_a_person_who_left_hear_nothing_more() -> None:
    """And an older event that arrives later does not bring them back."""
    round = Round()
    lost = {"organisation": round.school, "role": "lead"}
    joined = next(event for event in round.said if event.subject == round.luis.person)
    round.say("accounts.role.granted.v1", round.luis.person, person=round.luis.person, **lost)
    round.say("accounts.role.revoked.v1", round.luis.person, person=round.luis.person, **lost)
    round.say("accounts.person.left.v1", round.dora.person, person=round.dora.person, organisation=round.school)
    round.opened()
    comment = round.comments(round.emil)
    accounts = [event for event in round.said if event.service == "accounts"]
    for event in [*reversed(accounts), *(e for e in round.said if e not in accounts)]:
        hear(event)
    hear(joined)
    assert hearers(comment) == {round.lena.person}


def test_who_comes_back_holds_only_the_roles_given_since() -> None:
    """Roles of an earlier time in the organisation do not come back with the person."""
    round = Round()
    place = {"person": round.luis.person, "organisation": round.school}
    round.say("accounts.person.left.v1", round.luis.person, **place)
    round.say("accounts.person.joined.v1", round.luis.person, **place, roles=["designer"], display_name="Luis Lopez")
    round.opened()
    endorsement = round.endorses(round.emil)
    comment = round.comments(round.emil)
    round.tell()
    assert round.luis.person not in hearers(endorsement)
    assert round.luis.person in hearers(comment)


def test_a_renamed_design_is_called_by_its_new_title() -> None:
    """A title may be changed by a patch in more ways than one, so the whole document is followed."""
    round = Round().opened()
    patch = [{"op": "add", "path": "/notes", "value": {"en": "Roofs"}}]
    patch += [{"op": "move", "from": "/notes", "path": "/title"}]
    data = {"draft": round.draft, "version": 2, "patch": patch, "document_hash": documents.digest({})}
    round.say("catalogue.draft.revised.v1", round.draft, round.dora, **data)
    round.tell()
    assert [row["title"] for row in read("SELECT title FROM draft")] == ["Roofs"]


def test_sessions_that_ended_are_known_here() -> None:
    """A revoked session is refused, and with a lost role every token given before."""
    round = Round().tell()
    before = clock.now() - timedelta(seconds=1)
    ended = {"person": round.emil.person, "session": round.emil.session}
    round.say("accounts.session.revoked.v1", round.emil.person, **ended)
    lost = {"person": round.luis.person, "organisation": round.school, "role": "lead"}
    round.say("accounts.role.revoked.v1", round.luis.person, **lost)
    round.tell()
    for actor, gone in ((round.emil, True), (round.luis, True), (round.lena, False)):
        assert revocation.is_revoked("notifications", actor.session or "", actor.person, before) is gone
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert not revocation.is_revoked("notifications", "another", round.luis.person, later)


# --- rebuilding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_folding_every_event_anew_makes_the_same_rows_in_any_order_of_the_streams(seed: int | None) -> None:
    """A whole round with its letters sent, rebuilt from the log: what was heard and what was told."""
    round = whole_round()
    changed = {"organisation": round.school, "name": "Northfield College of Roofs"}
    round.say("accounts.organisation.changed.v1", round.school, **changed)
    round.say("accounts.person.changed.v1", round.dora.person, person=round.dora.person, display_name="Dora D.")
    round.tell()
    send(Box())
    with db.of("audit").transaction() as tx:
        record(tx, [message(event) for event in round.said + emitted()])
    verdict = rebuild.check("notifications", seed)
    assert verdict.differs is None, (verdict.live, verdict.folded)
    assert verdict.events == len(round.said) + len(emitted())


def test_a_name_that_was_erased_is_no_name() -> None:
    """The private value beside the event is gone; what is told of the person is told of somebody."""
    round = Round()
    for event in round.said:
        hear(dataclasses.replace(event, private=()))
    assert {row["display_name"] for row in read("SELECT display_name FROM person")} == {None}
