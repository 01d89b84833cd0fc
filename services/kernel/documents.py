"""A document of elements with stable ids: where its elements are, their hashes, and patches between versions.

Whatever can be several is an object keyed by a stable id, with the order in a list beside it:
`{"outcomes": {"lo-1": {...}}, "order": {"outcomes": ["lo-1"]}}`. So a JSON Pointer stays true when others are inserted
or moved, and an element's hash is the hash of its canonical JSON. What the elements mean is not the kernel's business.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonpatch
import rfc8785

from services.kernel.errors import Refused
from services.kernel.language import say

Document = Mapping[str, Any]
Patch = Sequence[Mapping[str, Any]]


def canonical(value: Any) -> bytes:
    """Return the canonical JSON (RFC 8785) of a value; raise ValueError where it has none (such as 2^53)."""
    return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def elements(document: Document) -> dict[str, str]:
    """Return the pointer of every element with the hash of its canonical JSON, in the document's own order."""
    return {pointer: digest(value) for pointer, value in walk(document)}


def walk(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of every element: each keyed item by itself, every other top-level value as a whole."""
    order: Mapping[str, Sequence[str]] = document.get("order", {})
    for name, value in document.items():
        if name == "order":
            continue
        if name in order and isinstance(value, Mapping):
            yield from ((f"/{name}/{key}", value[key]) for key in order[name] if key in value)
        else:
            yield f"/{name}", value


def element_of(document: Document, pointer: str) -> str | None:
    """Return the pointer of the element that holds the place, or None where the document has no such place."""
    found = next((e for e, _ in walk(document) if pointer == e or pointer.startswith(e + "/")), None)
    return found if found is not None and has(document, pointer) else None


def has(document: Any, pointer: str) -> bool:
    """Say whether the document holds something at a JSON Pointer."""
    return at(document, pointer, _MISSING) is not _MISSING


def at(document: Any, pointer: str, default: Any = None) -> Any:
    """Return what stands at a JSON Pointer, or the default."""
    place = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(place, Mapping) and key in place:
            place = place[key]
        elif isinstance(place, list) and key.isdigit() and int(key) < len(place):
            place = place[int(key)]
        else:
            return default
    return place


def patched(document: Document, patch: Patch) -> dict[str, Any]:
    """Return a new document with an RFC 6902 patch applied; raise Refused where a test fails or a place is missing."""
    try:
        after: dict[str, Any] = jsonpatch.apply_patch(document, list(patch), in_place=False)
    except jsonpatch.JsonPatchTestFailed as problem:
        raise Refused(
            say("The patch was made for another text: {problem}", problem=str(problem)), code="patch-conflict"
        ) from problem
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError, ValueError) as problem:
        raise Refused(
            say("The patch does not fit this document: {problem}", problem=str(problem)), code="patch-misfit"
        ) from problem
    return after


def difference(before: Document, after: Document) -> list[dict[str, Any]]:
    """Return the RFC 6902 patch that leads from one document to another; empty where they are the same."""
    return list(jsonpatch.make_patch(before, after))


_MISSING = object()
