"""Who hears of what, in which words, and when a letter is tried again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.kernel import contracts
from services.notifications.domain import LAST_TRY, RULES, WAITS, Circle, Member, News, hearers, next_try
from services.notifications.words import ANSWERS, SAYING, Scene, wording

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

# The provider's designer, two leads and an auditor; a reviewer and a designer of an employer; a body's reviewer.
CIRCLE = Circle(
    members=(
        Member("dora", "school", frozenset({"designer"})),
        Member("lena", "school", frozenset({"lead"})),
        Member("luis", "school", frozenset({"lead", "designer"})),
        Member("aude", "school", frozenset({"auditor"})),
        Member("emil", "employer", frozenset({"reviewer"})),
        Member("ella", "employer", frozenset({"designer"})),
        Member("bo", "body", frozenset({"reviewer"})),
    ),
    provider="school",
    invited=frozenset({"employer", "body"}),
    commenter="emil",
    submitter="luis",
    contributors=frozenset({"emil", "gone"}),
)

DETAILS: Mapping[str, Mapping[str, Any]] = {
    "codesign.participant.invited.v1": {"organisation": "employer"},
    "accounts.token.issued.v1": {"person": "emil", "purpose": "sign_in", "expires_at": "2026-03-01T12:30:00Z"},
}


def told(type: str, actor: str, circle: Circle = CIRCLE, **details: Any) -> set[str]:
    return set(hearers(News("event", type, NOON, actor, details={**DETAILS.get(type, {}), **details}), circle))


@pytest.mark.parametrize(
    ("type", "actor", "who"),
    [
        ("codesign.participant.invited.v1", "dora", {"emil"}),
        ("codesign.comment.submitted.v1", "emil", {"dora", "lena", "luis"}),
        ("codesign.comment.submitted.v1", "dora", {"lena", "luis"}),
        ("codesign.disposition.recorded.v1", "dora", {"emil"}),
        ("codesign.disposition.recorded.v1", "emil", set()),
        ("codesign.endorsement.given.v1", "bo", {"lena", "luis"}),
        ("catalogue.draft.submitted.v1", "luis", {"lena"}),
        ("codesign.consultation.sealed.v1", "system", {"lena"}),
        ("codesign.consultation.unready.v1", "system", {"lena", "luis"}),
        ("catalogue.credential.published.v1", "lena", {"dora", "luis", "emil", "bo"}),
        ("accounts.token.issued.v1", "emil", {"emil"}),
    ],
)
def test_each_event_is_told_to_those_it_concerns_and_never_to_whoever_did_it(
    type: str, actor: str, who: set[str]
) -> None:
    """The table of who hears of what."""
    assert told(type, actor) == who


@pytest.mark.parametrize("type", ["codesign.consultation.sealed.v1", "codesign.consultation.unready.v1"])
def test_the_platforms_answer_is_nobodys_own_act(type: str) -> None:
    """A seal or its refusal may bear the submitter as its actor; the submitter still hears that it was not sealed."""
    assert told(type, "luis") == told(type, "system")


def test_a_submitter_who_is_no_lead_hears_that_the_seal_was_refused() -> None:
    """Whoever asked for the seal gets the answer."""
    circle = Circle(members=CIRCLE.members, provider="school", submitter="dora")
    assert told("codesign.consultation.unready.v1", "system", circle) == {"dora", "lena", "luis"}


def test_who_has_left_is_told_nothing() -> None:
    """Somebody who commented and then left belongs nowhere any more."""
    circle = Circle(members=CIRCLE.members[:2], provider="school", commenter="emil", contributors=frozenset({"emil"}))
    assert told("codesign.disposition.recorded.v1", "dora", circle) == set()
    assert told("catalogue.credential.published.v1", "lena", circle) == {"dora"}


def test_a_role_counts_only_where_it_is_held() -> None:
    """A lead of another organisation decides nothing about this design, and hears nothing of it."""
    stranger = Member("leo", "employer", frozenset({"lead"}))
    circle = Circle(members=(*CIRCLE.members, stranger), provider="school")
    assert "leo" not in told("codesign.endorsement.given.v1", "bo", circle)


def test_a_link_that_an_operator_hands_over_is_not_mailed() -> None:
    """accounts says so in the event."""
    assert told("accounts.token.issued.v1", "system", handed_over=True) == set()


def test_links_come_by_mail_alone_and_everything_else_by_inbox_and_mail() -> None:
    """A secret's notice would be of no use in an inbox that one can only read when signed in."""
    channels = {type: set(rule.channels) for type, rule in RULES.items()}
    assert channels.pop("accounts.token.issued.v1") == {"email"}
    assert all(found == {"inbox", "email"} for found in channels.values())


def test_a_letter_waits_longer_after_each_failure_and_is_given_up_after_the_last() -> None:
    """From two seconds to a day, and twelve tries in all."""
    waits = [next_try(attempt, NOON) for attempt in range(1, LAST_TRY)]
    assert waits == [NOON + timedelta(seconds=seconds) for seconds in WAITS]
    assert list(WAITS) == sorted(set(WAITS))
    assert next_try(LAST_TRY, NOON) is None


def example(type: str, **changes: Any) -> Scene:
    details = {
        "comment": "c-1",
        "version": 3,
        "kind": "concern",
        "element": "/outcomes/lo-1",
        "disposition": "accepted",
        "credential": "cr-1",
        "person": "emil",
        "purpose": "invitation",
        "expires_at": "2026-03-14T12:00:00Z",
        "missing": [{"code": "open_comments", "comments": ["c-1", "c-2"]}, {"code": "no_employer_endorsement"}],
    } | changes
    return Scene(type, details, "con-1", "dr-1", "Solar roofs", "Northfield College", "Brightwork Ltd", "Lena", NOON)


@pytest.mark.parametrize("type", sorted(RULES))
def test_every_kind_of_news_has_words_with_and_without_the_names(type: str) -> None:
    """A name may be unknown or erased: the sentence is whole all the same."""
    bare = Scene(type, example(type).details, "con-1", "dr-1")
    for scene in (example(type), bare):
        say = wording(scene)
        assert say.sentence.endswith(".")
        assert "None" not in say.sentence + say.subject + str(say.path or "")
        assert say.action
        assert (say.path is None) == (type == "accounts.token.issued.v1")


def test_what_is_missing_for_the_seal_is_said_in_words() -> None:
    """The codes of the event become sentences."""
    say = wording(example("codesign.consultation.unready.v1"))
    assert say.sentence == (
        "Version 3 of “Solar roofs” could not be sealed: 2 comments wait for an answer; "
        "no confirmed employer endorses it as it stands."
    )


def test_a_comments_place_and_an_answers_change_are_named() -> None:
    """The element in words, and the version that carries the change."""
    comment = wording(example("codesign.comment.submitted.v1"))
    assert comment.sentence == "Brightwork Ltd has a concern about a learning outcome of “Solar roofs” (version 3)."
    answer = wording(example("codesign.disposition.recorded.v1", disposition="accepted_with_changes", answered_in=4))
    assert "accepted with changes, changed in version 4" in answer.sentence


@pytest.mark.parametrize(
    ("type", "field", "words"),
    [
        ("codesign.comment.submitted.v1", "kind", SAYING),
        ("codesign.disposition.recorded.v1", "disposition", ANSWERS),
    ],
)
def test_there_are_words_for_every_value_of_the_contract(type: str, field: str, words: Mapping[str, str]) -> None:
    """A kind or disposition that is added to a contract needs words here."""
    assert set(contracts.schema(type)["properties"][field]["enum"]) == set(words)


def test_there_are_words_for_everything_that_can_be_missing() -> None:
    """As the contract of unready lists it."""
    items = contracts.schema("codesign.consultation.unready.v1")["properties"]["missing"]["items"]
    for code in items["properties"]["code"]["enum"]:
        assert wording(example("codesign.consultation.unready.v1", missing=[{"code": code}])).sentence
