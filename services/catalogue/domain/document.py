"""The rules of a document as a whole: sound in every element, its order complete, its ids its own, not too large."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.catalogue.domain.annex import ELEMENTS, KEYED
from services.catalogue.domain.sense import nonsense
from services.catalogue.domain.shapes import Fault, escaped
from services.kernel.documents import Document, canonical, walk
from services.kernel.errors import Invalid, TooLarge
from services.kernel.language import say

LIMIT = 48 * 1024  # bytes of canonical JSON: an event carries the whole, and an entry of the log has at most 65,535


def check(document: Document, itself: str | None = None) -> None:
    """Hold a document against its shape and its rules; a draft may be incomplete, but nothing in it unsound.

    `itself` is the id of the draft. Raise TooLarge past 48 KiB of canonical JSON, with the largest elements named;
    Invalid naming each faulty place.
    """
    refuse_faults(list(_faults(document, itself)), "The document is not sound yet.")
    size = len(canonical(document))
    if size > LIMIT:
        raise TooLarge(
            say(
                "The document has {size:,} bytes; at most {limit:,} are possible. The largest elements "
                "are {document}. Shorten these first.",
                size=size,
                limit=LIMIT,
                document="; ".join(_largest(document)),
            )
        )


def refuse_faults(faults: list[Fault], message: str) -> None:
    """Raise Invalid with a sentence at each place, where there is any fault."""
    if faults:
        fields: dict[str, list[str]] = {}
        for fault in faults[:100]:
            fields.setdefault(fault.pointer, []).append(fault.sentence)
        raise Invalid(message, fields=fields)


def used_ids(document: Document) -> dict[str, str]:
    """Return the id of every keyed element with the name of its collection."""
    return {key: name for name in KEYED for key in document.get(name, {})}


def outcome_ids(document: Document) -> list[str]:
    """Return the ids of the outcomes in the document's own order."""
    return list(document.get("order", {}).get("outcomes", ()))


def _faults(document: Document, itself: str | None) -> Iterator[Fault]:
    shapes = [fault for name in document if name != "order" for fault in _element_faults(name, document[name])]
    yield from shapes
    yield from _order_faults(document)
    if not shapes:
        yield from _shared_ids(document)
        yield from _covers_faults(document)
        yield from nonsense(document, itself)


def _element_faults(name: str, value: Any) -> Iterator[Fault]:
    if name in ELEMENTS:
        return ELEMENTS[name].faults(value, f"/{name}")
    sentence = f"A design has no element “{name[:40]}”; it has {', '.join(ELEMENTS)}."
    return iter([Fault(f"/{escaped(name)}", sentence)])


def _order_faults(document: Document) -> Iterator[Fault]:
    """Each collection has its order beside it, which names each of its keys exactly once."""
    order = document.get("order", {})
    if not isinstance(order, Mapping):
        yield Fault("/order", "The order is an object: for each collection, the list of its ids.")
        return
    for name in order:
        if name not in KEYED or name not in document:
            yield Fault(f"/order/{escaped(name)}", f"There is no collection “{name[:40]}” to put in order.")
    for name in KEYED:
        if isinstance(document.get(name), Mapping):
            yield from _one_order(name, set(document[name]), order.get(name))


def _one_order(name: str, keys: set[str], listed: Any) -> Iterator[Fault]:
    at = f"/order/{name}"
    if not isinstance(listed, list) or not all(isinstance(key, str) for key in listed):
        yield Fault(at, f"The order of the {name} is missing: a list of their ids.")
        return
    for place, key in enumerate(listed):
        if key not in keys:
            yield Fault(f"{at}/{place}", f"The order names “{key[:40]}”, which is not among the {name}.")
        elif key in listed[:place]:
            yield Fault(f"{at}/{place}", f"The order names “{key}” twice.")
    for key in sorted(keys - set(listed)):
        yield Fault(at, f"The order does not name “{key[:40]}”.")


def _shared_ids(document: Document) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for name in KEYED:
        for key in document.get(name, {}):
            if key in seen:
                yield Fault(f"/{name}/{key}", f"The id “{key}” already names one of the {seen[key]}.")
            seen.setdefault(key, name)


def _covers_faults(document: Document) -> Iterator[Fault]:
    outcomes = document.get("outcomes", {})
    for key, assessment in document.get("assessments", {}).items():
        for place, outcome in enumerate(assessment.get("covers", ())):
            if outcome not in outcomes:
                yield Fault(f"/assessments/{key}/covers/{place}", f"There is no outcome “{outcome}” to cover.")


def _largest(document: Document) -> list[str]:
    sizes = sorted(((len(canonical(value)), pointer) for pointer, value in walk(document)), reverse=True)
    return [f"{pointer} ({size:,} bytes)" for size, pointer in sizes[:3]]
