"""Invitations: somebody is asked in by address, into an organisation that is here or is named with the invitation."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.accounts import policy
from services.accounts.commands.organisations import existing, register_in
from services.accounts.commands.saving import save, transaction
from services.accounts.domain import links as link_rules
from services.accounts.domain import people as rules
from services.accounts.domain import sessions as session_rules
from services.accounts.domain.addresses import normalised
from services.accounts.domain.organisations import NewOrganisation
from services.accounts.domain.people import Invitation
from services.accounts.domain.values import Organisation, Person
from services.accounts.store import consultations, links, organisations, people, sessions
from services.kernel import clock, ids
from services.kernel.db import Transaction
from services.kernel.errors import NotFound, Refused
from services.kernel.events import Actor, Event
from services.kernel.language import say

USUAL_TIME = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invite:
    """Who is asked in, and how far. `organisation` is an id, or what is said of one that is not here yet."""

    address: str
    organisation: str | NewOrganisation
    roles: frozenset[str]
    display_name: str | None = None
    consultation: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invited:
    """The outcome of an invitation."""

    person: str
    organisation: str
    token: str
    event: Event


@dataclass(frozen=True, slots=True)
class Invitable:
    """What the invitation's form offers: where one may invite, with which roles, and a proposed deadline."""

    organisations: list[tuple[Organisation, frozenset[str]]]
    until: datetime

    @property
    def roles(self) -> frozenset[str]:
        """Return every role that can be given somewhere."""
        return frozenset().union(*(roles for _, roles in self.organisations)) or policy.OF_OTHERS

    @property
    def reviewers_only(self) -> bool:
        """Say whether there is nothing to choose."""
        return self.roles == policy.OF_OTHERS


def invite(actor: Actor, wish: Invite) -> Invited:
    """Invite somebody by address; the mail with the link follows."""
    at, address = clock.now(), normalised(wish.address)
    with transaction() as tx:
        count = links.count(tx, link_rules.INVITATIONS_OF_A_PERSON, actor.person, at)
        link_rules.within(link_rules.INVITATIONS_OF_A_PERSON, count)
        closes_at = _closing(tx, actor, wish.consultation)
        organisation = _organisation(tx, actor, wish.organisation)
        person = people.by_address(tx, address, lock=True) or Person(ids.new_id(), organisation.id)
        invitation = Invitation(wish.roles, wish.expires_at or closes_at or at + USUAL_TIME, wish.consultation)
        token = ids.new_id()
        facts = rules.invite(actor, organisation, person, invitation, token, at)
        _keep_address(tx, person.id, address, wish.display_name)
        links.keep_next(tx, token, wish.consultation and f"/codesign/consultations/{wish.consultation}")
        first = save(tx, *facts)[0]
        return Invited(person.id, organisation.id, token, first)


def invitable(actor: Actor, consultation: str | None) -> Invitable:
    """Return what this actor may offer; raise Forbidden where that is nothing."""
    with transaction(read_only=True) as tx:
        closes_at = _closing(tx, actor, consultation)
        every = [(o, policy.roles_to_give(actor, o)) for o in organisations.every(tx)]
    return Invitable([(o, roles) for o, roles in every if roles], closes_at or clock.now() + USUAL_TIME)


def revoke_link(actor: Actor, token: str) -> Event:
    """Take a link back; the sessions it began end with it."""
    with transaction() as tx:
        link = links.get(tx, token, lock=True)
        if link is None:
            raise NotFound(say("There is no such invitation."))
        revoked = link_rules.revoke(actor, link)
        begun = sessions.open_ones(tx, clock.now(), token=token)
        return save(tx, revoked, *session_rules.end_all(actor, begun))[0]


def _organisation(tx: Transaction, actor: Actor, wish: str | NewOrganisation) -> Organisation:
    """Return the organisation to invite into, registering it where it is new."""
    if isinstance(wish, str):
        return existing(tx, wish)
    return existing(tx, register_in(tx, actor, wish).subject)


def _closing(tx: Transaction, actor: Actor, consultation: str | None) -> datetime | None:
    """Return when the consultation closes, where it is known here already; raise where it is somebody else's."""
    found = consultations.get(tx, consultation) if consultation else None
    if found is None:
        return None
    policy.invite_to(actor, found.organisation)
    return found.closes_at


def _keep_address(tx: Transaction, person: str, address: str, suggested_name: str | None) -> None:
    if people.contact(tx, person) is None and not people.keep_address(tx, person, address, suggested_name):
        raise Refused(
            say("Somebody is inviting this address just now. Please try again in a moment."), code="in-progress"
        )
