"""Events said by nobody: made by hand, with their private values, for tests that need no service to say them."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from services.audit.domain import Message
from services.kernel import clock, contracts, events, ids
from services.kernel.events import Actor, Event, Fact, PrivateValue


class Speaker:
    """Says events in the order of its calls, with the sequences and positions that real producers would give them."""

    def __init__(self) -> None:
        self._sequences: Counter[tuple[str, str]] = Counter()
        self._positions: Counter[str] = Counter()

    def say(
        self, type: str, subject: str, data: Mapping[str, Any], actor: Actor = events.SYSTEM, *, checked: bool = True
    ) -> Event:
        """Say one event; its data must keep the contract, unless `checked` is False."""
        id, sealed, private = ids.new_id(), dict(data), list[PrivateValue]()
        for pointer, _ in contracts.personal_pointers(type) if checked else ():
            name = pointer.removeprefix("/")
            if name in sealed:
                value, sealed[name] = events.seal_private(id, f"/data{pointer}", sealed[name], actor.person)
                private.append(value)
        if checked:
            contracts.check_sent(type, sealed)
        producer = type.partition(".")[0]
        self._sequences[producer, subject] += 1
        return events.make(
            fact=Fact(type, subject, data, actor),
            id=id,
            sequence=self._sequences[producer, subject],
            time=clock.now(),
            data=sealed,
            private=tuple(private),
            trace={},
        )

    def message(self, event: Event) -> Message:
        """The message of an event, as the relay would send it the first time."""
        self._positions[event.service] += 1
        return message(event, self._positions[event.service])

    def ticks(self, subject: str, count: int) -> list[Event]:
        """Events of a type that nobody knows, all of one subject."""
        return [self.say("catalogue.clock.ticked.v1", subject, {"tick": n}, checked=False) for n in range(count)]


def message(event: Event, position: int | None = None) -> Message:
    """The message of an event, as the relay sends it."""
    headers = {
        "private": json.dumps([value.as_json() for value in event.private]) if event.private else None,
        "position": position,
    }
    return Message(event.body, {name: value for name, value in headers.items() if value is not None})
