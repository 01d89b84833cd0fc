"""People: invited by address, joined at the first use of their link, given and deprived of roles, gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.accounts import policy
from services.accounts.domain import links
from services.accounts.domain.values import Organisation, Person
from services.accounts.words import ROLES
from services.kernel.clock import rfc3339
from services.kernel.errors import Forbidden, Invalid, Refused
from services.kernel.events import Actor, Fact
from services.kernel.language import say

LONGEST_INVITATION = timedelta(days=370)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation says: the roles to hold, the deadline, and the one consultation it is for, if any."""

    roles: frozenset[str]
    expires_at: datetime
    consultation: str | None = None


def new_person(actor: Actor, organisation: Organisation, person: str, roles: frozenset[str], name: str) -> list[Fact]:
    """Decide on somebody who belongs to an organisation at once: made by an operator."""
    policy.invite(actor, organisation, roles)
    who = Person(person, organisation.id)
    return [_joined(actor, who, roles, name), *_granted(actor, who, roles)]


def invite(
    actor: Actor, organisation: Organisation, person: Person, wish: Invitation, token: str, at: datetime
) -> list[Fact]:
    """Decide on an invitation: the person (new, or known in this very organisation), the roles, the link."""
    policy.invite(actor, organisation, wish.roles)
    if not wish.roles:
        raise Invalid(say("Choose at least one role."), fields={"/roles": [say("Choose at least one.")]})
    if not at < wish.expires_at <= at + LONGEST_INVITATION:
        raise Invalid(
            say("The link must end in the future, and within a year."),
            fields={"/expires_at": [say("Choose a day from tomorrow on, within a year.")]},
        )
    if person.organisation != organisation.id:
        raise Refused(
            say("This address is used here with another organisation. Choose that one, or ask for another address."),
            code="address-taken",
            fields={"/address": [say("This address is used with another organisation.")]},
        )
    said: dict[str, object] = {"consultation": wish.consultation} if wish.consultation else {}
    data = {
        "person": person.id,
        "organisation": organisation.id,
        "roles": sorted(wish.roles),
        "expires_at": rfc3339(wish.expires_at),
        **said,
    }
    return [
        Fact("accounts.person.invited.v1", person.id, data, actor),
        *_granted(actor, person, wish.roles - person.roles),
        links.issue(actor, person.id, token, "invitation", wish.expires_at, consultation=wish.consultation),
    ]


def join(person: Person, name: str | None) -> Fact:
    """Decide on the arrival of an invited person under the name they want shown: their own act."""
    if not name:
        raise Invalid(say("Please say which name to show."), fields={"/display_name": [say("This is needed.")]})
    return _joined(Actor(person.id, person.organisation), person, person.roles, name)


def change_name(actor: Actor, person: Person, name: str) -> Fact:
    """Decide on another display name: everybody their own."""
    if actor.person != person.id:
        raise Forbidden(say("Only the person can change the name shown beside their acts."))
    return Fact("accounts.person.changed.v1", person.id, {"person": person.id, "display_name": name}, actor)


def leave(actor: Actor, person: Person) -> Fact:
    """Decide on somebody's leaving: by themselves, by their lead, or by an administrator."""
    if actor.person != person.id:
        policy.look_after(actor, person)
    _still_here(person)
    data = {"person": person.id, "organisation": person.organisation}
    return Fact("accounts.person.left.v1", person.id, data, actor)


def erase(actor: Actor, person: Person) -> Fact:
    """Decide on erasing somebody: by themselves or by an administrator; an administrator never themselves."""
    if actor.person != person.id and not policy.is_administrator(actor):
        raise Forbidden(say("People are erased by themselves, or by an administrator of the platform."))
    if actor.person == person.id and "administrator" in person.roles:
        raise Forbidden(say("An administrator is erased by another administrator, so that there always is one."))
    if person.erased:
        raise Refused(say("This person was erased already."), code="erased")
    data = {"person": person.id, "organisation": person.organisation}
    return Fact("accounts.person.erased.v1", person.id, data, actor)


def grant(actor: Actor, organisation: Organisation, person: Person, role: str) -> Fact:
    """Decide on one more role."""
    policy.look_after(actor, person)
    policy.invite(actor, organisation, frozenset({role}))
    _still_here(person)
    if role in person.roles:
        raise Refused(say("This person is {role} already.", role=ROLES[role]), code="unchanged")
    return _role("granted", actor, person, role)


def revoke(actor: Actor, organisation: Organisation, person: Person, role: str) -> Fact:
    """Decide on taking a role back; an administrator never their own, so that there always is one."""
    policy.look_after(actor, person)
    if role not in policy.roles_to_give(actor, organisation) or role not in person.roles:
        raise Refused(
            say("The role {role} is not there to be taken back by you.", role=ROLES[role]), code="no-such-role"
        )
    if role == "administrator" and actor.person == person.id:
        raise Forbidden(say("Nobody takes this role from themselves: ask another administrator."))
    return _role("revoked", actor, person, role)


def _granted(actor: Actor, person: Person, roles: frozenset[str]) -> list[Fact]:
    return [_role("granted", actor, person, role) for role in sorted(roles)]


def _role(what: str, actor: Actor, person: Person, role: str) -> Fact:
    data = {"person": person.id, "organisation": person.organisation, "role": role}
    return Fact(f"accounts.role.{what}.v1", person.id, data, actor)


def _joined(actor: Actor, person: Person, roles: frozenset[str], name: str) -> Fact:
    data = {
        "person": person.id,
        "organisation": person.organisation,
        "roles": sorted(roles),
        "display_name": name,
    }
    return Fact("accounts.person.joined.v1", person.id, data, actor, person=person.id)


def _still_here(person: Person) -> None:
    if person.left:
        raise Refused(say("This person has left already."), code="left")
