"""What a value in a document may look like: a shape finds what is wrong with it, and names the place of each fault.

A shape says nothing of completeness: a draft may lack anything, but what stands in it must be sound.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import Any, Protocol

from services.catalogue.domain.characters import objections
from services.catalogue.domain.vocabulary import LANGUAGES, Vocabulary, nearest
from services.kernel.language import say

Json = Any

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")  # BCP 47, as far as a form needs it
ELEMENT_ID = re.compile(r"[a-z][a-z0-9-]{1,39}")
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,6})(\.[0-9]{1,2})?")
DURATION = re.compile(r"P(?=.)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?")  # ISO 8601
NUMBER = say("This is a number from 0 with at most two decimals, written as text, like “25” or “1.5”.")
KINDS = {
    dict: say("an object"),
    list: say("a list"),
    str: say("text"),
    bool: say("true or false"),
    type(None): say("nothing (null)"),
}
# The parts of an ISO 8601 duration, in the order of its letters; T is none.
PERIODS = (
    say("{number} years", number=""),
    say("{number} months", number=""),
    say("{number} weeks", number=""),
    say("{number} days", number=""),
    None,
    say("{number} hours", number=""),
    say("{number} minutes", number=""),
    say("{number} seconds", number=""),
)


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
            yield Fault(at, say("This is text, not {kind}.", kind=_kind(value)))
        elif not value.strip():
            yield Fault(at, say("This is empty: write something, or leave it out."))
        elif len(value) > self.max:
            yield Fault(
                at, say("This has {count:,} characters; at most {max:,} are possible.", count=len(value), max=self.max)
            )
        else:
            yield from (Fault(at, sentence) for sentence in objections(value, lines=self.lines))


@dataclass(frozen=True, slots=True)
class Words:
    """Text for people, as a language map: `{"en": "...", "de": "..."}`, at most `max` characters in each language."""

    max: int
    lines: bool = False

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(
                at,
                say(
                    "This is text in one or more languages, like {like}, not {kind}.",
                    like='{"en": "..."}',
                    kind=_kind(value),
                ),
            )
        elif not value:
            yield Fault(at, say("This is empty: write it in at least one language, or leave it out."))
        else:
            for language, text in value.items():
                place = f"{at}/{escaped(language)}"
                if not (LANGUAGE.fullmatch(language) and language.partition("-")[0] in LANGUAGES):
                    yield Fault(
                        place, say("“{code}” is no language code; English is “en”, German is “de”.", code=language[:20])
                    )
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
            known = ", ".join(f"{label} ({uri})" for uri, label in self.vocabulary.items())
            yield Fault(at, _meant(say("This is one of: {known}.", known=known), self.vocabulary, value))


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
            yield Fault(at, _meant_number(value) or NUMBER)


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, bool):
            yield Fault(at, say("This is yes or no (true or false), not {kind}.", kind=_kind(value)))


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day: `"2027-12-31"`."""

    def faults(self, value: Json, at: str) -> Faults:
        if not (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) and _is_day(value)):
            yield Fault(at, say("This is a day of the calendar, written like 2027-12-31."))


@dataclass(frozen=True, slots=True)
class ListOf:
    """Several values of one shape, each once, in an order without meaning of its own."""

    item: Shape
    max: int = 50

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, list):
            yield Fault(at, say("This is a list, not {kind}.", kind=_kind(value)))
        elif len(value) > self.max:
            yield Fault(
                at, say("This has {count:,} entries; at most {max} are possible.", count=len(value), max=self.max)
            )
        else:
            for place, item in enumerate(value):
                yield from self.item.faults(item, f"{at}/{place}")
                if item in value[:place]:
                    yield Fault(f"{at}/{place}", say("This stands in the list twice."))


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields, no others. `needed` are those a submitted design must have."""

    fields: Mapping[str, Shape]
    needed: tuple[str, ...] = ()

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(
                at, say("This has fields ({known}); it is not {kind}.", known=", ".join(self.fields), kind=_kind(value))
            )
            return
        if not value:
            yield Fault(at, say("This is empty: fill it in, or leave it out."))
        for name, content in value.items():
            if name in self.fields:
                yield from self.fields[name].faults(content, f"{at}/{name}")
            else:
                known = ", ".join(self.fields)
                yield Fault(
                    f"{at}/{escaped(name)}",
                    say("There is no field “{name}” here; there are {known}.", name=name[:40], known=known),
                )


@dataclass(frozen=True, slots=True)
class Keyed:
    """Several records, each under a stable id of its own: `{"lo-3f2a": {...}}`."""

    item: Record
    prefix: str
    max: int = 60

    def faults(self, value: Json, at: str) -> Faults:
        if not isinstance(value, Mapping):
            yield Fault(
                at,
                say(
                    "This holds elements by their ids, like {like}; not {kind}.",
                    like=f'{{"{self.prefix}-1": {{...}}}}',
                    kind=_kind(value),
                ),
            )
        elif len(value) > self.max:
            yield Fault(
                at, say("There are {count} of these; at most {max} are possible.", count=len(value), max=self.max)
            )
        else:
            for key, item in value.items():
                place = f"{at}/{escaped(key)}"
                if not ELEMENT_ID.fullmatch(key):
                    yield Fault(
                        place, say("An id is 2 to 40 small letters, digits and hyphens, and begins with a letter.")
                    )
                yield from self.item.faults(item, place)


def escaped(key: str) -> str:
    """Return a key as a step of a JSON Pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")


def _kind(value: Json) -> str:
    return KINDS.get(type(value), say("a number"))


def _is_day(text: str) -> bool:
    try:
        return 2000 <= date.fromisoformat(text).year < 2100  # 0027 and 20227 are slips of a finger
    except ValueError:
        return False


def _meant(sentence: str, vocabulary: Vocabulary, value: Json) -> str:
    """Return a sentence, with what was nearly named after it."""
    key = nearest(vocabulary, value) if isinstance(value, str) else None
    if key is None:
        return sentence
    return say("{sentence} Did you mean {label} ({key})?", sentence=sentence, label=vocabulary[key], key=key)


def _meant_number(value: Json) -> str | None:
    """Say what was probably meant by something that is no number as we write it; None where nothing can be guessed."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**7:
        return say("{sentence} Write “{number}”, in quotation marks.", sentence=NUMBER, number=str(value))
    if not isinstance(value, str) or len(value) > 40:
        return None
    if told := _period(value):
        return say(
            "{sentence} “{written}” is a duration as ISO 8601 writes it, and means {told}. For sixty hours write “60”.",
            sentence=NUMBER,
            written=value,
            told=told,
        )
    found = re.match(r"\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*[A-Za-z]{0,8}\s*$", value)
    number = f"{int(found[1])}{'.' + found[2] if found[2] else ''}" if found else ""
    return say("{sentence} Write “{number}”.", sentence=NUMBER, number=number) if found else None


def _period(text: str) -> str:
    """Say in words how long an ISO 8601 duration is: P60M is 60 months, PT60M 60 minutes; "" for anything else."""
    found = DURATION.fullmatch(text.upper())
    parts = zip(found.groups(), PERIODS, strict=True) if found else ()
    said = [period.format(number=int(part[:-1])) for part, period in parts if part and period]
    return reduce(lambda before, part: say("{before} and {part}", before=before, part=part), said) if said else ""
