"""What a design still lacks: asked before it is submitted, shown while it is a draft, never in the way of saving."""

from collections.abc import Iterator, Mapping

from services.catalogue.domain.annex import ELEMENTS, MANDATORY
from services.catalogue.domain.document import outcome_ids
from services.catalogue.domain.sense import contradictions, doubts
from services.catalogue.domain.shapes import Fault, Keyed, Record, Shape
from services.kernel.documents import Document
from services.kernel.language import say


def gaps(document: Document) -> list[Fault]:
    """Return everything that keeps a design from being submitted, each at its place.

    The mandatory elements of Annex I with their needed fields, and an assessment for each outcome (R9), and
    nothing that contradicts itself.
    """
    return [*_absent(document), *_unfilled(document), *_unassessed(document), *contradictions(document)]


def advice(document: Document) -> list[Fault]:
    """Return what would make a design better and blocks nothing: outcomes tied to no skill (R9), doubts."""
    outcomes = document.get("outcomes", {})
    untied = [
        Fault(
            f"/outcomes/{key}/skills", say("This outcome is tied to no skill of ESCO: employers find designs by skill.")
        )
        for key in outcome_ids(document)
        if not outcomes[key].get("skills")
    ]
    return [*untied, *doubts(document)]


def _absent(document: Document) -> Iterator[Fault]:
    for name in MANDATORY:
        if not document.get(name):
            yield Fault(f"/{name}", say("This is missing; Annex I asks every micro-credential for it."))


def _unfilled(document: Document) -> Iterator[Fault]:
    for name, value in document.items():
        if name in ELEMENTS:
            yield from _needed(ELEMENTS[name], value, f"/{name}")


def _needed(shape: Shape, value: Mapping[str, Mapping[str, object]], at: str) -> Iterator[Fault]:
    if isinstance(shape, Keyed):
        for key, item in value.items():
            yield from _needed(shape.item, item, f"{at}/{key}")  # type: ignore[arg-type]
    elif isinstance(shape, Record):
        for name in shape.needed:
            if name not in value:
                yield Fault(f"{at}/{name}", say("This field is needed before the design can be submitted."))


def _unassessed(document: Document) -> Iterator[Fault]:
    covered = {key for item in document.get("assessments", {}).values() for key in item.get("covers", ())}
    for key in outcome_ids(document):
        if key not in covered:
            yield Fault(
                f"/outcomes/{key}", say("No assessment covers this outcome: say in an assessment that it does.")
            )
