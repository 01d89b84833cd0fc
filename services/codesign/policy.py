"""Who may see and do what in a consultation: pure functions of the actor, the consultation and the time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.codesign.domain.answering import Comment
from services.codesign.domain.consultation import Consultation, Draft
from services.kernel.errors import Forbidden, NotFound
from services.kernel.events import Actor
from services.kernel.language import say


class Side(StrEnum):
    """From where somebody looks at a consultation."""

    PROVIDER = "provider"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Sight:
    """What is shown of something an organisation said: the words, whose they are, and which person's."""

    words: bool
    organisation: bool
    person: bool


ALL = Sight(words=True, organisation=True, person=True)
NOTHING = Sight(words=False, organisation=False, person=False)
WORDS = Sight(words=True, organisation=False, person=False)
WORDS_AND_ORGANISATION = Sight(words=True, organisation=True, person=False)


def designs_for(actor: Actor, provider: str) -> bool:
    """Say whether somebody writes the designs of a provider."""
    return actor.organisation == provider and actor.has("designer", "lead") and actor.scope is None


def side(actor: Actor, consultation: Consultation) -> Side:
    """Return from where somebody looks at a consultation.

    Raise Forbidden where their link is for another one or their organisation is not invited, NotFound where it is
    none of their business.
    """
    if actor.scope is not None and actor.scope != consultation.id:
        raise Forbidden(
            say("Your link is for another consultation. Open the link in your invitation again."),
            code="other-consultation",
        )
    if designs_for(actor, consultation.provider):
        return Side.PROVIDER
    if actor.has("auditor") and actor.scope is None:
        return Side.AUDITOR
    if not actor.has("reviewer"):
        raise NotFound(say("There is no such consultation, or it is not open to you."))
    if actor.organisation not in consultation.participants:
        raise Forbidden(
            say("Your organisation is not invited to this consultation. Ask the provider of the design to invite it."),
            code="not-invited",
        )
    return Side.REVIEWER


def must_open(actor: Actor, draft: Draft) -> None:
    """Raise NotFound for anybody but a designer or lead of the draft's provider: others may not know of the draft."""
    if not designs_for(actor, draft.provider):
        raise NotFound(say("There is no such design, or it is not your organisation's."))


def must_run(actor: Actor, consultation: Consultation) -> None:
    """Raise Forbidden for anybody but the provider's designers and leads: they invite, and see what is missing."""
    if side(actor, consultation) is not Side.PROVIDER:
        raise Forbidden(say("Only the provider of the design can do this."), code="not-the-provider")


def must_review(actor: Actor, consultation: Consultation) -> None:
    """Raise Forbidden for anybody but the reviewers of an invited organisation: they comment and endorse."""
    if side(actor, consultation) is not Side.REVIEWER:
        raise Forbidden(say("Only reviewers of the invited organisations can do this."), code="not-a-reviewer")


def must_answer(actor: Actor, consultation: Consultation, comment: Comment) -> None:
    """Raise Forbidden for anybody but the provider's designers and leads, and for the organisation that commented."""
    must_run(actor, consultation)
    if comment.organisation == actor.organisation:
        raise Forbidden(say("Nobody answers a comment of their own organisation."), code="own-comment")


def must_see_readiness(actor: Actor, consultation: Consultation) -> None:
    """Raise Forbidden for reviewers: what is missing for the seal tells what others said."""
    if side(actor, consultation) is Side.REVIEWER:
        raise Forbidden(say("The provider of the design sees what is missing for the seal."), code="not-the-provider")


def sight(actor: Actor, consultation: Consultation, organisation: str, now: datetime) -> Sight:
    """Return what somebody is shown of what an organisation said (R28). Provider, auditors and one's own see all."""
    if side(actor, consultation) is not Side.REVIEWER or actor.organisation == organisation:
        return ALL
    if consultation.visibility == "everything":
        return WORDS_AND_ORGANISATION
    if consultation.visibility == "words_without_organisation":
        return WORDS
    return WORDS_AND_ORGANISATION if consultation.is_closed_at(now) else NOTHING


def sees_participants(actor: Actor, consultation: Consultation, now: datetime) -> bool:
    """Say whether somebody is shown which organisations take part: whoever is shown what they say and whose it is."""
    return sight(actor, consultation, "", now).organisation
