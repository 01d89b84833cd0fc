"""The elements of a design, by this reading's own rule: their hashes, and how one calls them in words."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.audit.reading.canonical import canonical

Document = Mapping[str, Any]

ONE_OF = {
    "outcomes": "outcome",
    "assessments": "assessment",
    "prerequisites": "prerequisite",
    "target_groups": "target group",
}
LONGEST_LABEL = 70


def document_hash(document: Any) -> str:
    """Return the SHA-256 of a document's canonical JSON (RFC 8785), in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def walk(document: Document) -> Iterator[tuple[str, Any]]:
    """Yield pointer and value of every element, in the order of the document.

    A member that `order` lists is a collection, and each of its items an element; any other member is one element.
    """
    order = document.get("order")
    lists = order if isinstance(order, dict) else {}
    for member, value in document.items():
        keys = lists.get(member)
        if member == "order":
            continue
        if isinstance(keys, list) and isinstance(value, dict):
            yield from ((f"/{member}/{key}", value[key]) for key in keys if isinstance(key, str) and key in value)
        else:
            yield f"/{member}", value


def hashes(document: Document, hash: Callable[[Any], str] = document_hash) -> dict[str, str]:
    """Return the hash of each element by its pointer; `hash` may be one that remembers."""
    return {pointer: hash(value) for pointer, value in walk(document)}


def label(document: Document | None, pointer: str) -> str:
    """Return how one calls an element: outcome “Store damaged cells safely”, the workload, outcome lo-1."""
    member, _, key = pointer.removeprefix("/").partition("/")
    kind = ONE_OF.get(member, member.replace("_", " "))
    if not key:
        return f"the {kind}"
    words = text(document.get(member, {}).get(key)) if document else ""
    return f"{kind} “{shortened(words)}”" if words else f"{kind} {key}"


def title(document: Document | None) -> str:
    """Return the title of a design in English where there is one, else in another language; "" without any."""
    return _in_one_language(document.get("title")) if document else ""


def text(value: Any) -> str:
    """Return the words of an element: its text, title or name."""
    if not isinstance(value, dict):
        return ""
    return next((found for name in ("text", "title", "name") if (found := _in_one_language(value.get(name)))), "")


def shortened(words: str, longest: int = LONGEST_LABEL) -> str:
    """Return words cut at a space, with an ellipsis, where they are long."""
    words = " ".join(words.split())
    return words if len(words) <= longest else words[:longest].rpartition(" ")[0].rstrip(",;:.") + " …"


def _in_one_language(texts: Any) -> str:
    if isinstance(texts, str):
        return texts
    if not isinstance(texts, dict):
        return ""
    return str(texts.get("en") or next((found for found in texts.values() if isinstance(found, str)), ""))
