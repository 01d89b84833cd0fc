"""Organisations: registered with a claim, renamed, and confirmed by somebody who has the right to (R26)."""

from dataclasses import dataclass

from services.accounts import policy
from services.accounts.domain.values import Organisation
from services.accounts.words import STANDINGS
from services.kernel.errors import Refused
from services.kernel.events import Actor, Fact
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """What is said of an organisation when it is registered; `standing` is a claim."""

    name: str
    standing: str
    country: str | None = None
    register_number: str | None = None
    website: str | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What was checked, and how it was found: the ground, and the evidence in words."""

    standing: str
    ground: str
    evidence: str


def register(actor: Actor, id: str, wish: NewOrganisation, *, namesake: bool) -> Fact:
    """Decide on a new organisation; `namesake` says whether one of the same name is here already."""
    policy.register(actor)
    if namesake:
        raise Refused(
            say(
                "There is already an organisation named {name}. Choose it from the list, or write the name in full.",
                name=wish.name,
            ),
            code="name-taken",
            fields={"/name": [say("This name is taken.")]},
        )
    optional = {"country": wish.country, "register_number": wish.register_number, "website": wish.website}
    said = {key: value for key, value in optional.items() if value is not None}
    data = {"organisation": id, "name": wish.name, "standing": wish.standing, **said}
    return Fact("accounts.organisation.registered.v1", id, data, actor)


def rename(actor: Actor, organisation: Organisation, name: str, *, namesake: bool) -> Fact:
    """Decide on a new public name."""
    policy.rename(actor, organisation)
    if name == organisation.name:
        raise Refused(say("This is its name already."), code="unchanged")
    if namesake:
        raise Refused(say("There is already an organisation named {name}.", name=name), code="name-taken")
    return Fact(
        "accounts.organisation.changed.v1", organisation.id, {"organisation": organisation.id, "name": name}, actor
    )


def confirm(actor: Actor, organisation: Organisation, wish: Confirmation) -> Fact:
    """Decide whether an organisation's claim becomes a confirmed standing."""
    policy.confirm(actor, organisation)
    if organisation.confirmed:
        raise Refused(
            say("The standing of {name} is confirmed already.", name=organisation.name), code="already-confirmed"
        )
    if wish.standing != organisation.standing:
        raise Refused(
            say(
                "{name} claims to be: {standing}. What is confirmed must be what it claims.",
                name=organisation.name,
                standing=STANDINGS[organisation.standing],
            ),
            code="another-standing",
            fields={"/standing": [say("This is not what the organisation claims.")]},
        )
    data = {
        "organisation": organisation.id,
        "standing": wish.standing,
        "ground": wish.ground,
        "evidence": wish.evidence,
    }
    return Fact("accounts.organisation.confirmed.v1", organisation.id, data, actor)
