"""Who may do what: pure questions, each answered by passing or by a refusal."""

from dataclasses import dataclass

from services.catalogue.domain.draft import Draft
from services.kernel.errors import Forbidden, NotFound, Refused
from services.kernel.events import Actor
from services.kernel.language import say

STAFF = ("designer", "lead")


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation as the catalogue has heard of it; the standing is the confirmed one, else the one it claims."""

    id: str
    name: str | None
    standing: str | None


def may_open(actor: Actor, organisation: Organisation | None) -> None:
    """Pass a designer or lead of a provider."""
    if actor.organisation is None or actor.scope is not None or not actor.has(*STAFF):
        raise Forbidden(
            say("Designers and leads of a provider open drafts. Ask your organisation's lead for the role.")
        )
    if organisation is None or organisation.standing is None:
        raise Refused(
            say("The catalogue has not heard of your organisation yet. News travels within seconds; please try again."),
            code="organisation-unknown",
        )
    if organisation.standing != "provider":
        raise Forbidden(say("Only a provider opens drafts; your organisation is registered as something else."))


def may_see(actor: Actor, organisation: str) -> None:
    """Pass the designers and leads of the provider; for everybody else a draft does not exist."""
    if actor.organisation != organisation or actor.scope is not None or not actor.has(*STAFF):
        raise NotFound(say("There is no such draft, or it belongs to another organisation."))


def may_lead(actor: Actor, draft: Draft, act: str) -> None:
    """Pass a lead of the provider; `act` is the verb of the refusal."""
    may_see(actor, draft.organisation)
    if not actor.has("lead"):
        raise Forbidden(
            say("A lead of your organisation can {act} this design; you hold the role of a designer.", act=act)
        )
