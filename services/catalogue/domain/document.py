"""The document of a design: the elements of Annex I (Council Recommendation of 16 June 2022), and those beyond it.

Whatever can be several is an object keyed by stable ids, with the order in a list beside it:
`{"outcomes": {"lo-3f2a": {...}}, "order": {"outcomes": ["lo-3f2a"]}}`. Text for people is a language map.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from services.catalogue.domain import vocabulary
from services.catalogue.domain.shapes import (
    LANGUAGE,
    Day,
    Decimal,
    Fault,
    Flag,
    Keyed,
    ListOf,
    OneOf,
    Pattern,
    Record,
    Shape,
    Text,
    Words,
    escaped,
)
from services.kernel.documents import Document, canonical, walk
from services.kernel.errors import Invalid, TooLarge

LIMIT = 48 * 1024  # bytes of canonical JSON: an event carries the whole, and an entry of the log has at most 65,535

COUNTRY = Pattern(re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?"), "This is a country or region code, like AT or DE-BY.", "AT")
WEB = Pattern(re.compile(r"https?://[^\s<>\"]{3,400}"), "This is a web address that begins with https://.", "https://")
CURRENCY = Pattern(re.compile(r"[A-Z]{3}"), "This is a currency code of three letters, like EUR.", "EUR")
SPOKEN = Pattern(LANGUAGE, "This is a language code, like en or de.", "de")
ELEMENT = Pattern(re.compile(r"[a-z][a-z0-9-]{1,39}"), "This is the id of an element.")
SKILL = Pattern(
    re.compile(r"http://data\.europa\.eu/esco/skill/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "This is the address of an ESCO skill, like http://data.europa.eu/esco/skill/ and its id.",
    "http://data.europa.eu/esco/skill/",
)
ISCED_F = Pattern(
    re.compile(r"http://data\.europa\.eu/snb/isced-f/[0-9]{2,4}"),
    "This is a field of ISCED-F 2013, like http://data.europa.eu/snb/isced-f/1041.",
    "http://data.europa.eu/snb/isced-f/1041",
)

_LINK = Keyed(Record({"title": Words(300), "address": WEB}, needed=("title",)), "link", max=20)

ELEMENTS: Mapping[str, Shape] = {
    "title": Words(200),
    "country": COUNTRY,
    "awarding_body": Record({"name": Words(200), "website": WEB}, needed=("name",)),
    "outcomes": Keyed(
        Record(
            {
                "text": Words(1000, lines=True),
                "kind": OneOf(vocabulary.SKILL_TYPES),
                "skills": ListOf(SKILL, max=30),
                "reuse_level": OneOf(vocabulary.REUSE_LEVELS),
            },
            needed=("text",),
        ),
        "lo",
    ),
    "workload": Record({"hours": Decimal("hours"), "ects": Decimal("ECTS")}, needed=("hours",)),
    "level": Record({"eqf": OneOf(vocabulary.EQF), "nqf": Text(100), "isced_f": ISCED_F}, needed=("eqf",)),
    "assessments": Keyed(
        Record(
            {
                "type": OneOf(vocabulary.ASSESSMENT_TYPES),
                "text": Words(2000, lines=True),
                "covers": ListOf(ELEMENT, max=60),
                "supervised": Flag(),
                "identity_verified": Flag(),
            },
            needed=("type", "text"),
        ),
        "as",
    ),
    "participation": Record(
        {
            "mode": OneOf(vocabulary.MODES),
            "schedule": OneOf(vocabulary.SCHEDULES),
            "hours_per_week": Decimal("hours a week"),
            "languages": ListOf(SPOKEN, max=30),
        },
        needed=("mode",),
    ),
    "quality_assurance": Record(
        {"type": OneOf(vocabulary.QUALITY_TYPES), "body": Words(200), "evidence": Text(500), "expires": Day()},
        needed=("type", "body"),
    ),
    "prerequisites": Keyed(Record({"text": Words(1000, lines=True)}, needed=("text",)), "pr"),
    "grading": Record({"scheme": Words(1000, lines=True)}, needed=("scheme",)),
    "stacking": Record({"standalone": Flag(), "targets": _LINK, "part_of": _LINK, "advanced_standing": _LINK}),
    "notes": Words(4000, lines=True),
    "use": ListOf(OneOf(vocabulary.USES), max=4),
    "value": Record({"cost": Decimal(), "currency": CURRENCY, "benefit": Words(2000, lines=True)}),
    "target_groups": Keyed(Record({"group": OneOf(vocabulary.TARGET_GROUPS), "text": Words(1000, lines=True)}), "tg"),
    "accommodations": Words(2000, lines=True),
    "shelf_life": Record({"review_by": Day(), "renewal": Words(1000, lines=True)}),
    "setting": OneOf(vocabulary.SETTINGS),
}
KEYED = {name: shape for name, shape in ELEMENTS.items() if isinstance(shape, Keyed)}
MANDATORY = (
    "title",
    "country",
    "awarding_body",
    "outcomes",
    "workload",
    "level",
    "assessments",
    "participation",
    "quality_assurance",
)


def check(document: Document) -> None:
    """Hold a document against its shape and its rules; a draft may be incomplete, but nothing in it unsound.

    Raise TooLarge past 48 KiB of canonical JSON, with the largest elements named; Invalid naming each faulty place.
    """
    refuse_faults(list(_faults(document)), "The document is not sound yet.")
    size = len(canonical(document))
    if size > LIMIT:
        raise TooLarge(
            f"The document has {size:,} bytes; at most {LIMIT:,} are possible. The largest elements are "
            f"{'; '.join(_largest(document))}. Shorten these first."
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


def _faults(document: Document) -> Iterator[Fault]:
    shapes = [fault for name in document if name != "order" for fault in _element_faults(name, document[name])]
    yield from shapes
    yield from _order_faults(document)
    if not shapes:
        yield from _shared_ids(document)
        yield from _covers_faults(document)


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
