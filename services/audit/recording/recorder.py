"""The recorder: a plain process that turns the queue `audit.recorder` into entries of the log, in batches.

It acknowledges what a committed transaction has recorded and nothing else. A batch is whatever has come while the one
before was being written: a quiet log is prompt, a busy one efficient.
"""

import json
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError
from pika.spec import Basic, BasicProperties

from services.audit.domain import Message
from services.audit.log import Head
from services.audit.recording import entering, gaps
from services.audit.recording.entering import Fenced
from services.kernel import clock, config, db, parking, telemetry, topology
from services.kernel.errors import Unavailable
from services.kernel.events import Event

BATCH = 500  # messages
GATHER = 0.02  # seconds at most, while more keep coming
PREFETCH = 2 * BATCH
TICK = 2.0  # seconds between looks at gaps
HEARTBEAT = 3  # seconds; after two or three RabbitMQ gives up a silent connection: a frozen recorder is soon replaced
FENCED = 3  # exit code: another process has written the log; started anew, this one reads where it stands

say = telemetry.get_logger("countersign.recorder")


def run() -> None:
    """Record until SIGTERM or SIGINT, then finish the batch and return; exit with 3 where another has taken over."""
    telemetry.setup("countersign-recorder")
    recorder = Recorder()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, recorder.stop)
    try:
        recorder.run()
    except Fenced as problem:
        say.error("The recorder stops", reason=str(problem))
        raise SystemExit(FENCED) from problem
    finally:
        db.close_all()


class Recorder:
    """One recorder: what it has received and not yet recorded, and what it wrote last."""

    def __init__(self) -> None:
        self._stopping = False
        self._received: deque[tuple[int, Message]] = deque()
        self._head: Head | None = None
        self._listening = False
        telemetry.watch("countersign.log.lag", "Age of the oldest event that came and is no entry yet", "s", self.lag)

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Stop after the batch at hand."""
        self._stopping = True

    def lag(self) -> dict[str, float]:
        """Return how many seconds ago the oldest event was said that has come and is not recorded; 0 where none waits.

        It grows for as long as the recorder is stuck; while the broker is away nobody knows, and nothing is returned.
        """
        try:
            waiting = self._received[0][1]  # another thread measures: it may be gone just now
        except IndexError:
            return {"audit": 0.0} if self._listening else {}
        return {"audit": entering.age(waiting, clock.now())}

    def run(self) -> None:
        """Record until told to stop, over any number of connections."""
        pauses = Pauses()
        while not self._stopping:
            try:
                self._consume(pauses)
            except (AMQPError, OSError) as problem:
                self._listening = False
                say.warning("The broker is away; trying again", problem=repr(problem))
                pauses.wait(time.sleep)

    def _consume(self, pauses: "Pauses") -> None:
        topology.declare_queues(config.amqp_url(), [topology.recorder_queue()])
        parameters = pika.URLParameters(config.amqp_url())
        parameters.heartbeat = HEARTBEAT
        parameters.blocked_connection_timeout = parameters.socket_timeout = parameters.stack_timeout = 10
        # What was received on a connection that broke comes again on the next, and another may have recorded meanwhile.
        self._received.clear()
        self._head = None
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=PREFETCH)
            channel.add_on_cancel_callback(_cancelled)
            channel.basic_consume(topology.recorder_queue().name, self._receive)
            say.info("The recorder listens")
            self._listening = True
            self._record_for_ever(connection, channel, pauses)

    def _record_for_ever(self, connection: pika.BlockingConnection, channel: BlockingChannel, pauses: "Pauses") -> None:
        tick = 0.0
        while not self._stopping:
            self._gather(connection)
            try:
                if self._received:
                    channel.basic_ack(self._record(), multiple=True)
                if time.monotonic() > tick:
                    self._look_around()
                    tick = time.monotonic() + TICK
                pauses.reset()
            except Unavailable as problem:
                say.warning("The database is away; nothing is acknowledged", problem=repr(problem.__cause__))
                self._head = None
                pauses.wait(connection.sleep)

    def _receive(self, _: BlockingChannel, method: Basic.Deliver, properties: BasicProperties, body: bytes) -> None:
        message = Message(body, properties.headers or {}, properties.content_type, properties.user_id)
        self._received.append((method.delivery_tag, message))

    def _gather(self, connection: pika.BlockingConnection) -> None:
        """Wait for a first message, then take what is there: a batch, or as much as comes without a pause."""
        if not self._received:
            connection.process_data_events(time_limit=0.5)
        until = time.monotonic() + GATHER
        while 0 < (before := len(self._received)) < BATCH and time.monotonic() < until:
            connection.process_data_events(time_limit=0)
            if len(self._received) == before:
                return

    def _record(self) -> int:
        """Record a batch and return the delivery tag up to which it may be acknowledged."""
        batch = [self._received[n] for n in range(min(BATCH, len(self._received)))]
        try:
            self._commit([message for _, message in batch])
        except (Fenced, Unavailable):
            raise
        except Exception as problem:
            say.error("A batch cannot be recorded; its messages are tried one by one", problem=repr(problem))
            for _, message in batch:
                self._commit_or_park(message)
        for _ in batch:
            self._received.popleft()
        return batch[-1][0]

    def _commit(self, messages: Sequence[Message]) -> None:
        with db.of("audit").transaction() as tx:
            recorded = entering.record(tx, messages, self._head)
        self._head = recorded.head
        entering.trace(recorded)

    def _commit_or_park(self, message: Message) -> None:
        try:
            self._commit([message])
        except (Fenced, Unavailable):
            raise
        except Exception as problem:
            say.error("A message that cannot be recorded was parked", problem=repr(problem))
            with db.of("audit").transaction() as tx:
                parking.park(tx, entering.HANDLER, message.body, message.headers, repr(problem))

    def _look_around(self) -> None:
        with db.of("audit").transaction() as tx:
            entering.must_not_be_older(tx)
            gaps.look(tx)
        try:
            self._take_redriven()
        except (Fenced, Unavailable):
            raise
        except Exception as problem:
            say.error("What was redriven cannot be recorded; it goes on waiting", problem=repr(problem))

    def _take_redriven(self) -> None:
        """Record what an operator gave back from the parking lot.

        Only the recorder that is at work does: its queue has brought it the event that tells of the redriving.
        """
        if self._head is None:
            return
        with db.of("audit").transaction() as tx:
            due = [parking.claim(tx, id) for id, _ in parking.due(tx, [entering.HANDLER], BATCH)]
            waiting = [message for message in due if message is not None]
            for message in waiting:
                parking.done(tx, message)
            recorded = entering.record(tx, [again(message.event) for message in waiting], self._head)
        self._head = recorded.head
        entering.trace(recorded)


class Pauses:
    """How long to wait before the next try: longer each time, from a tenth of a second to five."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin anew, for it went well."""
        self._next = 0.1

    def wait(self, sleep: Callable[[float], None]) -> None:
        """Sleep, and longer the next time."""
        sleep(self._next)
        self._next = min(self._next * 2, 5.0)


def again(event: Event) -> Message:
    """Return the message of an event that comes from the parking lot, with its private values."""
    return Message(event.body, {"private": json.dumps([value.as_json() for value in event.private])})


def _cancelled(_: object) -> None:
    raise AMQPError("the broker has cancelled the consumer: the queue was deleted")
