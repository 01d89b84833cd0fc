"""Who may read which entry: an entry is for audiences, and a reader belongs to audiences; pure functions of both.

An auditor reads everything. An organisation's people read the entries of its own aggregates and of consultations it
takes part in, of these what others said as far as the consultation lets its reviewers see each other (R28). Everybody
reads the entries of published designs, comments among them only where their organisation agreed to that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.kernel.events import Actor

PUBLIC = "public"  # everybody, without the private words
PUBLIC_WORDS = "public words"


def of(organisation: str) -> str:
    """Name the audience of an organisation whose own doing an entry is: its people see which persons acted."""
    return f"of {organisation}"


def told(organisation: str) -> str:
    """Name the audience of an organisation that an entry concerns: its people read it, words and all."""
    return f"told {organisation}"


def invited(consultation: str) -> str:
    """Name the audience of all who take part in a consultation."""
    return f"invited {consultation}"


def listening(consultation: str) -> str:
    """Name the audience of those who, taking part in a consultation, may know what the others said and who they are."""
    return f"listening {consultation}"


def published(consultation: str) -> str:
    """Name the audience that waits for the publication of the design: what everybody may see of its consultation."""
    return f"published {consultation}"


def agreed(consultation: str) -> str:
    """Name the audience that waits for it too: what may be read with its words, for its organisation agreed."""
    return f"agreed {consultation}"


@dataclass(frozen=True, slots=True)
class Participation:
    """A consultation that an organisation was invited to."""

    consultation: str
    visibility: str
    closes_at: datetime | None

    def listens_at(self, now: datetime) -> bool:
        """Say whether those who take part may know of each other's words now, and whose they are."""
        if self.visibility == "nothing_until_closed":
            return self.closes_at is not None and now >= self.closes_at
        return self.visibility == "everything"


@dataclass(frozen=True, slots=True)
class Reader:
    """One who reads: everything, or what is for these audiences, of one subject only where `subject` says so.

    `own` is the audience that is closest: who sees an entry as a member of it sees which persons acted. `person` is who
    reads, None where that is nobody in particular.
    """

    everything: bool = False
    audiences: frozenset[str] = frozenset({PUBLIC, PUBLIC_WORDS})
    own: str | None = None
    subject: str | None = None
    person: str | None = None

    def sees_persons(self, matched: Iterable[str]) -> bool:
        """Say whether the reader may know which person acted, given the audiences through which they see an entry."""
        return self.everything or self.own in set(matched)

    def reads_words(self, matched: Iterable[str]) -> bool:
        """Say whether the reader may read private words, given the audiences through which they see an entry."""
        return self.everything or bool(set(matched) - {PUBLIC})


ANYBODY = Reader()


def reader(actor: Actor | None, takes_part_in: Iterable[Participation], now: datetime) -> Reader:
    """Return what somebody reads. A person who came by a link for one consultation reads that one and no more."""
    if actor is None or actor.organisation is None:
        return ANYBODY
    if actor.has("auditor") and actor.scope is None:
        return Reader(everything=True, person=actor.person)
    audiences = {PUBLIC, PUBLIC_WORDS, of(actor.organisation), told(actor.organisation)}
    for part in takes_part_in:
        audiences |= {invited(part.consultation)} | ({listening(part.consultation)} if part.listens_at(now) else set())
    return Reader(False, frozenset(audiences), of(actor.organisation), actor.scope, actor.person)
