"""A design as people read it: its elements in reading order, each with a heading, words, and what can be reworded."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from services.codesign.domain.suggesting import is_language_map, words_place
from services.kernel import documents
from services.kernel.documents import Document

# In reading order, with the heading of one element each: what it is and for whom first, the fine print last.
HEADINGS = {
    "title": "Title",
    "value": "What it is worth",
    "use": "What it is for",
    "outcomes": "Learning outcome",
    "assessments": "Assessment",
    "level": "Level",
    "workload": "Workload",
    "participation": "Form of participation",
    "target_groups": "For whom",
    "prerequisites": "Prerequisite",
    "accommodations": "Accommodations",
    "grading": "Grading",
    "stacking": "How it stacks",
    "awarding_body": "Awarding body",
    "country": "Country",
    "quality_assurance": "Quality assurance",
    "setting": "Setting",
    "shelf_life": "How long it holds",
    "notes": "Notes",
}
LABELS = {
    "eqf": "European level",
    "nqf": "National level",
    "isced_f": "Field of study",
    "ects": "ECTS credits",
    "reuse_level": "How widely it can be used",
    "skills": "Skills",
    "covers": "Tests",
    "expires": "Valid until",
    "review_by": "To be reviewed by",
    "standalone": "Stands alone",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words, with the web address they stand for, if any."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an element: what it is about ("" for the text itself), and its phrases."""

    label: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One element: where it is (JSON Pointer), its heading, its lines, and the one text in it that can be reworded."""

    pointer: str
    heading: str
    lines: tuple[Line, ...]
    wording: str | None


def title(document: Document) -> str:
    """Return the title of a design for a heading."""
    return _in_language(document.get("title")) or "Design without a title"


def read(document: Document) -> list[Part]:
    """Return the elements of a design in reading order."""
    headings = dict(_headings(document))
    return [_part(document, pointer, heading, headings) for pointer, heading in headings.items()]


def heading_of(document: Document, pointer: str) -> str:
    """Return the heading of an element, of one that is gone too."""
    return dict(_headings(document)).get(pointer) or _singular(pointer.split("/")[1])


def _headings(document: Document) -> Iterator[tuple[str, str]]:
    """Yield pointer and heading of each element, in reading order; several of a kind are counted from 1."""
    places = sorted((pointer for pointer, _ in documents.walk(document)), key=_rank)
    kinds = [pointer.split("/")[1] for pointer in places]
    for place, (pointer, kind) in enumerate(zip(places, kinds, strict=True)):
        number = f" {kinds[: place + 1].count(kind)}" if pointer.count("/") > 1 else ""
        yield pointer, _singular(kind) + number


def _rank(pointer: str) -> int:
    kind = pointer.split("/")[1]
    return list(HEADINGS).index(kind) if kind in HEADINGS else len(HEADINGS)


def _singular(kind: str) -> str:
    return HEADINGS.get(kind) or _label(kind)


def _part(document: Document, pointer: str, heading: str, headings: Mapping[str, str]) -> Part:
    names = {place.rpartition("/")[2]: text.lower() for place, text in headings.items() if place.count("/") > 1}
    place = words_place(document, pointer)
    spoken = place is not None and place != pointer  # a bare code, such as a country, is no wording
    lines = tuple(_lines(documents.at(document, pointer), names))
    return Part(pointer, heading, lines, documents.at(document, place) if spoken and place else None)


def _lines(value: Any, names: Mapping[str, str]) -> Iterator[Line]:
    if isinstance(value, Mapping) and is_language_map(value):
        text = _in_language(value)
        yield Line("", (Phrase(text or ""),))
        yield from (Line(language, (Phrase(other),)) for language, other in value.items() if other != text)
    elif isinstance(value, Mapping):
        if "text" in value:
            yield from _lines(value["text"], names)
        yield from (Line(_label(n), tuple(_phrases(v, names))) for n, v in value.items() if n not in ("text", "order"))
    else:
        yield Line("", tuple(_phrases(value, names)))


def _phrases(value: Any, names: Mapping[str, str]) -> Iterator[Phrase]:
    if isinstance(value, Mapping):
        parts: Sequence[Any] = [_in_language(value)] if is_language_map(value) else list(value.values())
        for part in parts:
            yield from _phrases(part, names)
    elif isinstance(value, list):
        for item in value:
            yield from _phrases(item, names)
    elif isinstance(value, bool):
        yield Phrase("yes" if value else "no")
    else:
        yield _phrase(str(value), names)


def _phrase(text: str, names: Mapping[str, str]) -> Phrase:
    if not text.startswith(("http://", "https://")):
        return Phrase(names.get(text, text))
    if text in concepts():
        return Phrase(concepts()[text])
    if "/esco/skill/" in text:
        return Phrase("ESCO skill", text)
    if "/isced-f/" in text:
        return Phrase(f"ISCED-F {text.rpartition('/')[2]}", text)
    return Phrase(text.partition("://")[2].rstrip("/"), text)


def _in_language(value: Any, language: str = "en") -> str | None:
    if not isinstance(value, Mapping) or not value or not is_language_map(value):
        return None
    text: str = value.get(language) or next(iter(value.values()))
    return text


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize()


@cache
def concepts() -> Mapping[str, str]:
    """Return the plain English of each concept a design speaks with, by its URI."""
    found: dict[str, str] = json.loads(files("contracts").joinpath("concepts.json").read_text())["concepts"]
    return found
