"""The parts that sentences are made of: who acted, versions, numbers, lists."""

from datetime import datetime
from typing import Any

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.vocabulary import SERVICES

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
    of = f"{person} of {names.organisation(event.organisation)}" if event.organisation else person
    return capital(of)


def person(entry: Entry, names: Names, id: str | None) -> str:
    """Return the name of a person, where the reader may know which person it is."""
    return names.person(id) if entry.close else "somebody"


def version(entry: Entry) -> int:
    """Return the number of the version an entry is about; 0 where it says none."""
    number = entry.event.data.get("version")
    return number if isinstance(number, int) and not isinstance(number, bool) else 0


def count(number: int, one: str, many: str = "") -> str:
    """Return a number of things: one comment, eleven comments."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return f"{words[number] if number < len(words) else f'{number:,}'} {one if number == 1 else many or f'{one}s'}"


def ago(moment: datetime, now: datetime) -> str:
    """Return how long ago something was, in the largest unit that fits: 12 seconds ago, two hours ago."""
    seconds = max(int((now - moment).total_seconds()), 0)
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length or (unit == "day" and seconds >= length):
            return f"{count(seconds // length, unit)} ago"
    return f"{count(seconds, 'second')} ago" if seconds else "just now"


def listed(parts: list[str]) -> str:
    """Return a list as one says it: a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def possessive(name: str) -> str:
    """Return a name with its apostrophe."""
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def capital(text: str) -> str:
    """Return a text as it begins a sentence."""
    return text[:1].upper() + text[1:]
