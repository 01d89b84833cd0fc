"""A message as the broker hands it over: bytes and headers of which nothing is believed yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.kernel import contracts, events, ids
from services.kernel.errors import Malformed
from services.kernel.events import Event
from services.kernel.strict_json import strict_json
from services.kernel.topology import Handler

# A message that was handed out so often and never acknowledged kills the process that handles it.
MOST_DELIVERIES = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message from a queue. `count` says how often it was handed out before."""

    body: bytes = field(repr=False)
    headers: Mapping[str, Any]
    content_type: str | None
    count: int = 0


def read(delivery: Delivery, handler: Handler) -> Event:
    """Return the event a message carries; raise Malformed, with the reason, where the handler cannot act on it.

    Receivers are tolerant: a field the contract does not know is no mistake. An in-order handler is also given the
    events it only counts; of those the envelope alone is judged.
    """
    if (delivery.content_type or "").partition(";")[0].strip().lower() != events.CONTENT_TYPE:
        raise Malformed(f"the content type is {delivery.content_type!r}, not {events.CONTENT_TYPE}")
    event = replace(events.parse(delivery.body), private=_private(delivery.headers))
    if not ids.is_id(event.id):
        raise Malformed(f"the id {event.id!r} is no UUID")
    if event.type in handler.types:
        contracts.check_received(event.type, event.data)
        events.check_private(event)
    elif not handler.in_order or _name(event.type) in map(_name, handler.types):
        raise Malformed(f"{handler.name} does not know {event.type}: it hears {', '.join(handler.types)}")
    return event


def _private(headers: Mapping[str, Any]) -> tuple[events.PrivateValue, ...]:
    text = headers.get("private", "[]")
    if not isinstance(text, str):
        raise Malformed(f"the header 'private' is {type(text).__name__}, not text")
    rows = strict_json(text.encode(errors="surrogatepass"))
    if not isinstance(rows, list):
        raise Malformed("the header 'private' holds no JSON array")
    if r"\u0000" in text:
        raise Malformed("the header 'private' holds a NUL character, which PostgreSQL cannot keep")
    return events.private_from_json(rows)


def _name(event_type: str) -> str:
    """Return a type without its version."""
    return event_type.rpartition(".v")[0]
