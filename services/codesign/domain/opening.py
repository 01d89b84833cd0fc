"""Opening a consultation on a version of a draft, and inviting organisations to it."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime

from services.codesign.domain.consultation import Consultation, Draft, Version
from services.kernel.errors import Invalid, Refused
from services.kernel.events import Actor, Fact
from services.kernel.language import say

VISIBILITIES = ("nothing_until_closed", "words_without_organisation", "everything")


@dataclass(frozen=True, slots=True)
class NewConsultation:
    """The wish to open one on a version of a draft (None: the newest), until when, with whom, by which rule (R28)."""

    draft: str
    closes_at: datetime
    version: int | None = None
    organisations: tuple[str, ...] = ()
    visibility: str = VISIBILITIES[0]
    question: str | None = None


def open_consultation(
    draft: Draft,
    version: Version | None,
    actor: Actor,
    wish: NewConsultation,
    *,
    known: Set[str],
    id: str,
    now: datetime,
) -> list[Fact]:
    """Return the opening and one invitation for each organisation; `known` are the organisations that exist."""
    _check_free(draft)
    if version is None:
        raise Invalid(
            say("This design has no such version."),
            fields={"/version": [say("The newest version is {newest}.", newest=draft.newest)]},
        )
    if wish.closes_at <= now:
        raise Invalid(
            say("The closing date has passed."), fields={"/closes_at": [say("Choose a moment that is still to come.")]}
        )
    consultation = Consultation(id, draft.id, draft.provider, version.number, draft.newest, wish.closes_at)
    invitations = [
        invite(consultation, organisation, actor, known=known, at=f"/organisations/{place}")
        for place, organisation in enumerate(dict.fromkeys(wish.organisations))
    ]
    return [_opening(consultation, version, actor, wish), *invitations]


def invite(
    consultation: Consultation, organisation: str, actor: Actor, *, known: Set[str], at: str = "/organisation"
) -> Fact:
    """Return the invitation of one organisation; `at` is the field that names it, for a refusal."""
    consultation.check_changeable()
    if organisation not in known:
        raise Invalid(
            say("One organisation is not known here."),
            code="organisation-unknown",
            fields={
                at: [say("There is no such organisation. Register it first, or invite somebody there by address.")]
            },
        )
    if organisation == consultation.provider:
        raise Invalid(
            say("The provider cannot review its own design."),
            fields={at: [say("Your own organisation opens the consultation; invite others.")]},
        )
    data = {"consultation": consultation.id, "organisation": organisation}
    return Fact("codesign.participant.invited.v1", consultation.id, data, actor)


def _check_free(draft: Draft) -> None:
    if draft.published:
        raise Refused(say("This design is published. Open a new draft for the next edition."), code="draft-published")
    if draft.consultation is not None:
        raise Refused(
            say("There is a consultation on this design already. Invite more organisations to that one."),
            code="consultation-exists",
        )


def _opening(consultation: Consultation, version: Version, actor: Actor, wish: NewConsultation) -> Fact:
    data = {
        "consultation": consultation.id,
        "draft": consultation.draft,
        "version": version.number,
        "document_hash": version.hash,
        "organisation": consultation.provider,
        "closes_at": wish.closes_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "visibility": wish.visibility,
    }
    if wish.question:
        data["question"] = wish.question
    return Fact("codesign.consultation.opened.v1", consultation.id, data, actor)
