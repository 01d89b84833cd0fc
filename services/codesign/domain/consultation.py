"""A consultation as the rules see it: what it is about, who takes part, and where it stands."""

from dataclasses import dataclass
from datetime import UTC, datetime

from services.kernel.documents import Document
from services.kernel.errors import Invalid, Refused
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Draft:
    """A design of a provider, as heard from the catalogue; `newest` is the number of its last version, from 1."""

    id: str
    provider: str
    newest: int
    published: bool = False
    consultation: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a draft: its number from 1, its document, and the SHA-256 of that document's canonical JSON."""

    number: int
    document: Document
    hash: str


@dataclass(frozen=True, slots=True)
class Consultation:
    """A round of comments on a draft. `newest` is the version under consultation: later revisions move it on."""

    id: str
    draft: str
    provider: str
    opened_on: int
    newest: int
    closes_at: datetime
    visibility: str = "nothing_until_closed"
    participants: frozenset[str] = frozenset()
    sealed: bool = False
    published: bool = False

    def is_closed_at(self, now: datetime) -> bool:
        """Say whether its time is over: the closing date has come, or the design is published."""
        return self.published or self.closes_at <= now

    @property
    def is_changeable(self) -> bool:
        """Whether anything can still be said: the design is neither published nor sealed."""
        return not (self.published or self.sealed)

    def check_changeable(self) -> None:
        """Raise Refused where nothing can be said any more: the design is published, or sealed and not recalled."""
        if self.published:
            raise Refused(
                say("The design is published, and this consultation is finished. What was said in it stays on record."),
                code="consultation-finished",
            )
        if self.sealed:
            raise Refused(
                say(
                    "The design is sealed for publication, so nothing can be added to it now. It is open "
                    "again when the provider recalls it."
                ),
                code="consultation-sealed",
            )

    def check_takes_comments_at(self, now: datetime) -> None:
        """Raise Refused where comments are not taken: after the seal, and after the closing date."""
        self.check_changeable()
        if self.is_closed_at(now):
            raise Refused(
                say(
                    "The consultation closed on {closes_at}, so it takes no more comments. Your organisation "
                    "can still endorse the design.",
                    closes_at=in_words(self.closes_at),
                ),
                code="consultation-closed",
            )

    def check_reached(self, version: Version | None) -> Version:
        """Return the version where it is one of this consultation's; raise Invalid at `/version` where it is not."""
        if version is None or not self.opened_on <= version.number <= self.newest:
            one = self.opened_on == self.newest
            reach = f"version {self.newest}" if one else f"versions {self.opened_on} to {self.newest}"
            raise Invalid(
                say("This version is not part of the consultation."),
                fields={
                    "/version": [say("There is no such version here. The consultation is about {reach}.", reach=reach)]
                },
            )
        return version


def in_words(moment: datetime) -> str:
    """Write a moment in a sentence: 1 March 2026 at 17:00 UTC."""
    at = moment.astimezone(UTC)
    return f"{at.day} {at:%B %Y} at {at:%H:%M} UTC"
