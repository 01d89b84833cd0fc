"""The line to the broker: one pika connection that publishes with confirms, and watches that the queues are there.

`mandatory` cannot tell of a handler's missing queue while the recorder's is bound to everything (architecture.md, trap
6b), so every queue is declared passively at each connect and every few seconds. The same question shows in time that a
broker is frozen, for a frozen one does not answer.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import pika
import pika.exceptions
import pika.spec
from pika.adapters.select_connection import IOLoop

from services.kernel import events, telemetry
from services.kernel.patience import pauses
from services.kernel.relay.ledger import Row
from services.kernel.topology import EVENTS, HEARTBEAT

CHECK_EVERY = 8.0  # seconds from one answer about the queues to the next question
ANSWER_WITHIN = 8.0  # seconds; so a frozen broker is noticed within 16
GOODBYE_WITHIN = 0.5  # seconds for the broker to answer the end of the line
BLOCKED_FOR = 120  # seconds of memory alarm before the connection is given up and made anew

log = telemetry.get_logger("countersign.relay")


class Listener(Protocol):
    """Who is told what happens on the line."""

    def queues_seen(self, missing: Sequence[str]) -> None:
        """These of the queues are not there; nothing was published on this line before the first of these calls."""

    def confirmed(self, row: Row) -> None:
        """The broker has the row."""

    def refused(self, row: Row) -> None:
        """The broker does not have it, and says so."""

    def quiet(self) -> None:
        """Every confirm that had come in was told of."""

    def lost(self) -> None:
        """The connection is gone, and with it all confirms that had not come in. A new one is being made."""


class Line:
    """Connects again by itself, as often as need be, until closed; closing it ends the loop."""

    def __init__(self, service: str, url: str, queues: Sequence[str], loop: IOLoop, listener: Listener) -> None:
        self._service, self._queues, self._loop, self._listener = service, queues, loop, listener
        self._parameters = _parameters(url, service)
        self._again = pauses()
        self._connection: Any = None
        self._channel: Any = None
        self._blocked = self._closed = self._asking = False
        self._tag = 0
        self._in_flight: dict[int, Row] = {}
        self._returned: set[str] = set()
        self._next_try = Alarm(loop)
        self._overdue = Alarm(loop)
        self._next_check = Alarm(loop)

    @property
    def is_open(self) -> bool:
        """Say whether rows can be published now."""
        return self._channel is not None and self._channel.is_open and not self._blocked

    @property
    def in_flight(self) -> int:
        """Return how many rows were published and are neither confirmed nor refused."""
        return len(self._in_flight)

    def connect(self) -> None:
        """Begin to connect."""
        connection: Any = pika.SelectConnection(
            self._parameters,
            on_open_callback=self._opened,
            on_open_error_callback=lambda _, problem: self._lose(connection, problem),
            on_close_callback=lambda _, problem: self._lose(connection, problem),
            custom_ioloop=self._loop,
        )
        self._connection = connection
        self._expect_answer(connection, "the broker did not take the connection in time")

    def close(self) -> None:
        """End the line for good."""
        self._closed = True
        self._overdue.unset()
        self._next_try.unset()
        self._loop.call_later(GOODBYE_WITHIN, self._loop.stop)
        if self._connection is not None and self._connection.is_open:
            self._connection.close()
        else:
            self._loop.stop()

    def publish(self, row: Row) -> None:
        """Send one row; what becomes of it is told to the listener."""
        self._channel.basic_publish(
            EVENTS.name,
            row.type,
            row.body,
            pika.BasicProperties(
                content_type=events.CONTENT_TYPE,
                delivery_mode=2,
                message_id=row.event_id,
                headers={"position": row.position, "private": row.private},
            ),
            mandatory=True,
        )
        self._tag += 1
        self._in_flight[self._tag] = row

    def check(self) -> None:
        """Ask now which queues are there; the listener is told."""
        self._next_check.unset()
        if self.is_open and not self._asking:
            self._asking = True
            self._expect_answer(self._connection, "the broker does not answer")
            _Check(self._connection, list(self._queues), partial(self._checked, self._connection))

    def _opened(self, connection: Any) -> None:
        connection.add_on_connection_blocked_callback(self._block)
        connection.add_on_connection_unblocked_callback(self._unblock)
        connection.channel(on_open_callback=partial(self._prepare, connection))

    def _prepare(self, connection: Any, channel: Any) -> None:
        channel.add_on_close_callback(lambda _, problem: self._lose(connection, problem))
        channel.add_on_return_callback(lambda _, __, properties, ___: self._returned.add(properties.message_id))
        channel.confirm_delivery(self._answered, callback=lambda _: self._ready(channel))

    def _ready(self, channel: Any) -> None:
        self._channel, self._again = channel, pauses()
        self.check()

    def _checked(self, connection: Any, missing: Sequence[str]) -> None:
        if connection is not self._connection:
            return
        self._asking = False
        self._overdue.unset()
        self._next_check.set(CHECK_EVERY, self.check)
        self._listener.queues_seen(missing)

    def _answered(self, frame: Any) -> None:
        last = frame.method.delivery_tag
        tags = [tag for tag in self._in_flight if tag <= last] if frame.method.multiple else [last]
        for row in filter(None, [self._in_flight.pop(tag, None) for tag in tags]):
            if isinstance(frame.method, pika.spec.Basic.Ack) and row.event_id not in self._returned:
                self._listener.confirmed(row)
            else:
                self._returned.discard(row.event_id)
                self._listener.refused(row)
        self._listener.quiet()

    def _block(self, *_: Any) -> None:
        log.warning("The broker takes nothing for now", service=self._service)
        self._blocked = True
        self._overdue.unset()  # short of memory, it reads nothing from us: no question either

    def _unblock(self, connection: Any, *_: Any) -> None:
        log.info("The broker takes events again", service=self._service)
        self._blocked = False
        if self._asking:
            self._expect_answer(connection, "the broker does not answer")
        self.check()
        self._listener.quiet()

    def _expect_answer(self, connection: Any, otherwise: str) -> None:
        self._overdue.set(ANSWER_WITHIN, partial(self._lose, connection, TimeoutError(otherwise)))

    def _lose(self, connection: Any, problem: BaseException) -> None:
        """Give a connection up. A frozen broker does not even answer a goodbye, so nothing is waited for."""
        if self._closed:
            self._loop.stop()
        if connection is not self._connection or self._closed:
            return
        log.warning("The line to the broker is gone", service=self._service, problem=repr(problem))
        self._overdue.unset()
        self._next_check.unset()
        self._connection = self._channel = None
        self._blocked = self._asking = False
        self._tag = 0
        self._in_flight.clear()
        self._returned.clear()
        if connection.is_open:
            connection.close()
        self._listener.lost()
        self._next_try.set(next(self._again), self.connect)


class Alarm:
    """One timer, set and unset any number of times."""

    def __init__(self, loop: IOLoop) -> None:
        self._loop = loop
        self._timer: Any = None

    @property
    def is_set(self) -> bool:
        """Say whether it is still to go off."""
        return self._timer is not None

    def set(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something after so many seconds, instead of what it was set to before."""
        self.unset()
        self._timer = self._loop.call_later(seconds, partial(self._go_off, act))

    def unset(self) -> None:
        """Do nothing."""
        if self._timer is not None:
            self._loop.remove_timeout(self._timer)
            self._timer = None

    def _go_off(self, act: Callable[[], None]) -> None:
        self._timer = None
        act()


class _Check:
    """Asks for one queue after the other. A missing one closes the channel, so the next question needs a new one."""

    def __init__(self, connection: Any, names: list[str], tell: Callable[[Sequence[str]], None]) -> None:
        self._connection, self._names, self._tell = connection, names, tell
        self._missing: list[str] = []
        self._begin()

    def _begin(self) -> None:
        if self._connection.is_open:
            self._connection.channel(on_open_callback=self._opened)

    def _opened(self, channel: Any) -> None:
        channel.add_on_close_callback(self._closed)
        self._ask(channel)

    def _ask(self, channel: Any) -> None:
        if not self._names:
            channel.close()
            self._tell(self._missing)
            return
        channel.queue_declare(self._names[-1], passive=True, callback=lambda _: self._is_there(channel))

    def _is_there(self, channel: Any) -> None:
        self._names.pop()
        self._ask(channel)

    def _closed(self, _: Any, problem: Any) -> None:
        if isinstance(problem, pika.exceptions.ChannelClosedByBroker) and problem.reply_code == 404:
            self._missing.append(self._names.pop())
            self._begin()


def _parameters(url: str, service: str) -> Any:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = HEARTBEAT
    parameters.blocked_connection_timeout = BLOCKED_FOR
    parameters.socket_timeout = parameters.stack_timeout = 5
    parameters.connection_attempts = 1
    parameters.client_properties = {"connection_name": f"countersign relay {service}"}
    return parameters
