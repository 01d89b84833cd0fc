"""`@on_event`: a method of a nameko class becomes the handler of events."""

import threading
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar

from kombu.message import Message
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, register_entrypoint

from services.kernel import config, telemetry, topology
from services.kernel.bus import attempts
from services.kernel.bus.attempts import Act
from services.kernel.bus.consumer import QueueConsumer, delivery_of
from services.kernel.bus.retries import Retries
from services.kernel.db import Transaction
from services.kernel.events import Event
from services.kernel.patience import patiently

Hearer = TypeVar("Hearer")
Method = Callable[[Hearer, Transaction, Event], None]
Try = Callable[[Act], bool]
"""A try at one message: given what to do with its event, says whether the message is settled."""

AT_ONCE = 10  # messages of one queue that are handled side by side, where order does not matter

log = telemetry.get_logger("countersign.bus")


def on_event(*types: str, in_order: bool = False) -> Callable[[Method[Any]], Callable[[Any, Try], bool]]:
    """Let a method handle events of these types: `def remember_version(self, tx, event) -> None`.

    It is called within a transaction that is committed before the message is acknowledged, once for each event, however
    often that is delivered. When it raises, nothing of it remains, and it is called again after 1 s, 5 s, 30 s, 2 min
    and 10 min; then the message is parked. Malformed parks it at once.

    `in_order` gives it the events of each stream by their `sequence`, one after the other; those behind one that failed
    wait for it. Without it ten are handled side by side.
    """

    def decorate(method: Method[Any]) -> Callable[[Any, Try], bool]:
        @wraps(method)
        def handle(service: Any, attempt: Try) -> bool:
            return attempt(partial(method, service))

        register_entrypoint(handle, OnEvent())
        return topology.mark(handle, types, in_order)

    return decorate


class OnEvent(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """The nameko entrypoint of one handler: its queue's consumer, and the door for its waiting messages."""

    retries = Retries()

    def setup(self) -> None:
        """Build the consumer."""
        declared = topology.handlers_of(self.container.service_cls)
        self.handler = next(handler for handler in declared if handler.name == self.method_name)
        self.stopping = threading.Event()
        self.retries.serve(self)
        self.consumer = QueueConsumer(
            config.amqp_url(), self.handler.queue, 1 if self.handler.in_order else AT_ONCE, self._on_message
        )

    def start(self) -> None:
        """Begin to consume."""
        self._consuming = self.container.spawn_managed_thread(self.consumer.consume_for_ever)
        self.consumer.wait_until_consumer_ready()

    def stop(self) -> None:
        """Take nothing new, wait for what is at work, then close."""
        self.stopping.set()
        self.retries.stop()
        self.consumer.drain()
        self._consuming.wait()

    def kill(self) -> None:
        """Stop without waiting."""
        self.stopping.set()
        self.consumer.stop()

    def run(self, attempt: Try, settle: Callable[[bool], None]) -> None:
        """Let a nameko worker make a try, and `settle` with what came of it."""

        def finish(_: Any, result: bool | None, exc_info: Any) -> tuple[Any, Any]:
            settle(bool(result) and exc_info is None)
            return result, exc_info

        try:
            self.container.spawn_worker(self, (attempt,), {}, handle_result=finish)
        except ContainerBeingKilled:
            settle(False)

    def _on_message(self, message: Message) -> None:
        # In a thread of its own: where all workers are busy this waits, and the consumer has heartbeats to send.
        self.container.spawn_managed_thread(partial(self._start, message), identifier=f"start {self.handler.name}")

    def _start(self, message: Message) -> None:
        def attempt(act: Act) -> bool:
            step = partial(attempts.take, self.handler, delivery_of(message), act, self.retries.look)
            return patiently(step, self.stopping, lambda: bool(message.channel.connection))

        self.run(attempt, partial(self.consumer.settle, message))
