"""Changing one element of a document, the rest of it kept in step: its place in the order, and what speaks of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.catalogue.domain.annex import KEYED
from services.kernel.documents import Document


def put(document: Document, name: str, key: str | None, value: Any) -> dict[str, Any]:
    """Return the document with an element set, a new keyed one last; None takes an element that is no keyed one."""
    after = dict(document)
    if key is not None:
        after[name] = {**document.get(name, {}), key: value or {}}
        order = list(_order(document, name))
        after["order"] = {**document.get("order", {}), name: order if key in order else [*order, key]}
    elif value is None:
        after.pop(name, None)
    else:
        after[name] = value
    return after


def removed(document: Document, name: str, key: str) -> dict[str, Any]:
    """Return the document without a keyed element; an assessment no longer covers an outcome that is gone."""
    rest = {other: value for other, value in document.get(name, {}).items() if other != key}
    after = ordered(document, name, [other for other in _order(document, name) if other != key]) | {name: rest}
    if not rest:
        after.pop(name)
        after["order"] = {other: keys for other, keys in after["order"].items() if other != name}
    if name == "outcomes" and "assessments" in after:
        after["assessments"] = {at: _uncovering(item, key) for at, item in after["assessments"].items()}
    if not after.get("order", True):
        after.pop("order")
    return after


def ordered(document: Document, name: str, keys: Sequence[str]) -> dict[str, Any]:
    """Return the document with the elements of a collection in another order."""
    return {**document, "order": {**document.get("order", {}), name: list(keys)}}


def split(
    document: Document, key: str, new: str, first: Mapping[str, str], second: Mapping[str, str]
) -> dict[str, Any]:
    """Return the document with an outcome in two: the first keeps the id, the second stands behind it as `new`.

    Both keep the kind and the skills, and what assessed the one assesses both, so that nothing falls out unseen.
    """
    whole = document["outcomes"][key]
    after = put(document, "outcomes", key, whole | {"text": dict(first)})
    after = put(after, "outcomes", new, whole | {"text": dict(second)})
    order = [other for other in _order(after, "outcomes") if other != new]
    order.insert(order.index(key) + 1, new)
    return _covering(ordered(after, "outcomes", order), key, (key, new))


def joined(document: Document, key: str, other: str) -> dict[str, Any]:
    """Return the document with two outcomes in one, which keeps the id `key`; the id `other` is never used again.

    Texts stand one after the other in each language; skills come together; what assessed one assesses the whole.
    """
    one, two = document["outcomes"][key], document["outcomes"][other]
    texts = {
        code: " ".join(filter(None, (one.get("text", {}).get(code), two.get("text", {}).get(code))))
        for code in one.get("text", {}) | two.get("text", {})
    }
    skills = list(dict.fromkeys([*one.get("skills", ()), *two.get("skills", ())]))
    whole = two | one | {"text": texts} | ({"skills": skills} if skills else {})
    after = _covering(put(document, "outcomes", key, whole), other, (key,))
    return removed(after, "outcomes", other)


def _covering(document: Mapping[str, Any], key: str, instead: Sequence[str]) -> dict[str, Any]:
    """Return the document whose assessments cover other outcomes where they covered one."""
    after = dict(document)
    if "assessments" in document:
        after["assessments"] = {at: _instead(item, key, instead) for at, item in document["assessments"].items()}
    return after


def _instead(assessment: Mapping[str, Any], key: str, instead: Sequence[str]) -> Mapping[str, Any]:
    covers = assessment.get("covers", ())
    if key not in covers:
        return assessment
    others = [other for covered in covers for other in (instead if covered == key else (covered,))]
    return {**assessment, "covers": list(dict.fromkeys(others))}


def moved(keys: Sequence[str], key: str, by: int) -> list[str]:
    """Return keys with one of them moved up (-1) or down (1); at the edge it stays."""
    found = list(keys)
    if key in found:
        at = found.index(key)
        found.insert(min(max(at + by, 0), len(found) - 1), found.pop(at))
    return found


def _order(document: Document, name: str) -> Sequence[str]:
    listed: Sequence[str] = document.get("order", {}).get(name, ()) if name in KEYED else ()
    return listed


def _uncovering(assessment: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    if key not in assessment.get("covers", ()):
        return assessment
    rest = [outcome for outcome in assessment["covers"] if outcome != key]
    kept = {name: value for name, value in assessment.items() if name != "covers"}
    return kept | ({"covers": rest} if rest else {})
