"""Who hears of what, on which channels, and what becomes of a letter that cannot be delivered."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from services.kernel.events import SYSTEM, Fact

Channel = Literal["inbox", "email"]
Ground = Literal["no_address", "expired", "refused", "unreachable"]


class TooEarly(Exception):
    """What the news speaks of is not known here yet: its own event is on the way, and the bus tries again later."""


@dataclass(frozen=True, slots=True)
class News:
    """An event that people are told of: who did it (person or "system"), where, and the few details its words need."""

    event: str
    type: str
    time: datetime
    actor: str
    organisation: str | None = None
    consultation: str | None = None
    draft: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an organisation they have joined and not left, with the roles held there now."""

    person: str
    organisation: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Circle:
    """Everybody who may have to do with a piece of news, and what part they play in it."""

    members: tuple[Member, ...] = ()
    provider: str | None = None
    invited: frozenset[str] = frozenset()
    commenter: str | None = None
    submitter: str | None = None
    contributors: frozenset[str] = frozenset()

    def holding(self, roles: Iterable[str], organisations: Iterable[str | None]) -> set[str]:
        """Return the members of these organisations who hold one of these roles there."""
        wanted, places = frozenset(roles), frozenset(organisations)
        return {m.person for m in self.members if m.organisation in places and not wanted.isdisjoint(m.roles)}

    def present(self, people: Iterable[str | None]) -> set[str]:
        """Return those of these people who still belong to some organisation."""
        return {m.person for m in self.members} & set(people)


Group = Callable[[News, Circle], set[str]]


def invited_reviewers(news: News, circle: Circle) -> set[str]:
    """The reviewers of the one organisation that was invited."""
    return circle.holding(["reviewer"], [news.details["organisation"]])


def all_reviewers(_: News, circle: Circle) -> set[str]:
    """The reviewers of every organisation that was invited."""
    return circle.holding(["reviewer"], circle.invited)


def authors(_: News, circle: Circle) -> set[str]:
    """The provider's people who write."""
    return circle.holding(["designer", "lead"], [circle.provider])


def leads(_: News, circle: Circle) -> set[str]:
    """The provider's people who decide."""
    return circle.holding(["lead"], [circle.provider])


def possible_publishers(news: News, circle: Circle) -> set[str]:
    """The leads but the one who submitted: publishing takes a second person."""
    return leads(news, circle) - {circle.submitter}


def submitter(_: News, circle: Circle) -> set[str]:
    """Who asked for the seal."""
    return circle.present([circle.submitter])


def commenter(_: News, circle: Circle) -> set[str]:
    """Whose comment it is about."""
    return circle.present([circle.commenter])


def contributors(_: News, circle: Circle) -> set[str]:
    """Everybody who commented or endorsed."""
    return circle.present(circle.contributors)


def addressee(news: News, _: Circle) -> set[str]:
    """The one person a link is for."""
    return {news.details["person"]}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who hears of one type of event, and how. An `answer` is the platform's, so nobody's own act."""

    groups: tuple[Group, ...]
    channels: tuple[Channel, ...] = ("inbox", "email")
    answer: bool = False


RULES: Mapping[str, Rule] = {
    "codesign.participant.invited.v1": Rule((invited_reviewers,)),
    "codesign.comment.submitted.v1": Rule((authors,)),
    "codesign.disposition.recorded.v1": Rule((commenter,)),
    "codesign.endorsement.given.v1": Rule((leads,)),
    "catalogue.draft.submitted.v1": Rule((leads,)),
    "codesign.consultation.sealed.v1": Rule((possible_publishers,), answer=True),
    "codesign.consultation.unready.v1": Rule((submitter, leads), answer=True),
    "catalogue.credential.published.v1": Rule((all_reviewers, contributors, authors)),
    "accounts.token.issued.v1": Rule((addressee,), channels=("email",), answer=True),
}


def hearers(news: News, circle: Circle) -> frozenset[str]:
    """Return the persons who are told: those the rule names, never about their own act."""
    if news.details.get("handed_over"):  # an operator hands the link over
        return frozenset()
    rule = RULES[news.type]
    named = {person for group in rule.groups for person in group(news, circle)}
    return frozenset(named if rule.answer else named - {news.actor})


# Waits between the tries of a letter, in seconds: a restart is bridged in moments, a relay that is down in two days.
WAITS = (2, 10, 30, 120, 600, 1800, 3600, 10800, 21600, 43200, 86400)
LAST_TRY = len(WAITS) + 1
DIRECTORY_WAIT = 10  # seconds until accounts is asked again; it is part of the platform, so this never runs out


def next_try(attempt: int, now: datetime) -> datetime | None:
    """Return when a letter is tried again after its `attempt`th failure, or None after the last."""
    return now + timedelta(seconds=WAITS[attempt - 1]) if attempt < LAST_TRY else None


@dataclass(frozen=True, slots=True)
class Notice:
    """That one person is told of one event on one channel; `about_type` is the event's type."""

    notice: str
    person: str
    about: str
    about_type: str
    channel: Channel


def delivered(notice: Notice) -> Fact:
    """A person was told."""
    return Fact("notifications.notice.delivered.v1", notice.notice, _data(notice), SYSTEM)


def failed(notice: Notice, ground: Ground) -> Fact:
    """A person could not be told, and no further try is made."""
    return Fact("notifications.notice.failed.v1", notice.notice, _data(notice) | {"ground": ground}, SYSTEM)


def _data(notice: Notice) -> dict[str, str]:
    return {
        "notice": notice.notice,
        "person": notice.person,
        "about": notice.about,
        "about_type": notice.about_type,
        "channel": notice.channel,
    }
