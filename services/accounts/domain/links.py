"""Sign-in links: issued, used once or until a deadline, revoked; and how often one may ask for them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.accounts.domain.values import Link
from services.accounts.policy import is_administrator
from services.kernel.clock import rfc3339
from services.kernel.errors import Forbidden, Gone, NotFound, Refused, TooMany
from services.kernel.events import Actor, Fact
from services.kernel.language import say

SIGN_IN_LIFETIME = timedelta(minutes=30)
HOW_TO_GO_ON = say("Ask for a new sign-in link with your e-mail address: it takes a minute.")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` of something within a window of time, per key (an address, a client, a person)."""

    what: str
    most: int
    window: timedelta


LINKS_TO_AN_ADDRESS = Limit("link-to-address", 5, timedelta(minutes=15))
LINKS_FROM_A_CLIENT = Limit("link-from-client", 30, timedelta(minutes=15))  # a whole school can sit behind one address
INVITATIONS_OF_A_PERSON = Limit("invitation", 100, timedelta(hours=1))


def within(limit: Limit, count: int) -> None:
    """Raise TooMany where this is one more than may be."""
    if count > limit.most:
        minutes = int(limit.window.total_seconds() // 60)
        raise TooMany(
            say("That was asked for too often. Please wait {minutes} minutes, then try again.", minutes=minutes)
        )


def issue(
    actor: Actor,
    person: str,
    token: str,
    purpose: str,
    expires_at: datetime,
    *,
    consultation: str | None = None,
    handed_over: bool = False,
) -> Fact:
    """Decide on a link. Its secret is made later, when the mail is sent, and is in no event."""
    data: dict[str, object] = {"token": token, "person": person, "purpose": purpose, "expires_at": rfc3339(expires_at)}
    data |= {"consultation": consultation} if consultation else {}
    data |= {"handed_over": True} if handed_over else {}
    return Fact("accounts.token.issued.v1", person, data, actor)


def revoke(actor: Actor, link: Link) -> Fact:
    """Decide on taking a link back: by whoever it is for, those who gave it, or an administrator."""
    givers = actor.has("lead", "designer") and actor.organisation == link.issued_by_organisation
    if not (givers or actor.person == link.person or is_administrator(actor)):
        raise Forbidden(say("A link is revoked by the organisation that gave it, or by an administrator."))
    if link.revoked_at is not None:
        raise Refused(say("This link is revoked already."), code="revoked")
    return Fact("accounts.token.revoked.v1", link.person, {"token": link.token, "person": link.person}, actor)


def usable(link: Link | None, at: datetime) -> Link:
    """Return a link that opens something; raise NotFound or Gone, with the way to a new one, otherwise."""
    if link is None:
        raise NotFound(
            say(
                "We do not know this link; perhaps a part of it got lost on the way. {how_to_go_on}",
                how_to_go_on=HOW_TO_GO_ON,
            )
        )
    if link.revoked_at is not None:
        raise Gone(
            say("This link was taken back by those who gave it. {how_to_go_on}", how_to_go_on=HOW_TO_GO_ON),
            code="link-revoked",
        )
    if link.once and link.used_at is not None:
        raise Gone(
            say("This link was used already, and it works only once. {how_to_go_on}", how_to_go_on=HOW_TO_GO_ON),
            code="link-used",
        )
    if link.expires_at <= at:
        raise Gone(say("This link has run out. {how_to_go_on}", how_to_go_on=HOW_TO_GO_ON), code="link-expired")
    return link
