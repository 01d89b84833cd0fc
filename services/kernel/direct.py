"""Sending events to one queue alone: what that queue has lost is sent again without troubling the others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from amqp.exceptions import AMQPError, NotFound
from kombu import Connection, Producer
from kombu.exceptions import KombuError

from services.kernel import config, events, topology
from services.kernel.errors import Unavailable

CONFIRM_WITHIN = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Sending:
    """One event as it travels: its bytes, the JSON of its private values, and its producer's position where known."""

    event_id: str
    body: bytes = field(repr=False)
    private: str = field(default="[]", repr=False)
    position: int | None = None


def depth(queue: str) -> int:
    """Return how many messages wait in a queue for its reader; raise Unavailable as `send`."""
    with _reached(queue) as (_, depth):
        return depth


def send(queue: str, sendings: Sequence[Sending]) -> None:
    """Put events into a queue, past every exchange, each confirmed.

    Raise Unavailable where the broker is away or has no such queue; how many had been sent by then is not known.
    """
    with _reached(queue) as (broker, _):
        producer = Producer(broker.default_channel, auto_declare=False)
        for sending in sendings:
            position = {} if sending.position is None else {"position": sending.position}
            producer.publish(
                sending.body,
                routing_key=queue,
                content_type=events.CONTENT_TYPE,
                content_encoding="binary",
                message_id=sending.event_id,
                headers={**position, "private": sending.private},
                confirm_timeout=CONFIRM_WITHIN,
            )


@contextmanager
def _reached(queue: str) -> Iterator[tuple[Connection, int]]:
    """Connect, and look at the queue."""
    try:
        with topology.connection(config.amqp_url(), confirm=True) as broker:
            with broker.channel() as looking:
                found = looking.queue_declare(queue, passive=True)
            yield broker, int(found.message_count)
    except NotFound as problem:
        raise Unavailable(f"The queue {queue} is missing; the relays declare it again.") from problem
    except (AMQPError, KombuError, OSError) as problem:
        raise Unavailable(f"The broker does not answer just now ({problem!r}).") from problem
