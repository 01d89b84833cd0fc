"""Who may do what here: pure questions, each answered with a sentence where the answer is no."""

from collections.abc import Callable

from services.accounts.domain.values import Organisation, Person
from services.kernel.errors import Forbidden
from services.kernel.events import SYSTEM, Actor
from services.kernel.language import say

Rule = Callable[[Actor, Organisation], None]  # raises Forbidden

# Which roles somebody of an organisation of this standing can hold; administrators serve the platform, from anywhere.
ROLES_OF_STANDING = {
    "provider": frozenset({"designer", "lead", "reviewer"}),
    "quality_agency": frozenset({"auditor", "reviewer"}),
    "public_authority": frozenset({"auditor", "reviewer"}),
}
FOR_ADMINISTRATORS_TO_GIVE = frozenset({"administrator", "auditor"})
OF_OTHERS = frozenset({"reviewer"})


def is_administrator(actor: Actor) -> bool:
    """Say whether the platform's administrator acts, or its operator at the command line."""
    return actor.person == SYSTEM.person or actor.has("administrator")


def possible_roles(standing: str) -> frozenset[str]:
    """Return the roles that somebody of an organisation of this standing can be given."""
    return ROLES_OF_STANDING.get(standing, OF_OTHERS) | {"administrator"}


def roles_to_give(actor: Actor, organisation: Organisation) -> frozenset[str]:
    """Return the roles this actor may give in an organisation; none means: may not invite there at all."""
    possible = possible_roles(organisation.standing)
    if is_administrator(actor):
        return possible
    if actor.organisation == organisation.id:
        return possible - FOR_ADMINISTRATORS_TO_GIVE if actor.has("lead") else frozenset()
    return OF_OTHERS if actor.has("lead", "designer") else frozenset()


def may_invite_somewhere(actor: Actor) -> bool:
    """Say whether this actor may invite anybody at all: whether the page has a point."""
    return is_administrator(actor) or actor.has("lead", "designer")


def register(actor: Actor) -> None:
    """An organisation is registered by an administrator; providers' people name a new one while inviting."""
    if not may_invite_somewhere(actor):
        raise Forbidden(say("Organisations are registered by an administrator, or while a provider invites somebody."))


def confirm(actor: Actor, organisation: Organisation) -> None:
    """A standing is confirmed by an administrator, and by nobody for their own organisation (R26)."""
    if not is_administrator(actor):
        raise Forbidden(say("Only an administrator of the platform can confirm what an organisation is."))
    if actor.organisation == organisation.id:
        raise Forbidden(say("Nobody confirms their own organisation: ask another administrator."))


def rename(actor: Actor, organisation: Organisation) -> None:
    """A name is changed by the organisation's lead until it is confirmed: the confirmation was of that very name."""
    if is_administrator(actor):
        return
    if not (actor.organisation == organisation.id and actor.has("lead")):
        raise Forbidden(say("The name of an organisation is changed by its own lead, or by an administrator."))
    if organisation.confirmed:
        raise Forbidden(
            say("This organisation was confirmed under its present name: ask an administrator to change it.")
        )


def invite(actor: Actor, organisation: Organisation, roles: frozenset[str]) -> None:
    """Colleagues by their own lead, reviewers of others by a provider's people, anybody by an administrator."""
    allowed = roles_to_give(actor, organisation)
    if not allowed:
        raise Forbidden(say("You cannot invite people here. The lead of your organisation or an administrator can."))
    if not roles <= allowed:
        raise Forbidden(
            say(
                "The role {wanted} is not yours to give in {name}; possible for you: {possible}.",
                wanted=_listed(roles - allowed),
                name=organisation.name,
                possible=_listed(allowed),
            )
        )


def invite_to(actor: Actor, provider: str) -> None:
    """Into a consultation, people are invited by the provider whose it is, or by an administrator."""
    if not (is_administrator(actor) or actor.organisation == provider):
        raise Forbidden(say("Only the provider whose consultation this is invites people to it."))


def looks_after(actor: Actor, organisation_id: str) -> bool:
    """Say whether the actor gives and takes roles in an organisation."""
    return is_administrator(actor) or (actor.organisation == organisation_id and actor.has("lead"))


def look_after(actor: Actor, person: Person) -> None:
    """Roles are taken back and people let go by their own lead or an administrator."""
    if not looks_after(actor, person.organisation):
        raise Forbidden(say("This is for the lead of the person's organisation, or for an administrator."))


def see_people(actor: Actor, organisation_id: str) -> bool:
    """Say whether the actor may see who belongs to an organisation."""
    return is_administrator(actor) or actor.organisation == organisation_id


def allows(rule: Rule, actor: Actor, organisation: Organisation) -> bool:
    """Say whether a rule lets somebody do something: whether to show its form at all."""
    try:
        rule(actor, organisation)
    except Forbidden:
        return False
    return True


def _listed(roles: frozenset[str]) -> str:
    return ", ".join(sorted(roles))
