"""What a value in a document may look like: a shape finds what is wrong with it, and names the place of each fault.

A shape says nothing of completeness: a draft may lack anything, but what stands in it must be sound.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from services.catalogue.domain.vocabulary import Vocabulary

Json = Any

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")  # BCP 47, as far as a form needs it
ELEMENT_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")  # a line feed is allowed where lines are


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the JSON Pointer of the place, and a sentence for the person who can put it right."""

    pointer: str
    sentence: str


Faults = Iterator[Fault]


class Shape(Protocol):
    """What a value may look like."""

    def faults(self, value: Json, at: str) -> Faults:
        """Yield what is wrong with a value that stands at a JSON Pointer."""


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text: a name, a code, an address. `lines` allows more than one line."""

    max: int
    lines: bool = False

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, str):
            yield Fault(at, f"This is text, not {_kind(value)}.")
        elif not value.strip():
            yield Fault(at, "This is empty: write something, or leave it out.")
        elif len(value) > self.max:
            yield Fault(at, f"This has {len(value):,} characters; at most {self.max:,} are possible.")
        elif CONTROL.search(value) or (not self.lines and "\n" in value):
            yield Fault(at, "This holds line breaks or invisible characters that cannot stand here.")


@dataclass(frozen=True, slots=True)
class Words:
    """Text for people, as a language map: `{"en": "...", "de": "..."}`, at most `max` characters in each language."""

    max: int
    lines: bool = False

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(at, f'This is text in one or more languages, like {{"en": "..."}}, not {_kind(value)}.')
        elif not value:
            yield Fault(at, "This is empty: write it in at least one language, or leave it out.")
        else:
            for language, text in value.items():
                place = f"{at}/{escaped(language)}"
                if not LANGUAGE.fullmatch(language):
                    yield Fault(place, f"“{language[:20]}” is no language code; English is “en”, German is “de”.")
                yield from Text(self.max, self.lines).faults(text, place)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Text of a fixed form; `sentence` says which, and `example` shows one."""

    pattern: re.Pattern[str]
    sentence: str
    example: str = ""

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and self.pattern.fullmatch(value)):
            yield Fault(at, self.sentence)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of the concepts of a vocabulary, by its URI or code."""

    vocabulary: Vocabulary

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and value in self.vocabulary):
            yield Fault(
                at, f"This is one of: {', '.join(f'{label} ({uri})' for uri, label in self.vocabulary.items())}."
            )


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number from 0 as text: `"1.5"`. JSON has no decimals that every reader reads alike (RFC 8785)."""

    unit: str = ""

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and DECIMAL.fullmatch(value)):
            yield Fault(at, "This is a number from 0 with at most two decimals, written as text, like “25” or “1.5”.")


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, bool):
            yield Fault(at, f"This is yes or no (true or false), not {_kind(value)}.")


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day: `"2027-12-31"`."""

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) and _is_day(value)):
            yield Fault(at, "This is a day of the calendar, written like 2027-12-31.")


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values of one shape, each once, in an order without meaning of its own."""

    item: Shape
    max: int = 50

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, list):
            yield Fault(at, f"This is a list, not {_kind(value)}.")
        elif len(value) > self.max:
            yield Fault(at, f"This has {len(value):,} entries; at most {self.max} are possible.")
        else:
            for place, item in enumerate(value):
                yield from self.item.faults(item, f"{at}/{place}")
                if item in value[:place]:
                    yield Fault(f"{at}/{place}", "This stands in the list twice.")


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields, no others. `needed` are those a submitted design must have."""

    fields: Mapping[str, Shape]
    needed: tuple[str, ...] = ()

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(at, f"This has fields ({', '.join(self.fields)}); it is not {_kind(value)}.")
            return
        if not value:
            yield Fault(at, "This is empty: fill it in, or leave it out.")
        for name, content in value.items():
            if name in self.fields:
                yield from self.fields[name].faults(content, f"{at}/{name}")
            else:
                known = ", ".join(self.fields)
                yield Fault(f"{at}/{escaped(name)}", f"There is no field “{name[:40]}” here; there are {known}.")


@dataclass(frozen=True, slots=True)
class Keyed:
    """Several records, each under a stable id of its own: `{"lo-3f2a": {...}}`."""

    item: Record
    prefix: str
    max: int = 60

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(
                at, f'This holds elements by their ids, like {{"{self.prefix}-1": {{...}}}}; not {_kind(value)}.'
            )
        elif len(value) > self.max:
            yield Fault(at, f"There are {len(value)} of these; at most {self.max} are possible.")
        else:
            for key, item in value.items():
                place = f"{at}/{escaped(key)}"
                if not ELEMENT_ID.fullmatch(key):
                    yield Fault(place, "An id is 2 to 40 small letters, digits and hyphens, and begins with a letter.")
                yield from self.item.faults(item, place)


def escaped(key: str) -> str:
    """Return a key as a step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing (null)"}
    return names.get(type(value), "a number")


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
