"""What an event says of where it came from: the trace it belongs to, and the event or request that caused it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.kernel.events import Event

_cause: ContextVar[Event | None] = ContextVar("cause", default=None)
_propagator = TraceContextTextMapPropagator()


@contextmanager
def caused_by(event: Event) -> Iterator[None]:
    """Let every event emitted within the block name this one as its cause."""
    token = _cause.set(event)
    try:
        yield
    finally:
        _cause.reset(token)


def links() -> dict[str, str]:
    """Return `traceparent`, `causationid` and `correlationid` of the present work, where there are any."""
    found: dict[str, str] = {}
    _propagator.inject(found)
    found.pop("tracestate", None)
    if (cause := _cause.get()) is not None:
        found |= {"causationid": cause.id, "correlationid": cause.correlationid}
    return found
