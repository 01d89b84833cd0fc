"""A design set out to be read: each element with its words, and its other values as plain names and values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.audit.reading.elements import Document, walk

LANGUAGE = re.compile(r"[a-z]{2}(-[A-Za-z]{2,4})*")
WORDINGS = frozenset({"text", "title", "name", "notes", "benefit", "renewal", "scheme", "body"})
LANGUAGES = {"de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "pl": "Polish"}
LABELS = {
    "ects": "ECTS credits",
    "eqf": "EQF level",
    "nqf": "National level",
    "isced_f": "Field (ISCED-F)",
    "covers": "Assesses",
    "part_of": "Part of",
    "standalone": "Stands alone",
}


# The order in which one reads a design; its own bytes have the members by the alphabet. What is not here comes last.
ORDER = (
    *("title", "outcomes", "assessments", "workload", "level", "participation", "prerequisites", "target_groups"),
    *("use", "value", "stacking", "quality_assurance", "grading", "accommodations", "shelf_life", "setting"),
    *("awarding_body", "country", "notes"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an element: its label ("" for the words themselves), its words, and an address behind them."""

    label: str
    words: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One element, and its lines."""

    pointer: str
    lines: Sequence[Line]

    @property
    def wording(self) -> list[Line]:
        """Return the words themselves."""
        return [line for line in self.lines if not line.label]

    @property
    def details(self) -> list[tuple[str, list[Line]]]:
        """Return everything else: each label with its lines."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            if line.label:
                found.setdefault(line.label, []).append(line)
        return list(found.items())


def outline(document: Document, *, all_languages: bool = False) -> list[tuple[str, list[Part]]]:
    """Return the heading of each member of a design with its elements, in reading order.

    Words are in one language, English where there is; with `all_languages` in each, beside the name of the language.
    """
    parts = [Part(pointer, list(_lines(document, value, "", all_languages))) for pointer, value in walk(document)]
    grouped = {member: list(found) for member, found in groupby(parts, key=lambda part: part.pointer.split("/")[1])}
    return [(heading(member), grouped[member]) for member in sorted(grouped, key=_place)]


def heading(member: str) -> str:
    """Return what a member of a design is called over its elements."""
    return LABELS.get(member, member.replace("_", " ").capitalize())


def _place(member: str) -> int:
    return ORDER.index(member) if member in ORDER else len(ORDER)


def _lines(document: Document, value: Any, name: str, all_languages: bool = False) -> Iterator[Line]:
    if _is_words(value):
        label = "" if not name or name in WORDINGS else heading(name)
        first = "en" if value.get("en") else next(iter(value))
        yield Line(label, str(value[first]))
        others = (code for code in value if code != first and all_languages)
        yield from (Line(f"{label or 'Words'} ({LANGUAGES.get(code, code)})", str(value[code])) for code in others)
    elif isinstance(value, Mapping):
        if {"title", "address"} >= value.keys() and "address" in value:
            title = next((line.words for line in _lines(document, value.get("title"), "")), str(value["address"]))
            yield Line(heading(name), title, _address(value["address"]))
            return
        for key, inner in value.items():
            named = key if name not in ("part_of", "targets", "advanced_standing") else name
            yield from _lines(document, inner, named, all_languages)
    elif isinstance(value, list):
        for item in value:
            yield from _lines(document, item, name, all_languages)
    elif value is not None:
        yield _plain(document, value, name)


def _is_words(value: Any) -> bool:
    """Say whether a value is text by language: an object of texts whose keys are language codes."""
    if not isinstance(value, Mapping) or not value:
        return False
    return all(isinstance(text, str) and LANGUAGE.fullmatch(code) for code, text in value.items())


def _plain(document: Document, value: Any, name: str) -> Line:
    label = heading(name) if name else ""
    if isinstance(value, bool):
        return Line(label, "yes" if value else "no")
    outcome = document.get("outcomes", {}).get(value) if isinstance(value, str) else None
    if outcome is not None:
        order = list(document.get("order", {}).get("outcomes", ()))
        return Line(label, f"outcome {order.index(value) + 1}" if value in order else value)
    address = _address(value)
    return Line(label, _called(address) if address else str(value), address)


def _called(address: str) -> str:
    """Return a name for a web address: its last step where that is a word, else its kind and how it begins."""
    *_, kind, last = ["", *address.rstrip("/").split("/")]
    return last.replace("-", " ") if last.replace("-", "").isalpha() else f"{kind} {last[:8]}"


def _address(value: Any) -> str | None:
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else None
