"""What a value in a document may look like: a shape finds what is wrong with it, and names the place of each fault.

A shape says nothing of completeness: a draft may lack anything, but what stands in it must be sound.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from services.catalogue.domain.characters import objections
from services.catalogue.domain.vocabulary import LANGUAGES, Vocabulary, nearest

Json = Any

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")  # BCP 47, as far as a form needs it
ELEMENT_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?")
DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")  # ISO 8601
PERIODS = ("years", "months", "weeks", "days", "", "hours", "minutes", "seconds")


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
        else:
            yield from (Fault(at, sentence) for sentence in objections(value, lines=self.lines))


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
                if not (LANGUAGE.fullmatch(language) and language.partition("-")[0] in LANGUAGES):
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
            known = f"This is one of: {', '.join(f'{label} ({uri})' for uri, label in self.vocabulary.items())}."
            yield Fault(at, _meant(known, self.vocabulary, value))


@dataclass(frozen=True, slots=True)
class Listed:
    """One concept of a list that is too long to tell, by its URI or code; `sentence` says which list.

    A code may go on after a hyphen, where `rest` says how: DE-BY, pt-BR.
    """

    vocabulary: Vocabulary
    sentence: str
    example: str = ""
    rest: re.Pattern[str] | None = None

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, str):
            yield Fault(at, self.sentence)
            return
        head, hyphen, tail = value.partition("-") if self.rest else (value, "", "")
        if head not in self.vocabulary:
            yield Fault(at, _meant(self.sentence, self.vocabulary, value))
        elif hyphen and self.rest and not self.rest.fullmatch(tail):
            yield Fault(at, self.sentence)


@dataclass(frozen=True, slots=True)
class Decimal:
    """A number from 0 as text: `"1.5"`. JSON has no decimals that every reader reads alike (RFC 8785)."""

    unit: str = ""

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and DECIMAL.fullmatch(value)):
            sentence = "This is a number from 0 with at most two decimals, written as text, like “25” or “1.5”."
            yield Fault(at, f"{sentence}{_meant_number(value)}")


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
        return 2000 <= date.fromisoformat(text).year < 2100  # 0027 and 20227 are slips of a finger
    except ValueError:
        return False


def _meant(sentence: str, vocabulary: Vocabulary, value: Json) -> str:
    """Return a sentence, with what was nearly named after it."""
    key = nearest(vocabulary, value) if isinstance(value, str) else None
    return sentence if key is None else f"{sentence} Did you mean {vocabulary[key]} ({key})?"


def _meant_number(value: Json) -> str:
    """Say what was probably meant by something that is no number as we write it; "" where nothing can be guessed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f" Write “{value}”, in quotation marks." if abs(value) < 10**7 else ""
    if not isinstance(value, str) or len(value) > 40:
        return ""
    if told := _period(value):
        return f" “{value}” is a duration as ISO 8601 writes it, and means {told}. For sixty hours write “60”."
    found = re.match(r"\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*[A-Za-z]{0,8}\s*$", value)
    return f" Write “{int(found[1])}{'.' + found[2] if found[2] else ''}”." if found else ""


def _period(text: str) -> str:
    """Say in words how long an ISO 8601 duration is: P60M is 60 months, PT60M 60 minutes; "" for anything else."""
    found = DURATION.fullmatch(text.upper())
    parts = zip(found.groups(), PERIODS, strict=True) if found else ()
    return " and ".join(f"{int(part[:-1])} {unit}" for part, unit in parts if part and unit)
