"""The whole of a filtered list, as NDJSON: one line for each entry, however many there are, in bounded memory."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from services.audit.telling import timeline
from services.audit.telling.timeline import Told, Wish
from services.kernel.events import Actor

AT_ONCE = 500  # entries read and held at a time

Write = Callable[[list[Told]], list[dict[str, Any]]]


def lines(actor: Actor | None, wish: Wish, after: int | None, write: Write) -> Iterator[bytes]:
    """Yield the entries that somebody may read, line by line; what can be refused is refused before the first."""
    first = timeline.timeline(actor, wish, after, AT_ONCE)
    return _lines(actor, wish, first, write)


def _lines(actor: Actor | None, wish: Wish, told: list[Told], write: Write) -> Iterator[bytes]:
    while told:
        yield "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in write(told)).encode()
        told = timeline.timeline(actor, wish, told[-1].idx, AT_ONCE) if len(told) == AT_ONCE else []
