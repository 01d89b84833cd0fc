"""What the recorder accepts as an event: it judges the envelope and the private values, never the payload."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from services.audit.tlog import tree
from services.kernel import events
from services.kernel.errors import Malformed
from services.kernel.events import Event, PrivateValue

# What is longer than this is nothing of ours, and an index row of PostgreSQL holds 2,704 bytes.
LONGEST = {"source": 100, "type": 400, "subject": 400, "actor": 400, "organisation": 400}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the broker hands it over; `user` is the name the broker vouches for, where it does."""

    body: bytes = field(repr=False)
    headers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    content_type: str | None = events.CONTENT_TYPE
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A readable event on its way into the log: its leaf hash, and its producer's position where that is known."""

    event: Event
    leaf: bytes
    position: int | None = None


def judge(message: Message) -> Arrival:
    """Read a message as an event of the log; raise Malformed with the reason where it is none."""
    if message.content_type != events.CONTENT_TYPE:
        raise Malformed(f"the content type is {message.content_type!r}, not {events.CONTENT_TYPE}")
    event = events.parse(message.body, _private(message.headers.get("private")))
    _check_attributes(event)
    if message.user is not None and message.user.removeprefix("countersign_") != event.service:
        raise Malformed(f"the source is {event.source!r}, but the broker knows the sender as {message.user!r}")
    _check_private(event)
    return Arrival(event, tree.leaf(event.body), _position(message.headers.get("position")))


def _check_attributes(event: Event) -> None:
    if not UUID.fullmatch(event.id):
        raise Malformed(f"the id {event.id[:80]!r} is no UUID in its usual form")
    for name, longest in LONGEST.items():
        if len(getattr(event, name) or "") > longest:
            raise Malformed(f"the attribute {name!r} is longer than {longest} characters")
    try:
        event.time.astimezone(UTC)
    except OverflowError as problem:
        raise Malformed(f"the time {event.time} lies outside the calendar") from problem


def _private(header: Any) -> tuple[PrivateValue, ...]:
    if header is None:
        return ()
    try:
        rows = json.loads(header) if isinstance(header, str | bytes) else header
    except (ValueError, RecursionError) as problem:
        raise Malformed(f"the header `private` is no JSON: {problem}") from problem
    return events.private_from_json(rows)


def _check_private(event: Event) -> None:
    if len({value.pointer for value in event.private}) < len(event.private):
        raise Malformed("two private values are for the same place")
    for value in event.private:
        if not is_committed(event, value):
            raise Malformed(f"the private value for {value.pointer!r} is not the one the event commits to")
        if value.person not in (event.actor, event.subject):  # docs/decisions/0016
            raise Malformed(f"the private value for {value.pointer!r} is neither the actor's nor the subject's")


def is_committed(event: Event, value: PrivateValue) -> bool:
    """Say whether the event's bytes hold the commitment to this value, at its place."""
    try:
        expected = value.commitment(event.id)
    except (ValueError, TypeError, RecursionError):  # a salt that is no hexadecimal, a value that has no canonical JSON
        return False
    return commitment_at(event.data, value.pointer) == expected


def commitment_at(data: Mapping[str, Any], pointer: str) -> str | None:
    """Return the commitment that stands at a pointer into the event (`/data/text`), or None where there is none."""
    place: Any = {"data": data}
    for step in pointer.split("/")[1:]:
        if not isinstance(place, dict):
            return None
        place = place.get(step.replace("~1", "/").replace("~0", "~"))
    return place.get("$private") if isinstance(place, dict) else None


def commitments(data: Mapping[str, Any], at: str = "/data") -> Iterator[tuple[str, str]]:
    """Yield the pointer of every commitment that stands in an event's data, and the commitment."""
    if "$private" in data:
        yield at, str(data["$private"])
        return
    for name, inner in data.items():
        if isinstance(inner, dict):
            place = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
            if "$private" in inner:
                yield place, str(inner["$private"])
            else:
                yield from commitments(inner, place)


def _position(header: Any) -> int | None:
    if header is None:
        return None
    if not isinstance(header, int) or isinstance(header, bool) or not 1 <= header < 2**63:
        raise Malformed(f"the header `position` is no whole number from 1: {header!r}")
    return header
