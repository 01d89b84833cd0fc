"""Sessions: a short token signed for all services, renewed by a secret that changes at each use, ended at any time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from services.accounts.domain.values import Link, Person, Session
from services.kernel.errors import NotFound
from services.kernel.events import Actor, Fact
from services.kernel.language import say

TOKEN_LIFETIME = timedelta(minutes=10)
SESSION_LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=60)
ISSUER = "countersign"


class Verdict(Enum):
    """What becomes of a renewal."""

    RENEW = "renew"
    ENDED = "ended"
    STOLEN = "stolen"


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal secret that was shown: its number in the session, and since when a later one has been in use."""

    session: Session
    number: int
    overtaken_at: datetime | None


def begin(id: str, person: Person, link: Link, device: str | None, at: datetime) -> Session:
    """Begin a session by a link; a link for one consultation gives a session for it alone."""
    return Session(
        id=id,
        person=person.id,
        started_at=at,
        expires_at=at + SESSION_LIFETIME,
        token=link.token,
        scope=link.consultation,
        device=device,
    )


def judge(renewal: Renewal, person: Person | None, at: datetime) -> Verdict:
    """Say whether a renewal secret is good.

    Parallel tabs show the same one, and an answer can get lost: an old secret is good until a later one has been in use
    for the time of grace. After that it is a copy in other hands, and the session ends.
    """
    session = renewal.session
    if session.ended_at is not None or session.expires_at <= at or person is None or person.left:
        return Verdict.ENDED
    if renewal.overtaken_at is not None and renewal.overtaken_at + GRACE < at:
        return Verdict.STOLEN
    return Verdict.RENEW


def claims(session: Session, person: Person, at: datetime) -> dict[str, object]:
    """Return what the token says, moments in seconds; `iat` with its fraction, as a revocation may fall in the same."""
    said: dict[str, object] = {
        "iss": ISSUER,
        "sub": person.id,
        "sid": session.id,
        "org": person.organisation,
        "roles": sorted(person.roles),
        "iat": at.timestamp(),
        "exp": int(token_end(session, at).timestamp()),
    }
    return said | ({"scope": session.scope} if session.scope else {})


def token_end(session: Session, at: datetime) -> datetime:
    """Return until when a token given now is good: ten minutes, and never longer than its session."""
    return min(at + TOKEN_LIFETIME, session.expires_at)


def end(actor: Actor, session: Session) -> Fact:
    """Decide on the end of a session: everybody their own."""
    if actor.person != session.person:
        raise NotFound(say("There is no such session of yours."))
    return _ended(actor, session)


def end_all(actor: Actor, sessions: list[Session]) -> list[Fact]:
    """Decide on the end of several sessions at once: those that a revoked link began."""
    return [_ended(actor, session) for session in sessions]


def _ended(actor: Actor, session: Session) -> Fact:
    data = {"person": session.person, "session": session.id}
    return Fact("accounts.session.revoked.v1", session.person, data, actor)
