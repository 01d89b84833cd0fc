"""What the rules speak of: organisations, people, links and sessions as they stand."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation; what it claims to be is a claim until `confirmed_at` is set (R26)."""

    id: str
    name: str
    standing: str
    country: str | None = None
    register_number: str | None = None
    website: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    ground: str | None = None
    evidence: str | None = None

    @property
    def confirmed(self) -> bool:
        return self.confirmed_at is not None


@dataclass(frozen=True, slots=True)
class Person:
    """A person of one organisation. Until `joined_at` is set there is an invitation and nobody has come yet."""

    id: str
    organisation: str
    display_name: str | None = None
    roles: frozenset[str] = frozenset()
    invited_at: datetime | None = None
    invited_by_organisation: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    erased_at: datetime | None = None

    @property
    def joined(self) -> bool:
        return self.joined_at is not None

    @property
    def left(self) -> bool:
        return self.left_at is not None

    @property
    def erased(self) -> bool:
        return self.erased_at is not None


@dataclass(frozen=True, slots=True)
class Link:
    """A sign-in link as far as it is no secret. One for signing in is used once, an invitation until its deadline."""

    token: str
    person: str
    purpose: str
    expires_at: datetime
    consultation: str | None = None
    issued_by_organisation: str | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    next: str | None = None

    @property
    def once(self) -> bool:
        return self.purpose == "sign_in"


@dataclass(frozen=True, slots=True)
class Session:
    """What began with the use of a link, and goes on by renewal until it ends."""

    id: str
    person: str
    started_at: datetime
    expires_at: datetime
    token: str | None = None
    scope: str | None = None
    device: str | None = None
    renewed_at: datetime | None = None
    ended_at: datetime | None = None
