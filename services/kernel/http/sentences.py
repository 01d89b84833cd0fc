"""What is said of a field that cannot be taken: a JSON Pointer to it, and a sentence for whoever filled it in."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.kernel.language import Sentence, say

SCHEMA = "_schema"  # marshmallow's name for "the whole"
LOCATIONS = {"json": "", "form": "", "query": "?", "querystring": "?"}

# marshmallow's own words, and ours
WORDS = {
    "Missing data for required field.": say("This is needed."),
    "Field may not be null.": say("This may not be empty."),
    "Unknown field.": say("There is no such field here. Check the spelling, or leave it out."),
    "Invalid input type.": say("A JSON object is needed here."),
    "Not a valid string.": say("This must be text."),
    "Not a valid integer.": say("This must be a whole number."),
    "Not a valid number.": say("This must be a number."),
    "Not a valid boolean.": say("This must be true or false."),
    "Not a valid list.": say("This must be a list."),
    "Not a valid mapping type.": say("This must be a JSON object."),
    "Not a valid date.": say("This must be a date, like 2026-03-01."),
    "Not a valid datetime.": say("This must be a moment, like 2026-03-01T09:30:00Z."),
    "Not a valid UUID.": say("This must be an id as we give them out."),
    "Not a valid URL.": say("This must be an address that begins with https://."),
    "Not a valid email address.": say("This must be an e-mail address, like name@example.org."),
}


def pointers(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """Turn webargs' messages, by location and field, into sentences by pointer (`/text`; `?limit` in the query)."""
    found: dict[str, list[str]] = {}
    for location, inside in messages.items():
        prefix = LOCATIONS.get(location)
        start = (prefix, inside) if prefix is not None else ("", {location: inside})
        for pointer, sentence in _walk(*start):
            found.setdefault(pointer, []).append(sentence)
    return found


def field_pointers(messages: Mapping[str, Any]) -> dict[str, list[str]]:
    """Turn marshmallow's messages, nested by field, into sentences by pointer."""
    return pointers({"json": messages})


def _walk(pointer: str, messages: Any) -> Iterator[tuple[str, str]]:
    if isinstance(messages, Mapping):
        for key, inside in messages.items():
            yield from _walk(pointer if key == SCHEMA else _join(pointer, str(key)), inside)
    elif isinstance(messages, list):
        for message in messages:
            yield from _walk(pointer, message)
    else:
        yield pointer, WORDS.get(str(messages), messages if isinstance(messages, Sentence) else str(messages))


def _join(pointer: str, key: str) -> str:
    return f"?{key}" if pointer == "?" else f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
