"""The broker's topology, declared once from kombu objects: for nameko, for pika and for the operators' tools alike."""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import getmembers
from typing import Any, TypeVar

from amqp.exceptions import NotFound, PreconditionFailed
from kombu import Connection, Exchange, Queue, binding

from services import SERVICES
from services.kernel.errors import Misconfigured

Method = TypeVar("Method", bound=Callable[..., Any])

EVENTS = Exchange("events", type="topic", durable=True)
DEAD = Exchange("events.dead", type="direct", durable=True)

# The broker gives up on a message only after a million deliveries; we do after a few (architecture.md, trap 1). The
# number is said in full because -1 means something else on 3.10, and RabbitMQ 4 has a default of 20.
DELIVERY_LIMIT = 1_000_000

HEARTBEAT = 10  # seconds; a connection that has been silent for two of them is dead
_MARK = "_hears"


@dataclass(frozen=True, slots=True)
class Handler:
    """One handler of a service: which event types it hears, and whether each stream must come to it in order."""

    service: str
    name: str
    types: tuple[str, ...]
    in_order: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """Return what its queue is bound to.

        An in-order handler hears everything of the services whose events it wants, because `sequence` counts every
        event of a stream: a gap can be told only by one who sees them all.
        """
        return tuple(sorted({f"{type.partition('.')[0]}.#" for type in self.types} if self.in_order else self.types))

    @property
    def queue(self) -> Queue:
        """Return its queue, bound to its types, or to all of their services'."""
        return _queue(f"{self.service}.{self.name}", self.service, self.keys, single=self.in_order)


def mark(method: Method, types: Sequence[str], in_order: bool) -> Method:
    """Note on a method what it hears, for whoever reads the class without running it."""
    setattr(method, _MARK, (tuple(types), in_order))
    return method


def handlers_of(service_class: type) -> tuple[Handler, ...]:
    """Return the handlers that a nameko class declares with `on_event`, by name."""
    marked = ((name, getattr(method, _MARK, None)) for name, method in getmembers(service_class, callable))
    service: str = service_class.name  # type: ignore[attr-defined]  # nameko finds a service by this attribute
    return tuple(Handler(service, name, *mark) for name, mark in marked if mark)


@cache
def handlers() -> tuple[Handler, ...]:
    """Return the handlers of every service, read from what its `service.py` calls SERVICE; nothing is started."""
    hearing = (service for service in SERVICES if files("services").joinpath(service, "service.py").is_file())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="\nEventlet is deprecated")  # docs/decisions/0001
        classes = [import_module(f"services.{service}.service").SERVICE for service in hearing]
    return tuple(handler for each in classes for handler in handlers_of(each))


def recorder_queue() -> Queue:
    """Return the queue that gets everything, read by one recorder at a time."""
    return _queue("audit.recorder", "audit", ["#"], single=True)


def dead_queue(service: str) -> Queue:
    """Return a service's last net. Nothing of ours is ever sent there: anything in it is an alarm."""
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
    return Queue(f"{service}.dead", DEAD, routing_key=service, durable=True, queue_arguments=arguments)


def epoch_queue(service: str) -> Queue:
    """Return the empty queue whose absence tells a service's relay that the broker was wiped (docs/decisions/0003)."""
    arguments = {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT}
    return Queue(f"countersign.epoch.{service}", durable=True, queue_arguments=arguments)


def queues() -> tuple[Queue, ...]:
    """Return every queue that has to be there before anyone publishes."""
    dead = tuple(dead_queue(service) for service in SERVICES)
    return (*dead, recorder_queue(), *(handler.queue for handler in handlers()))


def declare(amqp_url: str, *, epochs: Sequence[str] = ()) -> None:
    """Declare every exchange and queue; what is there already stays as it is, and its messages with it.

    `epochs` names the services whose epoch queue is declared, last of all: only their relays may, once they have made
    good what a wipe lost. Raise Misconfigured where something is there with other arguments, OSError where the broker
    is away.
    """
    declare_queues(amqp_url, (*queues(), *(epoch_queue(service) for service in epochs)))


def declare_queues(amqp_url: str, wanted: Sequence[Queue]) -> None:
    """Declare these queues with their exchanges and bindings, in this order; errors as `declare`."""
    with connection(amqp_url) as broker:
        channel = broker.channel()
        for entity in (EVENTS, DEAD, *wanted):
            try:
                entity(channel).declare()
            except PreconditionFailed as problem:
                raise Misconfigured(_what_differs(str(problem))) from problem


def missing(amqp_url: str, wanted: Sequence[Queue]) -> list[str]:
    """Return the names of those queues that are not there; OSError where the broker is away."""
    with connection(amqp_url) as broker:
        return [queue.name for queue in wanted if not _is_there(broker, queue)]


def unread(amqp_url: str, wanted: Sequence[Queue]) -> list[str]:
    """Return the names of those queues that are not there, or that nobody reads; OSError where the broker is away."""
    absent = missing(amqp_url, wanted)
    with connection(amqp_url) as broker:
        channel = broker.channel()
        there = [queue for queue in wanted if queue.name not in absent]
        return absent + [q.name for q in there if q(channel).queue_declare(passive=True).consumer_count == 0]


def delete_all(amqp_url: str) -> None:
    """Delete every queue and exchange of ours with all messages in them: for tests on a vhost of their own."""
    with connection(amqp_url) as broker:
        channel = broker.channel()
        for queue in (*queues(), *map(epoch_queue, SERVICES)):
            queue(channel).delete()
        for exchange in (EVENTS, DEAD):
            exchange(channel).delete()


def connection(amqp_url: str, *, confirm: bool = False) -> Connection:
    """Return a short-lived connection that fails rather than hangs where the broker is frozen.

    `confirm` lets each publishing wait for the broker's word that it has the message.
    """
    options = {"read_timeout": 10, "write_timeout": 10, "confirm_publish": confirm}
    return Connection(amqp_url, connect_timeout=5, transport_options=options)


def _queue(name: str, service: str, keys: Sequence[str], *, single: bool) -> Queue:
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD.name,
        "x-dead-letter-routing-key": service,
        # at least once, which RabbitMQ gives only where a full queue refuses what is new
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        **({"x-single-active-consumer": True} if single else {}),
    }
    bindings = [binding(EVENTS, routing_key=key) for key in keys]
    return Queue(name, bindings=bindings, durable=True, queue_arguments=arguments)


def _is_there(broker: Connection, queue: Queue) -> bool:
    channel = broker.channel()
    try:
        queue(channel).queue_declare(passive=True)
    except NotFound:
        return False
    channel.close()
    return True


_DIFFERS = re.compile(
    r"inequivalent arg '(?P<argument>[^']+)' for (?P<kind>\w+) '(?P<name>[^']+)'.*?: (?P<values>.*)", re.S
)


def _what_differs(answer: str) -> str:
    found = _DIFFERS.search(answer)
    if not found:
        return f"RabbitMQ refuses our queues: {answer}"
    argument, kind, name, values = found.group("argument", "kind", "name", "values")
    return (
        f"The {kind} {name!r} exists with another {argument!r} than this version declares ({values.strip()}). "
        "Arguments cannot be changed: stop what uses it, let it run empty, delete it "
        f"(rabbitmqctl delete_queue {name}) and start again; it is then declared anew."
    )
