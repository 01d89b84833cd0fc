"""One try at one message, from the queue or from where it waited, and all that can become of it, in one transaction.

Handled, waiting or parked: each is committed before the broker is told. Where the database is away nothing is decided.
"""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from services.kernel import db, erasures, inbox, order, parking, telemetry, tracing
from services.kernel.bus.delivery import MOST_DELIVERIES, Delivery, read
from services.kernel.db import Transaction
from services.kernel.errors import Malformed
from services.kernel.events import Event, parse
from services.kernel.topology import Handler

Act = Callable[[Transaction, Event], None]
"""What a service does with an event."""

log = telemetry.get_logger("countersign.bus")


class NotYet(Exception):
    """An earlier event of the same stream has to come first."""


def take(handler: Handler, delivery: Delivery, act: Act, look: Callable[[], None]) -> None:
    """Try a message from the queue; when this returns, it may be acknowledged.

    `look` is called when a waiting message has become due by this one.

    Raise Unavailable while the database is away: then nothing is decided, and it is to be tried again as it is.
    """
    if delivery.count >= MOST_DELIVERIES:
        _park(handler, delivery, f"handed out {delivery.count} times and never acknowledged: it may kill its handler")
        return
    try:
        event = read(delivery, handler)
    except Malformed as problem:
        _park(handler, delivery, str(problem))
        return
    with _at_work(handler, event), db.of(handler.service).transaction() as tx:
        (event,) = erasures.spare(tx, [event])
        try:
            _handle(tx, handler, event, act, look)
        except NotYet as reason:
            parking.wait_for_turn(tx, handler.name, event, str(reason))
        except Malformed as problem:
            parking.park(tx, handler.name, delivery.body, delivery.headers, str(problem), event)
            log.error("A message was parked", handler=handler.name, event_id=event.id, reason=str(problem))
        except Exception as problem:
            parking.failed(tx, handler.name, event, _in_words(problem))
            said = "A handler failed; the message waits"
            log.warning(said, handler=handler.name, event_id=event.id, **_trace(problem))


def take_again(handler: Handler, id: str, act: Act, look: Callable[[], None]) -> None:
    """Try a waiting message whose time has come, unless somebody else has it; raise Unavailable as `take`."""
    with db.of(handler.service).transaction() as tx:
        message = parking.claim(tx, id)
        if message is None:
            return
        (event,) = erasures.spare(tx, [message.event])
        with _at_work(handler, event, attempt=message.attempt + 1):
            try:
                _handle(tx, handler, event, act, look)
                parking.done(tx, message)
            except NotYet:
                parking.look_again(tx, message)
            except Malformed as problem:
                parking.park_waiting(tx, message, str(problem))
                log.error("A message was parked", handler=handler.name, event_id=event.id, reason=str(problem))
            except Exception as problem:
                parked = parking.failed_again(tx, message, _in_words(problem))
                said = "A message was parked after its last try" if parked else "A handler failed again"
                attempt = message.attempt + 1
                log.warning(said, handler=handler.name, event_id=event.id, attempt=attempt, **_trace(problem))


def _handle(tx: Transaction, handler: Handler, event: Event, act: Act, look: Callable[[], None]) -> None:
    """Act on an event the first time it comes, in its turn; what fails is undone as if it had not been begun."""
    if handler.in_order:
        heard = order.last_heard(tx, handler.name, event)
        if event.sequence <= heard:
            return
        if event.sequence > heard + 1:
            raise NotYet(f"it waits for {heard + 1} of its stream, being {event.sequence}")
    with tx.connection.transaction():
        if event.type in handler.types and inbox.first_time(tx, event, handler.name):
            act(tx, event)
        if handler.in_order:
            order.hear(tx, handler.name, event)
            if parking.call_next(tx, handler.name, event):
                tx.after_commit(look)


def _park(handler: Handler, delivery: Delivery, reason: str) -> None:
    try:
        event = parse(delivery.body)
    except Malformed:
        event = None
    with db.of(handler.service).transaction() as tx:
        parking.park(tx, handler.name, delivery.body, delivery.headers, reason, event)
    log.error("A message was parked", handler=handler.name, event_id=event and event.id, reason=reason)


@contextmanager
def _at_work(handler: Handler, event: Event, attempt: int = 1) -> Iterator[None]:
    """Be traced as a consequence of the event, and let what is emitted name it as its cause."""
    name = f"{handler.service}.{handler.name}"
    with (
        telemetry.span(
            f"handle {name}",
            event.traceparent,
            telemetry.CONSUMER,
            event__id=event.id,
            event__type=event.type,
            event__subject=event.subject,
            messaging__destination=name,
            attempt=attempt,
        ),
        tracing.caused_by(event),
    ):
        yield


def _in_words(problem: Exception) -> str:
    """Say what went wrong, without the row that PostgreSQL quotes beneath: it may hold a person's words."""
    said = (problem.diag.message_primary or "no message") if isinstance(problem, psycopg.Error) else problem
    return f"{type(problem).__name__}: {said}"


def _trace(problem: Exception) -> dict[str, Any]:
    """Return how a log line tells of a problem: by its trace, unless that would quote a row."""
    if not isinstance(problem, psycopg.Error):
        return {"exc_info": True}
    return {"reason": _in_words(problem), "where": "".join(traceback.format_tb(problem.__traceback__))}
