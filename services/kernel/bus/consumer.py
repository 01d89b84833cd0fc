"""One queue's consumer: hands over raw messages, acknowledges only what is settled, and drains before it closes.

nameko's own acknowledges a message whose handler raised, kombu's one it cannot decode, and both close the connection
under a handler that is still at work (architecture.md, traps 1 and 8).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import amqp.serialization
from amqp.exceptions import AMQPError
from kombu import Queue
from kombu.message import Message
from nameko.amqp.consume import Consumer

from services.kernel import telemetry
from services.kernel.bus.delivery import Delivery
from services.kernel.patience import pauses
from services.kernel.topology import HEARTBEAT

log = telemetry.get_logger("countersign.bus")

LOOK = 0.2  # seconds between two looks at whether to stop
LONGEST_PAUSE = 2.0  # seconds between two tries to reach the broker


class QueueConsumer(Consumer):  # type: ignore[misc]  # nameko has no types
    """Consumes one queue until it is told to drain."""

    should_stop: bool

    def __init__(self, amqp_url: str, queue: Queue, prefetch: int, on_message: Callable[[Message], None]) -> None:
        super().__init__(amqp_url, queues=[queue], heartbeat=HEARTBEAT, prefetch_count=prefetch)
        self._on_message = on_message
        self._draining = threading.Event()
        self._unsettled = 0
        self._consumer: Any = None

    def consume_for_ever(self) -> None:
        """Consume, connecting again as often as need be, until drained."""
        again = pauses(longest=LONGEST_PAUSE)
        while not self.should_stop:
            try:
                for _ in self.consume(limit=None, safety_interval=LOOK):
                    again = pauses(longest=LONGEST_PAUSE)
            except Exception as problem:  # whatever it was, the connection is made anew
                log.warning("The broker is away", queue=self.queues[0].name, problem=repr(problem))
                self.should_stop = self.should_stop or self._draining.wait(next(again))
        self.ready.set()  # whoever waits for the first connection of one that was stopped before it

    def drain(self) -> None:
        """Take nothing new; end once all that was taken is settled."""
        self._draining.set()

    def settle(self, message: Message, handled: bool) -> None:
        """Acknowledge a message, or give it back. One whose connection is gone the broker has taken back already."""
        self._unsettled -= 1
        try:
            if message.channel.connection and not message.acknowledged:
                (message.ack if handled else message.requeue)()
        except (AMQPError, OSError) as problem:
            log.info("A message was settled after its connection had gone", problem=repr(problem))

    def get_consumers(self, consumer_cls: Any, channel: Any) -> list[Any]:
        """Return the consumer of a new connection; it takes messages as they are, whatever they claim to contain."""
        channel.auto_decode = False  # py-amqp would make text of a body that names an encoding
        # Not declared here: a queue that vanished is left to the relays, who have to see it missing (relay/watch.py).
        self._consumer = consumer_cls(queues=self.queues, on_message=self._take, auto_declare=False)
        self._consumer.qos(prefetch_count=self.prefetch_count)
        return [self._consumer]

    def on_decode_error(self, message: Message, exc: Exception) -> None:  # noqa: ARG002 -- kombu's hook
        """Hand over what kombu could not decompress like everything else; it would acknowledge it."""
        self._take(message)

    def on_iteration(self) -> None:
        """While draining: no new messages from the broker; stop once nothing is at work any more."""
        if self._draining.is_set():
            if self._consumer is not None:
                self._consumer.cancel()
                self._consumer = None
            self.should_stop = self.should_stop or self._unsettled == 0

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Connect, or fail at once: when to try again is decided above."""
        with self.create_connection() as connection:
            connection.connect()
            yield connection

    def _take(self, message: Message) -> None:
        self._unsettled += 1
        if self._draining.is_set():
            self.settle(message, handled=False)
        else:
            self._on_message(message)


def delivery_of(message: Message) -> Delivery:
    """Return a message as it came."""
    count = message.headers.get("x-delivery-count", 0)
    return Delivery(
        body=bytes(message.body or b""),
        headers=message.headers,
        content_type=message.content_type,
        count=count if isinstance(count, int) else 0,
    )


def _forgivingly(decode: Callable[..., Any]) -> Callable[..., Any]:
    """Decode a message's properties, or hand the message over without them.

    Where py-amqp raises instead (text that is no UTF-8, a time beyond the year 9999), the consumer dies, and again at
    every redelivery: one bad message would stop its queue for good.
    """

    def decode_or_leave(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
        try:
            found: tuple[dict[str, Any], int] = decode(buffer, offset)
        except Exception as problem:
            return {"content_type": f"unreadable: {problem}"}, len(buffer)
        return found

    return decode_or_leave


_BASIC = 60  # the AMQP class whose messages are delivered
amqp.serialization.PROPERTY_CLASSES[_BASIC] = _forgivingly(amqp.serialization.decode_properties_basic)
