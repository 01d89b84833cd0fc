"""News put into plain words: one sentence, what to do next and where. The same words for the inbox and for mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.kernel.language import joined, say, say_of


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
        return say("“{title}”", title=self.title) if self.title else say("a design")

    @property
    def version(self) -> str:
        """The version of the draft it is about, as the beginning of a sentence."""
        return say("Version {version} of {design}", version=self.details["version"], design=self.design)

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
    "title": say("the title"),
    "country": say("the country"),
    "awarding_body": say("the awarding body"),
    "outcomes": say("a learning outcome"),
    "workload": say("the workload"),
    "level": say("the level"),
    "assessments": say("an assessment"),
    "participation": say("the form of participation"),
    "quality_assurance": say("the quality assurance"),
    "prerequisites": say("a prerequisite"),
    "grading": say("the grading"),
    "stacking": say("the stackability"),
    "notes": say("the notes"),
    "use": say("the use"),
    "value": say("the value"),
    "target_groups": say("a target group"),
    "accommodations": say("the accommodations"),
    "shelf_life": say("the shelf life"),
    "setting": say("the setting"),
}
SAYING = {
    "question": say("asks about"),
    "concern": say("has a concern about"),
    "praise": say("praises"),
    "error": say("sees an error in"),
    "demand": say("states a need about"),
}
ANSWERS = {
    "accepted": say("accepted"),
    "accepted_with_changes": say("accepted with changes"),
    "rejected": say("not accepted"),
    "out_of_scope": say("out of scope"),
    "duplicate": say("already said by another comment"),
    "deferred": say("kept for later"),
    "withdrawn": say("withdrawn"),
}


def wording(scene: Scene) -> Wording:
    """Put news into words."""
    return _WORDINGS[scene.type](scene)


def _invited(s: Scene) -> Wording:
    until = say(", until {day}", day=s.closes_at.astimezone(UTC)) if s.closes_at else ""
    return Wording(
        subject=say("Your view is asked for: {design}", design=s.title or say("a design")),
        sentence=say(
            "{provider} asks for your view on {design}{until}.",
            provider=s.provider or say("A provider"),
            design=s.design,
            until=until,
        ),
        action=say("Read it and comment"),
        path=s.place,
        more=(say("Comment on one element at a time, suggest better words, and endorse what you can stand behind."),),
    )


def _commented(s: Scene) -> Wording:
    name = ELEMENTS.get(s.details["element"].split("/")[1], say("an element"))
    who = s.acting or say("An organisation")
    return Wording(
        subject=say("New comment on {design}", design=s.title or say("a design")),
        sentence=say(
            "{who} {kind} {name} of {design} (version {version}).",
            who=who,
            kind=SAYING[s.details["kind"]],
            name=name,
            design=s.design,
            version=s.details["version"],
        ),
        action=say("Read and answer"),
        path=f"{s.place}#comment-{s.details['comment']}",
        more=(say("Every comment is answered with a reason before the design can be sealed."),),
        quote=say("The comment"),
    )


def _answered(s: Scene) -> Wording:
    changed = (
        say(", changed in version {answered_in}", answered_in=s.details["answered_in"])
        if "answered_in" in s.details
        else ""
    )
    who = s.provider or say("The provider")
    return Wording(
        subject=say("Your comment on {design} was answered", design=s.title or say("a design")),
        sentence=say(
            "{who} answered your comment on {design}: {disposition}{changed}.",
            who=who,
            design=s.design,
            disposition=ANSWERS[s.details["disposition"]],
            changed=changed,
        ),
        action=say("Read the answer"),
        path=f"{s.place}#comment-{s.details['comment']}",
        quote=say("The reason given"),
    )


def _endorsed(s: Scene) -> Wording:
    who = s.acting or say("An organisation")
    return Wording(
        subject=say("{who} endorsed {design}", who=who, design=s.title or say("a design")),
        sentence=say(
            "{who} endorsed {design} (version {version}).", who=who, design=s.design, version=s.details["version"]
        ),
        action=say("See the endorsement"),
        path=s.place,
        more=(say("It holds as long as the elements it covers stay as they are."),),
        quote=say("What they say with it"),
    )


def _submitted(s: Scene) -> Wording:
    return Wording(
        subject=say("Submitted for the seal: {design}", design=s.title or say("a design")),
        sentence=say(
            "{colleague} submitted version {version} of {design} for the seal.",
            colleague=s.person or say("A colleague"),
            version=s.details["version"],
            design=s.design,
        ),
        action=say("See the design"),
        path=s.workshop,
        more=(say("Once it is sealed, a lead who did not submit it will be asked to publish it."),),
    )


def _sealed(s: Scene) -> Wording:
    return Wording(
        subject=say("You may publish: {design}", design=s.title or say("a design")),
        sentence=say("{version} is sealed. You may publish it.", version=s.version),
        action=say("Look it over and publish"),
        path=s.workshop,
        more=(say("Every comment is answered, and an employer and a professional body endorse it as it stands."),),
    )


def _unready(s: Scene) -> Wording:
    missing = tuple(_lacking(item) for item in s.details["missing"])
    return Wording(
        subject=say("Not ready for the seal: {design}", design=s.title or say("a design")),
        sentence=say("{version} could not be sealed: {missing}.", version=s.version, missing=joined(missing, "; ")),
        action=say("See what is missing"),
        path=s.place,
        more=(say("You can edit the design again and submit it once this is settled."),),
    )


def _published(s: Scene) -> Wording:
    return Wording(
        subject=say("Published: {design}", design=s.title or say("a design")),
        sentence=say("{provider} published {design}.", provider=s.provider or say("The provider"), design=s.design),
        action=say("See what was published"),
        path=f"/catalogue/credentials/{s.details['credential']}",
        more=(say("You had a part in it. The public record shows what was asked, and what became of it."),),
    )


def _link(s: Scene) -> Wording:
    until = moment(s.details["expires_at"])
    if s.details["purpose"] == "sign_in":
        return Wording(
            subject=say("Your link to sign in to Countersign"),
            sentence=say("Here is your link to sign in to Countersign."),
            action=say("Sign in"),
            path=None,
            more=(
                say("It is good until {until}.", until=until),
                say("Did you not ask for it? Then do nothing: without this link nobody gets in."),
            ),
        )
    to = say("to comment on {design}", design=s.design) if s.title else say("to Countersign")
    who = s.acting or s.provider or say("A provider")
    return Wording(
        subject=say("{who} invites you {to}", who=who, to=to),
        sentence=say("{who} invites you {to}.", who=who, to=to),
        action=say("Open your invitation"),
        path=None,
        more=(
            say(
                "Countersign is where training providers design micro-credentials together with "
                "employers and professional bodies, and where every comment gets an answer."
            ),
            say(
                "There is no password: the link is yours alone, please do not pass it on. It is good until {until}.",
                until=until,
            ),
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
        if count == 0:
            return say("comments wait for an answer")
        return say_of(count, "one comment waits for an answer", "{n} comments wait for an answer")
    return {
        "no_employer_endorsement": say("no confirmed employer endorses it as it stands"),
        "no_professional_body_endorsement": say("no confirmed professional body endorses it as it stands"),
        "unknown_version": say("the consultation does not know this version yet"),
    }[item["code"]]


def moment(text: str) -> str:
    """Write a moment given in RFC 3339: 1 March 2026, 09:30 UTC."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return say("{day}, {time} UTC", day=at, time=f"{at:%H:%M}")
