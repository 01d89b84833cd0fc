"""Messages that nobody can act on, each with the words its reason must hold (reliability.md, D2)."""

import json
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import pika

from services.kernel import events
from services.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad message: its body, its AMQP properties, and what the operator is told."""

    body: bytes = field(repr=False)
    says: str
    content_type: Any = events.CONTENT_TYPE
    headers: dict[str, Any] = field(default_factory=dict)
    content_encoding: str | None = None

    @property
    def properties(self) -> pika.BasicProperties:
        """Return its properties as pika sends them."""
        return pika.BasicProperties(
            content_type=self.content_type,
            content_encoding=self.content_encoding,
            headers=self.headers or None,
            delivery_mode=2,
        )


def every_kind(sample: Callable[[], Event], count: int) -> Iterator[Bad]:
    """Yield so many bad messages, of every kind in turn; `sample` makes a good event to spoil."""
    kinds = cycle(_KINDS)
    yield from (next(kinds)(sample()) for _ in range(count))


def _with(event: Event, **changes: Any) -> bytes:
    envelope = json.loads(event.body) | changes
    return json.dumps({name: value for name, value in envelope.items() if value is not None}).encode()


def _nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"deeper": found}
    return found


def _private(value: str = "Because", salt: str = "00") -> str:
    return json.dumps([{"pointer": "/data/reason", "value": value, "salt": salt, "person": "somebody"}])


_KINDS: tuple[Callable[[Event], Bad], ...] = (
    lambda event: Bad(event.body[:-7], "JSON"),
    lambda event: Bad(event.body.replace(b'"', b'"\xff', 1), "utf-8"),
    lambda event: Bad(event.body, "content type", content_type="application/json"),
    lambda event: Bad(event.body, "content type", content_type=None),
    lambda event: Bad(pickle.dumps(event.subject), "content type", content_type="application/x-python-serialize"),
    lambda event: Bad(pickle.dumps(event.subject), "JSON"),
    lambda _: Bad(b"", "JSON"),
    lambda event: Bad(event.body + b" " * (16 * 1024 * 1024), "at most 65,535"),
    lambda event: Bad(_with(event, data=_nested(60)), "32 levels"),
    lambda _: Bad(b"[" * 60_000, "JSON"),
    lambda event: Bad(_with(event, data={"draft": event.subject}), "required"),
    lambda event: Bad(_with(event, type=event.type.replace(".v1", ".v99")), "does not know"),
    lambda event: Bad(_with(event, type="catalogue.cat.fed.v1"), "does not know"),
    lambda event: Bad(event.body.replace(b'"subject":', b'"id":"x","subject":', 1), "twice"),
    lambda event: Bad(event.body.replace(b'"sequence":1', b'"sequence":NaN', 1), "NaN"),
    lambda event: Bad(_with(event, sequence=0), "whole number"),
    lambda event: Bad(_with(event, id="7"), "UUID"),
    lambda event: Bad(_with(event, subject=None), "'subject'"),
    lambda event: Bad(_with(event, time="yesterday"), "yesterday"),
    lambda _: Bad(b"[1, 2]", "no JSON object"),
    lambda event: Bad(event.body, "private", headers={"private": "{"}),
    lambda event: Bad(event.body, "private", headers={"private": 7}),
    lambda event: Bad(event.body, "private", headers={"private": '[{"pointer": 1}]'}),
    lambda event: Bad(event.body, "commits to", headers={"private": _private()}),
    lambda event: Bad(event.body, "commits to", headers={"private": _private(salt="no hexadecimal")}),
    lambda event: Bad(event.body, "NUL", headers={"private": _private(value="a\x00b")}),
    lambda event: Bad(event.body, "content type", content_type="application/x", headers={"compression": "zlib"}),
    lambda event: Bad(event.body, "unreadable", content_type=b"\xff\xfe"),
    lambda event: Bad(event.body[:-9], "JSON", content_encoding="utf-16"),
)
