"""Suggesting a change: an RFC 6902 patch that starts with a test, and touches the commented element alone (R4)."""

import re
from collections.abc import Mapping

from services.kernel import documents
from services.kernel.documents import Document, Patch
from services.kernel.errors import Invalid, Refused
from services.kernel.language import say

# `copy` is left out: a few hundred of them double a value a few hundred times
OPERATIONS = ("test", "add", "replace", "remove", "move")

# the levels of a design, {"eqf": ..., "nqf": ...}, look like languages and are none
_LANGUAGE = re.compile(r"(?!eqf$|nqf$)[a-z]{2,3}(-[A-Za-z0-9]+)*")


def rewording(document: Document, pointer: str, wording: str) -> Patch | None:
    """Return the patch that puts new words in the place of those at a pointer; None where they are the same words."""
    place = words_place(document, pointer)
    if place is None:
        raise Invalid(
            say("New wording has no place here."),
            fields={"/wording": [say("This part is not one text. Say in your comment what it should be instead.")]},
        )
    before: str = documents.at(document, place)
    if wording.split() == before.split():
        return None
    return [{"op": "test", "path": place, "value": before}, {"op": "replace", "path": place, "value": wording}]


def words_place(document: Document, pointer: str, language: str = "en") -> str | None:
    """Return the pointer of the one text that is meant by a place, or None where there is no such text.

    A text means itself; a language map its text in the language, else in English, else in its first; an object its
    `text`, else the only language map it holds.
    """
    value = documents.at(document, pointer)
    if isinstance(value, str):
        return pointer
    if not isinstance(value, Mapping) or not value:
        return None
    if is_language_map(value):
        return f"{pointer}/{language if language in value else min(value, key=lambda code: (code != 'en', code))}"
    texts = [name for name, inner in value.items() if isinstance(inner, Mapping) and is_language_map(inner) and inner]
    name = "text" if "text" in texts else texts[0] if len(texts) == 1 else None
    return name and words_place(document, f"{pointer}/{name}", language)


def is_language_map(value: Mapping[str, object]) -> bool:
    """Say whether an object is text by language: `{"en": "...", "de": "..."}`."""
    return all(isinstance(v, str) and _LANGUAGE.fullmatch(k) for k, v in value.items())


def checked(document: Document, element: str, patch: Patch) -> Patch:
    """Return the patch if it begins with a test, applies to the document and changes the element; or raise Invalid."""
    if problem := _problem(document, element, patch):
        raise Invalid(say("This suggestion cannot be taken as it is."), fields={"/suggestion": [problem]})
    return patch


def _problem(document: Document, element: str, patch: Patch) -> str | None:
    if not patch or patch[0].get("op") != "test":
        return "Begin with a test operation that says what stands there now, so that it never changes other words."
    if any(operation.get("op") not in OPERATIONS for operation in patch):
        return f"Use these operations only: {', '.join(OPERATIONS)}."
    if not all(_is_within(element, str(o.get(key, element))) for o in patch for key in ("path", "from")):
        return f"Change {element} only. Comment on other elements by themselves."
    if not _can_be_kept(patch):
        return "It holds a number or a character that JSON readers do not agree on."
    try:
        after = documents.patched(document, patch)
    except Refused as refusal:
        return refusal.message
    if documents.at(after, element) == documents.at(document, element):
        return f"It leaves {element} as it is."
    return None


def _is_within(element: str, pointer: str) -> bool:
    return pointer == element or pointer.startswith(element + "/")


def _can_be_kept(patch: Patch) -> bool:
    try:
        return b"\\u0000" not in documents.canonical(list(patch))
    except ValueError:
        return False
