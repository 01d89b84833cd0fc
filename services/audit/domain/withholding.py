"""Withholding one text takes two people, an administrator among them; neither alone can make a word disappear."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.kernel.errors import Forbidden, Refused
from services.kernel.events import Actor, Event, Fact
from services.kernel.language import say

ROLES = ("administrator", "auditor")
GROUNDS = ("third_party", "unlawful", "confidential", "order")

Decision = Literal["withheld", "left"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """That the text at a pointer beside an event be withheld, on a ground; `decision` is None while it is open."""

    id: str
    event: str
    pointer: str
    ground: str
    proposed_by: str
    by_administrator: bool
    proposed_at: datetime
    decision: Decision | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Say whether it waits for a second person."""
        return self.decision is None


def must_take_part(actor: Actor) -> None:
    """Raise Forbidden where somebody has no part in withholding."""
    if actor.scope is not None or not actor.has(*ROLES):
        raise Forbidden(say("Texts are withheld by administrators and auditors, two of them together."))


def propose(actor: Actor, id: str, event: Event, pointer: str, ground: str, at: datetime) -> Proposal:
    """Decide on a proposal: the text must be there."""
    must_take_part(actor)
    if not any(value.pointer == pointer for value in event.private):
        raise Refused(
            say("There is no text at this place beside this entry, or it is gone already."),
            code="no-such-text",
            fields={"/pointer": [say("There is no text at this place.")]},
        )
    return Proposal(id, event.id, pointer, ground, actor.person, actor.has("administrator"), at)


def confirm(actor: Actor, proposal: Proposal, event: Event) -> Fact:
    """Decide to withhold: somebody else than who proposed it, and one of the two an administrator."""
    _must_be_open(actor, proposal)
    if actor.person == proposal.proposed_by:
        raise Forbidden(say("You proposed this yourself. It takes a second person: four eyes."), code="four-eyes")
    if not (proposal.by_administrator or actor.has("administrator")):
        raise Forbidden(say("One of the two has to be an administrator of the platform."), code="no-administrator")
    return Fact(
        "audit.text.withheld.v1",
        f"text:{event.id}",
        {
            "event": event.id,
            "pointer": proposal.pointer,
            "ground": proposal.ground,
            "proposed_by": proposal.proposed_by,
            "about": {"type": event.type, "subject": event.subject, "sequence": event.sequence},
        },
        actor,
    )


def leave(actor: Actor, proposal: Proposal) -> None:
    """Decide to leave a text where it is: whoever proposed it takes it back, or the second person says no."""
    _must_be_open(actor, proposal)


def _must_be_open(actor: Actor, proposal: Proposal) -> None:
    must_take_part(actor)
    if not proposal.open:
        raise Refused(say("This was decided already."), code="decided")
