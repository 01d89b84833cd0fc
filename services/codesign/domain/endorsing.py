"""Endorsing a design, or elements of it: bound to their hashes, with a declaration of interest (R27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.codesign.domain.consultation import Consultation, Version
from services.kernel import documents
from services.kernel.errors import Invalid
from services.kernel.events import Actor, Fact
from services.kernel.language import say

INTERESTS = ("none", "customer_or_supplier", "owner_or_group", "paid")
MOST_ELEMENTS = 500


@dataclass(frozen=True, slots=True)
class NewEndorsement:
    """The wish to endorse: elements by pointer (None: the whole design) of a version (None: the newest)."""

    interest: str
    elements: tuple[str, ...] | None = None
    version: int | None = None
    statement: str | None = None


def endorse(
    consultation: Consultation, version: Version | None, actor: Actor, wish: NewEndorsement, *, id: str
) -> Fact:
    """Return the endorsement by the actor's organisation; `id` becomes its own.

    It may come after the closing date: the words that answer the comments are only then there to be endorsed.
    """
    consultation.check_changeable()
    version = consultation.check_reached(version)
    data: dict[str, Any] = {
        "consultation": consultation.id,
        "endorsement": id,
        "draft": consultation.draft,
        "version": version.number,
        "document_hash": version.hash,
        "organisation": actor.organisation,
        "elements": _covered(version, wish.elements),
        "interest": wish.interest,
    }
    if wish.statement:
        data["statement"] = wish.statement
    return Fact("codesign.endorsement.given.v1", consultation.id, data, actor)


def _covered(version: Version, wished: tuple[str, ...] | None) -> Mapping[str, str]:
    there = documents.elements(version.document)
    covered = there if wished is None else {pointer: there.get(pointer, "") for pointer in wished}
    fields = {
        f"/elements/{place}": [f"Version {version.number} has no element {pointer}."]
        for place, pointer in enumerate(wished or ())
        if pointer not in there
    }
    if not covered:
        fields = {"/elements": ["Choose at least one element, or the whole design."]}
    if len(covered) > MOST_ELEMENTS:
        fields = {"/elements": [f"At most {MOST_ELEMENTS} elements can be endorsed at once."]}
    if fields:
        raise Invalid(say("These elements cannot be endorsed."), fields=fields)
    return covered
