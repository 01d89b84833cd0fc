"""A design as people read it: parts in reading order, each with its lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from services.catalogue import skills, words
from services.catalogue.domain.annex import ELEMENTS
from services.catalogue.domain.shapes import Flag, Keyed, ListOf, Record, Shape, Words
from services.catalogue.domain.vocabulary import CONCEPTS, USES
from services.kernel.documents import Document

WORDINGS = ("text", "title", "notes", "accommodations", "scheme", "name")  # read without a label before them


@dataclass(frozen=True, slots=True)
class Phrase:
    """A few words, with the web address behind them, if there is one."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a part: what it is about, its phrases, and the language they are in where that matters."""

    label: str
    phrases: tuple[Phrase, ...]
    language: str | None = None
    main: bool = False

    @property
    def text(self) -> str:
        """The line as plain text."""
        return ", ".join(phrase.text for phrase in self.phrases)


@dataclass(frozen=True, slots=True)
class Part:
    """One element: its place, its collection and key (None where it is no keyed one), and its lines."""

    pointer: str
    name: str
    key: str | None
    heading: str
    lines: tuple[Line, ...]

    @property
    def wording(self) -> list[Line]:
        """The text itself, in each of its languages."""
        return [line for line in self.lines if line.main]

    @property
    def details(self) -> list[tuple[str, list[Line]]]:
        """Everything else: each label with its lines."""
        others = [line for line in self.lines if not line.main]
        return [(label, list(lines)) for label, lines in groupby(others, key=lambda line: line.label)]


def title(document: Document, language: str = "en") -> str:
    """Return the title of a design for a heading."""
    return first(document.get("title"), language) or "Design without a title"


def first(texts: Mapping[str, str] | None, language: str = "en") -> str:
    """Return the words in a language where there are some, else in the first; "" where there are none."""
    found = texts or {}
    return found.get(language) or next((found[code] for code in spoken(found)), "")


def spoken(texts: Mapping[str, str]) -> list[str]:
    """Return the languages of a text, English first: what a page says of itself is in English."""
    return sorted(texts, key=lambda code: (code != "en", code))


def parts(document: Document, language: str | None = None) -> dict[str, list[Part]]:
    """Return the elements that are there, by name, in reading order; in one language where it is there, or in all."""
    return {name: list(_parts_of(document, name, language)) for name in words.NAMES if name in document}


def _parts_of(document: Document, name: str, language: str | None) -> Iterator[Part]:
    value, shape = document[name], ELEMENTS[name]
    if not isinstance(shape, Keyed):
        lines = tuple(_lines(document, shape, value, name, language))
        yield Part(f"/{name}", name, None, words.NAMES[name].heading, lines)
        return
    for number, key in enumerate(document.get("order", {}).get(name, ()), 1):
        heading = f"{words.NAMES[name].one.capitalize()} {number}"
        lines = tuple(_lines(document, shape.item, value[key], name, language))
        yield Part(f"/{name}/{key}", name, key, heading, lines)


def _lines(document: Document, shape: Shape, value: Any, path: str, language: str | None) -> Iterator[Line]:
    label, _ = words.field(path)
    if isinstance(shape, Words):
        main = path.rpartition(".")[2] in WORDINGS
        codes = spoken(value) if language is None else [language if language in value else spoken(value)[0]]
        yield from (Line(label, (Phrase(value[code]),), code, main) for code in codes)
    elif isinstance(shape, Record):
        for name, inner in shape.fields.items():
            if name in value:
                yield from _lines(document, inner, value[name], f"{path}.{name}", language)
    elif isinstance(shape, Keyed):
        yield Line(label, tuple(_link(link) for link in value.values()))
    elif isinstance(shape, ListOf):
        yield Line(label, tuple(_phrase(document, item) for item in value))
    elif isinstance(shape, Flag):
        yield Line(label, (Phrase("yes" if value else "no"),))
    else:
        yield Line(label, (_phrase(document, value),), main="." not in path)


def _phrase(document: Document, value: str) -> Phrase:
    if value in document.get("outcomes", {}):
        return Phrase(_outcome(document, value))
    if "/esco/skill/" in value:
        return Phrase(skills.label(value) or f"ESCO skill {value.rpartition('/')[2][:8]}", value)
    if "/isced-f/" in value:
        return Phrase(CONCEPTS.get(value) or f"ISCED-F {value.rpartition('/')[2]}", value)
    known = CONCEPTS.get(value) or USES.get(value)
    if known is None and value.startswith(("http://", "https://")):
        return Phrase(value.partition("://")[2].rstrip("/"), value)
    return Phrase(known or value)


def _outcome(document: Document, key: str) -> str:
    order = list(document.get("order", {}).get("outcomes", ()))
    return f"outcome {order.index(key) + 1}" if key in order else key


def _link(link: Mapping[str, Any]) -> Phrase:
    return Phrase(first(link.get("title")) or link.get("address", ""), link.get("address"))
