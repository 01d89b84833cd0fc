"""News put into plain words: one sentence, what to do next and where. The same words for the inbox and for mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Scene:
    """What the words of a piece of news are made of; a name that is not known, or was erased, is None."""

    type: str
    details: Mapping[str, Any]
    consultation: str | None = None
    draft: str | None = None
    title: str | None = None
    provider: str | None = None
    acting: str | None = None
    person: str | None = None
    closes_at: datetime | None = None

    @property
    def design(self) -> str:
        """The draft by its title."""
        return f"“{self.title}”" if self.title else "a design"

    @property
    def version(self) -> str:
        """The version of the draft it is about, as the beginning of a sentence."""
        return f"Version {self.details['version']} of {self.design}"

    @property
    def place(self) -> str:
        """The page of the consultation."""
        return f"/codesign/consultations/{self.consultation}"

    @property
    def workshop(self) -> str:
        """The page of the draft."""
        return f"/catalogue/drafts/{self.draft}"


@dataclass(frozen=True, slots=True)
class Wording:
    """`sentence` says what happened, `more` what it means, `action` what to do at `path` (None: a personal link)."""

    subject: str
    sentence: str
    action: str
    path: str | None
    more: tuple[str, ...] = ()
    quote: str = ""  # what stands above the person's own words, where there are any


ELEMENTS = {
    "title": "the title",
    "country": "the country",
    "awarding_body": "the awarding body",
    "outcomes": "a learning outcome",
    "workload": "the workload",
    "level": "the level",
    "assessments": "an assessment",
    "participation": "the form of participation",
    "quality_assurance": "the quality assurance",
    "prerequisites": "a prerequisite",
    "grading": "the grading",
    "stacking": "the stackability",
    "notes": "the notes",
    "use": "the use",
    "value": "the value",
    "target_groups": "a target group",
    "accommodations": "the accommodations",
    "shelf_life": "the shelf life",
    "setting": "the setting",
}
SAYING = {
    "question": "asks about",
    "concern": "has a concern about",
    "praise": "praises",
    "error": "sees an error in",
    "demand": "states a need about",
}
ANSWERS = {
    "accepted": "accepted",
    "accepted_with_changes": "accepted with changes",
    "rejected": "not accepted",
    "out_of_scope": "out of scope",
    "duplicate": "already said by another comment",
    "deferred": "kept for later",
    "withdrawn": "withdrawn",
}


def wording(scene: Scene) -> Wording:
    """Put news into words."""
    return _WORDINGS[scene.type](scene)


def _invited(s: Scene) -> Wording:
    until = f", until {day(s.closes_at)}" if s.closes_at else ""
    return Wording(
        subject=f"Your view is asked for: {s.title or 'a design'}",
        sentence=f"{s.provider or 'A provider'} asks for your view on {s.design}{until}.",
        action="Read it and comment",
        path=s.place,
        more=("Comment on one element at a time, suggest better words, and endorse what you can stand behind.",),
    )


def _commented(s: Scene) -> Wording:
    name = ELEMENTS.get(s.details["element"].split("/")[1], "an element")
    who = s.acting or "An organisation"
    return Wording(
        subject=f"New comment on {s.title or 'a design'}",
        sentence=f"{who} {SAYING[s.details['kind']]} {name} of {s.design} (version {s.details['version']}).",
        action="Read and answer",
        path=f"{s.place}#comment-{s.details['comment']}",
        more=("Every comment is answered with a reason before the design can be sealed.",),
        quote="The comment",
    )


def _answered(s: Scene) -> Wording:
    changed = f", changed in version {s.details['answered_in']}" if "answered_in" in s.details else ""
    who = s.provider or "The provider"
    return Wording(
        subject=f"Your comment on {s.title or 'a design'} was answered",
        sentence=f"{who} answered your comment on {s.design}: {ANSWERS[s.details['disposition']]}{changed}.",
        action="Read the answer",
        path=f"{s.place}#comment-{s.details['comment']}",
        quote="The reason given",
    )


def _endorsed(s: Scene) -> Wording:
    who = s.acting or "An organisation"
    return Wording(
        subject=f"{who} endorsed {s.title or 'a design'}",
        sentence=f"{who} endorsed {s.design} (version {s.details['version']}).",
        action="See the endorsement",
        path=s.place,
        more=("It holds as long as the elements it covers stay as they are.",),
        quote="What they say with it",
    )


def _submitted(s: Scene) -> Wording:
    return Wording(
        subject=f"Submitted for the seal: {s.title or 'a design'}",
        sentence=f"{s.person or 'A colleague'} submitted version {s.details['version']} of {s.design} for the seal.",
        action="See the design",
        path=s.workshop,
        more=("Once it is sealed, a lead who did not submit it will be asked to publish it.",),
    )


def _sealed(s: Scene) -> Wording:
    return Wording(
        subject=f"You may publish: {s.title or 'a design'}",
        sentence=f"{s.version} is sealed. You may publish it.",
        action="Look it over and publish",
        path=s.workshop,
        more=("Every comment is answered, and an employer and a professional body endorse it as it stands.",),
    )


def _unready(s: Scene) -> Wording:
    missing = tuple(_lacking(item) for item in s.details["missing"])
    return Wording(
        subject=f"Not ready for the seal: {s.title or 'a design'}",
        sentence=f"{s.version} could not be sealed: {'; '.join(missing)}.",
        action="See what is missing",
        path=s.place,
        more=("You can edit the design again and submit it once this is settled.",),
    )


def _published(s: Scene) -> Wording:
    return Wording(
        subject=f"Published: {s.title or 'a design'}",
        sentence=f"{s.provider or 'The provider'} published {s.design}.",
        action="See what was published",
        path=f"/catalogue/credentials/{s.details['credential']}",
        more=("You had a part in it. The public record shows what was asked, and what became of it.",),
    )


def _link(s: Scene) -> Wording:
    until = moment(s.details["expires_at"])
    if s.details["purpose"] == "sign_in":
        return Wording(
            subject="Your link to sign in to Countersign",
            sentence="Here is your link to sign in to Countersign.",
            action="Sign in",
            path=None,
            more=(
                f"It is good until {until}.",
                "Did you not ask for it? Then do nothing: without this link nobody gets in.",
            ),
        )
    to = f"to comment on {s.design}" if s.title else "to Countersign"
    who = s.acting or s.provider or "A provider"
    return Wording(
        subject=f"{who} invites you {to}",
        sentence=f"{who} invites you {to}.",
        action="Open your invitation",
        path=None,
        more=(
            "Countersign is where training providers design micro-credentials together with employers and "
            "professional bodies, and where every comment gets an answer.",
            f"There is no password: the link is yours alone, please do not pass it on. It is good until {until}.",
        ),
    )


_WORDINGS: Mapping[str, Callable[[Scene], Wording]] = {
    "codesign.participant.invited.v1": _invited,
    "codesign.comment.submitted.v1": _commented,
    "codesign.disposition.recorded.v1": _answered,
    "codesign.endorsement.given.v1": _endorsed,
    "catalogue.draft.submitted.v1": _submitted,
    "codesign.consultation.sealed.v1": _sealed,
    "codesign.consultation.unready.v1": _unready,
    "catalogue.credential.published.v1": _published,
    "accounts.token.issued.v1": _link,
}


def _lacking(item: Mapping[str, Any]) -> str:
    if item["code"] == "open_comments":
        count = len(item.get("comments", ()))
        return {0: "comments wait for an answer", 1: "one comment waits for an answer"}.get(
            count, f"{count} comments wait for an answer"
        )
    return {
        "no_employer_endorsement": "no confirmed employer endorses it as it stands",
        "no_professional_body_endorsement": "no confirmed professional body endorses it as it stands",
        "unknown_version": "the consultation does not know this version yet",
    }[item["code"]]


def day(at: datetime) -> str:
    """Write a day: 1 March 2026."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y}"


def moment(text: str) -> str:
    """Write a moment given in RFC 3339: 1 March 2026, 09:30 UTC."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return f"{day(at)}, {at:%H:%M} UTC"
