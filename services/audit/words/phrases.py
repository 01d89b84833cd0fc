"""The parts that sentences are made of: who acted, versions, numbers, lists."""

from datetime import datetime
from typing import Any

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.vocabulary import SERVICES
from services.kernel.language import Sentence, joined, say

DAY = 86_400  # seconds
NUMBERS = (
    say("no"),
    say("one"),
    say("two"),
    say("three"),
    say("four"),
    say("five"),
    say("six"),
    say("seven"),
    say("eight"),
    say("nine"),
    say("ten"),
)
UNITS = (
    (say("day"), say("days"), DAY),
    (say("hour"), say("hours"), 3_600),
    (say("minute"), say("minutes"), 60),
)
# what else stands where a sentence begins
BEGUN = (say("Somebody"), say("Somebody whose name was erased"), say("An organisation"))
Said = tuple[str, str, Any]
"""Who, did what, and the private words that were said with it."""


def who(entry: Entry, names: Names) -> str:
    """Return who acted: Amina Rahman of Nordhafen Logistik, or the organisation alone where the reader sees no more."""
    event = entry.event
    if event.actor == "system":
        return SERVICES.get(event.service, event.service)
    if not entry.close:
        return capital(names.organisation(event.organisation))
    person = names.person(event.actor)
    organisation = names.organisation(event.organisation) if event.organisation else None
    of = say("{person} of {organisation}", person=person, organisation=organisation) if organisation else person
    return capital(of)


def person(entry: Entry, names: Names, id: str | None) -> str:
    """Return the name of a person, where the reader may know which person it is."""
    return names.person(id) if entry.close else say("somebody")


def version(entry: Entry) -> int:
    """Return the number of the version an entry is about; 0 where it says none."""
    number = entry.event.data.get("version")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def count(number: int, one: str, many: str = "") -> str:
    """Return a number of things: one comment, eleven comments."""
    if number < len(NUMBERS):
        return say("{number} {thing}", number=NUMBERS[number], thing=one if number == 1 else many or f"{one}s")
    return say("{number:,} {thing}", number=number, thing=many or f"{one}s")


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that fits: 12 seconds ago, two hours ago."""
    seconds = max(int((now - moment).total_seconds()), 0)
    for one, many, length in UNITS:
        if seconds >= 2 * length or (length == DAY and seconds >= length):
            return say("{span} ago", span=count(seconds // length, one, many))
    return say("{span} ago", span=count(seconds, say("second"), say("seconds"))) if seconds else say("just now")


def listed(parts: list[str]) -> str:
    """Return a list as one says it: a, b and c."""
    return say("{first} and {last}", first=joined(parts[:-1]), last=parts[-1]) if len(parts) > 1 else joined(parts)


def possessive(name: str) -> str:
    """Return a name with its apostrophe."""
    return say("{name}’", name=name) if name.endswith("s") else say("{name}’s", name=name)


def capital(text: str) -> str:
    """Return a text as it begins a sentence."""
    if not isinstance(text, Sentence):
        return text[:1].upper() + text[1:]
    begun = {name: capital(value) if isinstance(value, str) else value for name, value in list(text.values.items())[:1]}
    return Sentence(text.template[:1].upper() + text.template[1:], {**text.values, **begun})
