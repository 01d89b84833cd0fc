"""Who may see and do what in a consultation: every kind of person, every rule of R28, before and after it closes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.codesign import policy
from services.codesign.domain.answering import Comment
from services.codesign.domain.consultation import Consultation, Draft
from services.codesign.domain.opening import VISIBILITIES
from services.kernel import ids
from services.kernel.errors import Forbidden, NotFound, Refused
from services.kernel.events import Actor

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE, OTHER = ids.new_id(), ids.new_id()
PROVIDER, EMPLOYER, BODY, STRANGER = (ids.new_id() for _ in range(4))


def actor(organisation: str | None, *roles: str, scope: str | None = None) -> Actor:
    return Actor(ids.new_id(), organisation, frozenset(roles), scope=scope)


PEOPLE = {
    "designer": actor(PROVIDER, "designer"),
    "lead": actor(PROVIDER, "lead"),
    "reviewer": actor(EMPLOYER, "reviewer"),
    "reviewer by link": actor(EMPLOYER, "reviewer", scope=HERE),
    "auditor": actor(STRANGER, "auditor"),
    # and those who see nothing
    "reviewer by another link": actor(EMPLOYER, "reviewer", scope=OTHER),
    "designer by another link": actor(PROVIDER, "designer", scope=OTHER),
    "auditor by link": actor(STRANGER, "auditor", scope=HERE),
    "reviewer not invited": actor(STRANGER, "reviewer"),
    "reviewer of the provider": actor(PROVIDER, "reviewer"),
    "designer of another provider": actor(STRANGER, "designer", "lead"),
    "administrator": actor(STRANGER, "administrator"),
    "nobody's": actor(None, "reviewer"),
    "without a role": actor(EMPLOYER),
}
PROVIDER_ACTS = "run answer readiness"
# what each may do: the acts that pass; for all others the refusal
MAY = {
    "designer": (PROVIDER_ACTS, "not-a-reviewer"),
    "lead": (PROVIDER_ACTS, "not-a-reviewer"),
    "reviewer": ("review", "not-the-provider"),
    "reviewer by link": ("review", "not-the-provider"),
    "auditor": ("readiness", None),
    "reviewer by another link": ("", "other-consultation"),
    "designer by another link": ("", "other-consultation"),
    "auditor by link": ("", "not-found"),
    "reviewer not invited": ("", "not-invited"),
    "reviewer of the provider": ("", "not-invited"),
    "designer of another provider": ("", "not-found"),
    "administrator": ("", "not-found"),
    "nobody's": ("", "not-invited"),
    "without a role": ("", "not-found"),
}
ACTS: dict[str, Callable[[Actor, Consultation], None]] = {
    "run": policy.must_run,
    "review": policy.must_review,
    "readiness": policy.must_see_readiness,
    "answer": lambda a, c: policy.must_answer(a, c, Comment(ids.new_id(), HERE, EMPLOYER, 1)),
}


def consultation(visibility: str = VISIBILITIES[0], **how: Any) -> Consultation:
    usual: dict[str, Any] = {"closes_at": NOW + timedelta(days=1), "participants": frozenset({EMPLOYER, BODY})}
    return Consultation(HERE, ids.new_id(), PROVIDER, 1, 1, visibility=visibility, **usual | how)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what(who: str, act: str) -> None:
    """The provider runs and answers, invited reviewers review, provider and auditor see what is missing."""
    may, code = MAY[who]
    if act in may.split():
        ACTS[act](PEOPLE[who], consultation())
        return
    with pytest.raises((Forbidden, NotFound)) as refusal:
        ACTS[act](PEOPLE[who], consultation())
    if code is not None:
        assert refusal.value.code == code


@pytest.mark.parametrize("who", PEOPLE)
def test_only_designers_and_leads_of_the_provider_open_a_consultation(who: str) -> None:
    """For everybody else the draft does not exist."""
    draft = Draft(ids.new_id(), PROVIDER, 1)
    if who in ("designer", "lead"):
        policy.must_open(PEOPLE[who], draft)
    else:
        with pytest.raises(NotFound):
            policy.must_open(PEOPLE[who], draft)


def test_nobody_answers_a_comment_of_their_own_organisation() -> None:
    """Even if the provider's own people had come to comment, another organisation would have to answer."""
    with pytest.raises(Forbidden) as refusal:
        policy.must_answer(PEOPLE["lead"], consultation(), Comment(ids.new_id(), HERE, PROVIDER, 1))
    assert refusal.value.code == "own-comment"


ENDINGS: dict[str, dict[str, Any]] = {
    "open": {},
    "sealed": {"sealed": True},
    "closed": {"closes_at": NOW},
    "published before it closed": {"sealed": True, "published": True},
}
# what a reviewer is shown of another organisation's words: (words, organisation)
R28 = {
    ("nothing_until_closed", "open"): (False, False),
    ("nothing_until_closed", "sealed"): (False, False),
    ("nothing_until_closed", "closed"): (True, True),
    ("nothing_until_closed", "published before it closed"): (True, True),
    ("words_without_organisation", "open"): (True, False),
    ("words_without_organisation", "sealed"): (True, False),
    ("words_without_organisation", "closed"): (True, False),
    ("words_without_organisation", "published before it closed"): (True, False),
    ("everything", "open"): (True, True),
    ("everything", "sealed"): (True, True),
    ("everything", "closed"): (True, True),
    ("everything", "published before it closed"): (True, True),
}


@pytest.mark.parametrize(("rule", "ending"), R28)
@pytest.mark.parametrize("who", ["designer", "lead", "auditor", "reviewer", "reviewer by link"])
def test_what_reviewers_see_of_each_other(who: str, rule: str, ending: str) -> None:
    """R28: provider and auditor see all, everybody their own organisation's; of others what the rule says."""
    found = consultation(rule, **ENDINGS[ending])
    sight = policy.sight(PEOPLE[who], found, BODY, NOW)
    assert policy.sight(PEOPLE[who], found, EMPLOYER, NOW) == policy.ALL
    if not who.startswith("reviewer"):
        assert sight == policy.ALL
        return
    words, organisation = R28[rule, ending]
    assert (sight.words, sight.organisation, sight.person) == (words, organisation, False)
    assert policy.sees_participants(PEOPLE[who], found, NOW) is organisation


@pytest.mark.parametrize("who", [who for who, (may, _) in MAY.items() if not may])
def test_who_has_no_business_here_sees_no_words_at_all(who: str) -> None:
    """Under every rule, and after it closed, too."""
    for rule in VISIBILITIES:
        with pytest.raises(Refused):
            policy.sight(PEOPLE[who], consultation(rule, closes_at=NOW), BODY, NOW)
