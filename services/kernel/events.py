"""The event: CloudEvents 1.0 in structured JSON, its bytes made once and never again, private values beside it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import rfc8785

from services.kernel import clock
from services.kernel.errors import Malformed, TooLarge
from services.kernel.language import say
from services.kernel.strict_json import strict_json

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 65_535  # an entry of a tlog-tiles bundle has a 16-bit length
MAX_PRIVATE_BYTES = 60 * 1024  # RabbitMQ's frame is 131,064 bytes, and the header shares it
COMMITMENT_PREFIX = b"countersign/private/v1\n"

Json = Any  # what the json module reads; the contracts say more


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a pseudonymous person id (or "system"), the organisation acted for, and the roles held in it.

    `scope` is the id of the one consultation a magic link was given for; None means everything the roles allow.
    """

    person: str
    organisation: str | None = None
    roles: frozenset[str] = frozenset()
    session: str | None = None
    scope: str | None = None

    def has(self, *roles: str) -> bool:
        """Say whether at least one of the roles is held."""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Fact:
    """What a domain decided, before it has an id, a time and bytes.

    `data` holds plain values, those marked `x-personal` in the contract too; `emit` puts commitments in their place.
    `person` is whom the private values belong to, where that is not the actor.
    """

    type: str
    subject: str
    data: Mapping[str, Json]
    actor: Actor = SYSTEM
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """Stands where a private value was: the words are gone, the commitment in the log stays."""


ERASED = Erased()


@dataclass(frozen=True, slots=True)
class PrivateValue:
    """One private value beside an event: where it belongs (JSON Pointer), its words, its salt and whose it is."""

    pointer: str
    value: Json
    salt: str
    person: str

    def commitment(self, event_id: str) -> str:
        """Return `sha256:<hex>`, the commitment that stands in the event's bytes (events.md, rule 4)."""
        content = rfc8785.dumps(self.value)
        head = COMMITMENT_PREFIX + event_id.encode() + b"\n" + self.pointer.encode() + b"\n"
        return "sha256:" + hashlib.sha256(head + bytes.fromhex(self.salt) + content).hexdigest()

    def as_json(self) -> dict[str, Json]:
        """Return the value as it travels in the `private` header and lies in the outbox."""
        return {"pointer": self.pointer, "value": self.value, "salt": self.salt, "person": self.person}


def seal_private(event_id: str, pointer: str, value: Json, person: str) -> tuple[PrivateValue, dict[str, str]]:
    """Salt a value and return it with the `{"$private": ...}` that takes its place."""
    private = PrivateValue(pointer, value, os.urandom(32).hex(), person)
    return private, {"$private": private.commitment(event_id)}


def private_from_json(rows: Json) -> tuple[PrivateValue, ...]:
    """Read what `as_json` wrote; raise Malformed on anything else."""
    try:
        return tuple(PrivateValue(str(r["pointer"]), r["value"], str(r["salt"]), str(r["person"])) for r in rows or ())
    except (TypeError, KeyError) as problem:
        raise Malformed(f"the private part cannot be read: {problem!r}") from problem


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it stands in every place: outbox, wire, log and handler hold the same `body`."""

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    dataschema: str
    data: Mapping[str, Json]
    sequence: int
    actor: str
    organisation: str | None
    correlationid: str
    causationid: str | None
    traceparent: str | None
    body: bytes = field(repr=False)
    private: tuple[PrivateValue, ...] = field(default=(), repr=False)

    def open(self, pointer: str) -> Json | Erased | None:
        """Return the private value at a JSON Pointer into the event, such as "/data/text".

        None where the event holds nothing there, `ERASED` where a commitment stands but its words are gone.
        """
        place = _at(self.data, pointer.removeprefix("/data"))
        if not (isinstance(place, dict) and "$private" in place):
            return place
        return next((p.value for p in self.private if p.pointer == pointer), ERASED)

    def words(self, pointer: str) -> Json | None:
        """Return the private value at a pointer, or None where it is absent or erased: what a row holds."""
        value = self.open(pointer)
        return None if isinstance(value, Erased) else value

    @property
    def service(self) -> str:
        """The producing service's name."""
        return self.source.removeprefix("/")


def make(
    *,
    fact: Fact,
    id: str,
    sequence: int,
    time: datetime,
    data: Json,
    private: tuple[PrivateValue, ...],
    trace: Mapping[str, str],
) -> Event:
    """Make the event of a fact: its canonical bytes (RFC 8785) and the values read back from them.

    Raise TooLarge where an entry of the log could not hold it.
    """
    envelope = {
        "specversion": "1.0",
        "id": id,
        "source": "/" + fact.type.partition(".")[0],
        "type": fact.type,
        "subject": fact.subject,
        "time": clock.rfc3339(time),
        "datacontenttype": "application/json",
        "dataschema": f"urn:countersign:{fact.type}",
        "sequence": sequence,
        "actor": fact.actor.person,
        "correlationid": trace.get("correlationid", id),
        "data": data,
    }
    optional = {
        "organisation": fact.actor.organisation,
        "causationid": trace.get("causationid"),
        "traceparent": trace.get("traceparent"),
    }
    envelope |= {key: value for key, value in optional.items() if value is not None}
    body = rfc8785.dumps(envelope)
    if len(body) > MAX_BYTES:
        raise TooLarge(
            say(
                "This would be an event of {count:,} bytes; an entry of the log has at most {most:,}.",
                count=len(body),
                most=MAX_BYTES,
            )
        )
    return parse(body, private)


def parse(body: bytes, private: tuple[PrivateValue, ...] = ()) -> Event:
    """Read an envelope from its bytes, judging the envelope and never the payload; raise Malformed with the reason."""
    if len(body) > MAX_BYTES:
        raise Malformed(f"the event has {len(body):,} bytes; an entry has at most {MAX_BYTES:,}")
    document = strict_json(body)
    if not isinstance(document, dict):
        raise Malformed("the event is no JSON object")
    try:
        return Event(
            id=_text(document, "id"),
            source=_text(document, "source"),
            type=_text(document, "type"),
            subject=_text(document, "subject"),
            time=clock.parse(_text(document, "time")),
            dataschema=_text(document, "dataschema"),
            data=_object(document, "data"),
            sequence=_count(document, "sequence"),
            actor=_text(document, "actor"),
            organisation=_optional(document, "organisation"),
            correlationid=_text(document, "correlationid"),
            causationid=_optional(document, "causationid"),
            traceparent=_optional(document, "traceparent"),
            body=body,
            private=private,
        )
    except ValueError as problem:
        raise Malformed(str(problem)) from problem


def check_private(event: Event) -> None:
    """Raise Malformed where a private value beside an event is not the one its bytes commit to."""
    for private in event.private:
        place = _at(event.data, private.pointer.removeprefix("/data"))
        if place is None or place != _commitment(private, event.id):
            raise Malformed(f"the private value at {private.pointer} is not the one the event commits to")


def _commitment(private: PrivateValue, event_id: str) -> Json | None:
    try:
        return {"$private": private.commitment(event_id)}
    except ValueError:  # a salt that is no hexadecimal, a value that has no canonical JSON
        return None


def _at(document: Json, pointer: str) -> Json | None:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(document, Mapping) or key not in document:
            return None
        document = document[key]
    return document


def _text(document: Mapping[str, Json], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or "\x00" in value:
        raise ValueError(f"the attribute {name!r} is missing or no text")
    return value


def _optional(document: Mapping[str, Json], name: str) -> str | None:
    return None if document.get(name) is None else _text(document, name)


def _count(document: Mapping[str, Json], name: str) -> int:
    value = document.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 2**53:
        raise ValueError(f"the attribute {name!r} is missing or no whole number from 1")
    return value


def _object(document: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = document.get(name)
    if not isinstance(value, dict):
        raise ValueError(f"the attribute {name!r} is missing or no JSON object")
    return value
