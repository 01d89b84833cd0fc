"""The form of an entry: a CloudEvents envelope in JSON, as the recorder lets it in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from services.audit.verifier.verdicts import Tampered

MAX_BYTES = 65_535
TEXTS = ("id", "source", "type", "subject", "time", "dataschema", "actor", "correlationid")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}\S* ?\S*\d(Z|[+-]\d\d(:?\d\d){0,2})")  # with its zone; the recorder has read it as a whole

Event = dict[str, Any]


def read(index: int, entry: bytes) -> Event:
    """Return the event that an entry is; Tampered where it is none."""
    try:
        event = _read(entry.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise Tampered(index, f"it is no event, for its bytes are no JSON: {problem}.") from None
    fault = _fault(event)
    if fault:
        raise Tampered(index, f"it is no event: {fault}.")
    found: Event = event
    return found


def _fault(event: Any) -> str:
    """Return what is wrong with an envelope, "" where nothing is."""
    if not isinstance(event, dict):
        return "its JSON is no object"
    for name in TEXTS:
        value = event.get(name)
        if not isinstance(value, str) or not value:
            return f"the attribute {name!r} is missing or no text"
    sequence = event.get("sequence")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 1 <= sequence < 2**53:
        return "the attribute 'sequence' is missing or no whole number from 1"
    if not isinstance(event.get("data"), dict):
        return "the attribute 'data' is missing or no object"
    if not UUID.fullmatch(event["id"]):
        return f"the id {event['id'][:80]!r} is no UUID"
    return "" if MOMENT.fullmatch(event["time"]) else f"the time {event['time'][:80]!r} is none"


def _once(pairs: Sequence[tuple[str, Any]]) -> Event:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


_read = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant).decode
