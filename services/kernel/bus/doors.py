"""What every service answers on the bus, whatever it is for: which events it has sent, which it has not seen.

The worker adds these doors to the nameko classes, so that a class stays a table of contents of its own work, and no
service can forget to answer. They are for whoever compares outbox and inboxes with a record of all events.
"""

from collections.abc import Sequence
from typing import Any

from nameko.rpc import rpc

from services.kernel import db, direct, seen, sent, topology
from services.kernel.seen import Told
from services.kernel.sent import Span


@rpc  # type: ignore[untyped-decorator]  # nameko has no types
def what_was_sent(service: Any, seconds: float) -> dict[str, int]:
    """How far the service has come with sending, but for the last so many seconds."""
    with db.of(service.name).transaction(read_only=True) as tx:
        return sent.summary(tx, seconds)


@rpc  # type: ignore[untyped-decorator]
def what_stands_at(service: Any, spans: Sequence[Span], seconds: float) -> list[tuple[int, str, str, bool]]:
    """Which events stand at these positions."""
    with db.of(service.name).transaction(read_only=True) as tx:
        return sent.listed(tx, spans, seconds)


@rpc  # type: ignore[untyped-decorator]
def send_again(service: Any, ids: Sequence[str], queue: str) -> int:
    """Send events to one queue again; how many of them the outbox still had."""
    with db.of(service.name).transaction(read_only=True) as tx:
        found = sent.sendings(tx, ids)
    direct.send(queue, found)
    return len(found)


@rpc  # type: ignore[untyped-decorator]
def what_is_heard(service: Any) -> list[dict[str, Any]]:
    """Every handler: what its queue is bound to, and the mark up to which it was found to have everything."""
    with db.of(service.name).transaction(read_only=True) as tx:
        return [
            {
                "handler": handler.name,
                "queue": handler.queue.name,
                "keys": handler.keys,
                "through": seen.through(tx, handler),
            }
            for handler in topology.handlers_of(type(service))
        ]


@rpc  # type: ignore[untyped-decorator]
def what_is_unseen(service: Any, handler: str, told: Sequence[Sequence[Any]], through: str | None) -> list[str]:
    """Which of these events a handler has not seen; where it has seen all, `through` is noted as its mark."""
    asked = next(one for one in topology.handlers_of(type(service)) if one.name == handler)
    with db.of(service.name).transaction() as tx:
        lacking = seen.unseen(tx, asked, [Told(*event) for event in told])
        if through is not None and not lacking:
            seen.note(tx, asked, through)
    return lacking


DOORS = (what_was_sent, what_stands_at, send_again, what_is_heard, what_is_unseen)


def add_to(service_class: Any) -> Any:
    """Return a nameko class with these doors added."""
    for door in DOORS:
        setattr(service_class, door.__name__, door)
    return service_class
