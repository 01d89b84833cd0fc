"""A design as people read it: its elements in reading order, each with a heading, words, and what can be reworded."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.codesign.domain.suggesting import is_language_map, words_place
from services.kernel import documents
from services.kernel.concepts import concepts
from services.kernel.documents import Document

# In reading order, with the heading of one element each: what it is and for whom first, the fine print last.
HEADINGS = {
    "title": "Title",
    "value": "What it costs and brings",
    "use": "What it is for",
    "target_groups": "For whom",
    "outcomes": "Learning outcome",
    "assessments": "Assessment",
    "level": "Level",
    "workload": "Workload",
    "participation": "Form of participation",
    "prerequisites": "Prerequisite",
    "accommodations": "Accommodations",
    "grading": "Grading",
    "stacking": "Stacking",
    "awarding_body": "Awarding body",
    "country": "Country or region",
    "quality_assurance": "Quality assurance",
    "setting": "Setting",
    "shelf_life": "Shelf life",
    "notes": "Notes",
}
LABELS = {
    "eqf": "European level",
    "nqf": "National level",
    "isced_f": "Field of education",
    "ects": "ECTS credits",
    "reuse_level": "How widely it is used",
    "covers": "It shows",
    "type": "Kind",
    "expires": "Valid until",
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
    """One element: where it is (JSON Pointer), its heading, its lines, and the one text of it that can be reworded.

    `place` is where a comment from a page points: at that text in the language that was read, else at the element.
    """

    pointer: str
    heading: str
    lines: tuple[Line, ...]
    place: str
    wording: str | None


def title(document: Document, language: str = "en") -> str:
    """Return the title of a design for a heading."""
    return _in_language(document.get("title"), language) or "Design without a title"


def languages(document: Document) -> list[str]:
    """Return the languages a design is written in, those of its title; English first."""
    texts = document.get("title")
    return sorted(texts, key=lambda code: (code != "en", code)) if isinstance(texts, Mapping) else []


def read(document: Document, language: str = "en") -> list[Part]:
    """Return the elements of a design in reading order, in a language where that is there."""
    headings = dict(_headings(document))
    return [_part(document, pointer, heading, headings, language) for pointer, heading in headings.items()]


def headings(document: Document) -> dict[str, str]:
    """Return the headings of all elements by their places, in reading order."""
    return dict(_headings(document))


def heading_of(document: Document, pointer: str) -> str:
    """Return the heading of an element, of one that is gone too."""
    return headings_of(document, [pointer])[0]


def headings_of(document: Document, pointers: Collection[str]) -> list[str]:
    """Return the headings of elements in reading order, those of elements that are gone at the end."""
    there = dict(_headings(document))
    gone = [_heading(pointer.split("/")[1]) for pointer in pointers if pointer not in there]
    return [heading for pointer, heading in there.items() if pointer in pointers] + gone


def _headings(document: Document) -> Iterator[tuple[str, str]]:
    """Yield pointer and heading of each element, in reading order; several of a kind are counted from 1."""
    places = sorted((pointer for pointer, _ in documents.walk(document)), key=_rank)
    kinds = [pointer.split("/")[1] for pointer in places]
    for place, (pointer, kind) in enumerate(zip(places, kinds, strict=True)):
        number = f" {kinds[: place + 1].count(kind)}" if pointer.count("/") > 1 else ""
        yield pointer, _heading(kind) + number


def _rank(pointer: str) -> int:
    kind = pointer.split("/")[1]
    return list(HEADINGS).index(kind) if kind in HEADINGS else len(HEADINGS)


def _heading(kind: str) -> str:
    return HEADINGS.get(kind) or _label(kind)


def _part(document: Document, pointer: str, heading: str, headings: Mapping[str, str], language: str) -> Part:
    names = {place.rpartition("/")[2]: text.lower() for place, text in headings.items() if place.count("/") > 1}
    lines = tuple(_lines(documents.at(document, pointer), names, language))
    place = words_place(document, pointer, language)
    if place is None or place == pointer:  # a bare code, such as a country, is no wording
        return Part(pointer, heading, lines, pointer, None)
    return Part(pointer, heading, lines, place, documents.at(document, place))


def _lines(value: Any, names: Mapping[str, str], language: str) -> Iterator[Line]:
    if not isinstance(value, Mapping) or is_language_map(value):
        yield Line("", tuple(_phrases(value, names, language)))
        return
    if "text" in value:
        yield from _lines(value["text"], names, language)
    for name, inner in value.items():
        if name not in ("text", "order") and (phrases := tuple(_phrases(inner, names, language))):
            yield Line(_label(name), phrases)


def _phrases(value: Any, names: Mapping[str, str], language: str) -> Iterator[Phrase]:
    if isinstance(value, Mapping) and is_language_map(value):
        yield Phrase(_in_language(value, language) or "")
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _phrases(item, names, language)
    elif isinstance(value, bool):
        yield Phrase("yes" if value else "no")
    else:
        yield _phrase(str(value), names)


def _phrase(text: str, names: Mapping[str, str]) -> Phrase:
    known = concepts().get(text) or names.get(text)
    if "/esco/skill/" in text:
        return Phrase(known or "ESCO skill", text)
    if "/isced-f/" in text:
        return Phrase(known or f"ISCED-F {text.rpartition('/')[2]}", text)
    if known is None and text.startswith(("http://", "https://")):
        return Phrase(text.partition("://")[2].rstrip("/"), text)
    return Phrase(known or text)


def _in_language(value: Any, language: str) -> str | None:
    if not isinstance(value, Mapping) or not value or not is_language_map(value):
        return None
    text: str = value.get(language) or value[min(value, key=lambda code: (code != "en", code))]
    return text


def _label(name: str) -> str:
    return LABELS.get(name) or name.replace("_", " ").capitalize()
