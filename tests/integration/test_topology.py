"""The broker's topology, on a real broker."""

import pytest
from kombu import Queue

from services.kernel import topology
from services.kernel.errors import Misconfigured
from services.kernel.topology import Handler

KEEP_VERSION = Handler("codesign", "keep_version", ("catalogue.draft.submitted.v1",), in_order=True)
TELL = Handler("notifications", "tell", ("codesign.comment.submitted.v1", "accounts.person.invited.v1"))


def test_declaring_twice_changes_nothing(broker: str) -> None:
    """Everything is declared, and declaring it again keeps the messages that are waiting."""
    topology.declare(broker)
    with topology.connection(broker) as connection:
        connection.Producer().publish("{}", exchange=topology.EVENTS, routing_key="codesign.comment.submitted.v1")
    topology.declare(broker, epochs=["codesign"])
    assert topology.missing(broker, (*topology.queues(), topology.epoch_queue("codesign"))) == []
    with topology.connection(broker) as connection:
        assert topology.recorder_queue()(connection.channel()).queue_declare(passive=True).message_count == 1


def test_the_epoch_queue_is_for_the_relay_alone_to_declare(broker: str) -> None:
    """A worker that starts first on a wiped broker does not hide the wipe from the relays."""
    topology.declare(broker)
    epochs = [topology.epoch_queue(service) for service in ("codesign", "catalogue")]
    assert topology.missing(broker, epochs) == ["countersign.epoch.codesign", "countersign.epoch.catalogue"]


def test_a_wrong_argument_is_an_error_that_says_which(broker: str) -> None:
    """An existing queue with another argument stops the start, and the message names queue, argument and remedy."""
    other = topology.recorder_queue().queue_arguments | {"x-delivery-limit": 5}
    with topology.connection(broker) as connection:
        Queue("audit.recorder", durable=True, queue_arguments=other)(connection.channel()).declare()
    with pytest.raises(Misconfigured, match=r"'audit\.recorder'.*'x-delivery-limit'.*delete_queue audit\.recorder"):
        topology.declare(broker)


@pytest.mark.parametrize(
    "argument", ["x-delivery-limit", "x-single-active-consumer", "x-dead-letter-routing-key", "x-dead-letter-strategy"]
)
def test_each_argument_that_matters_is_compared(broker: str, argument: str) -> None:
    """RabbitMQ tells us of every argument our guarantees rest on, not only of the queue's type."""
    queue = KEEP_VERSION.queue
    with topology.connection(broker) as connection:
        other = {k: v for k, v in queue.queue_arguments.items() if k != argument}
        Queue(queue.name, durable=True, queue_arguments=other)(connection.channel()).declare()
    with pytest.raises(Misconfigured, match=argument):
        topology.declare_queues(broker, [queue])


def test_an_in_order_handler_sees_every_event_of_the_streams_it_follows() -> None:
    """`sequence` counts all types of a stream, so an in-order queue gets all of its producer, and has one reader."""
    keys = {b.routing_key for b in KEEP_VERSION.queue.bindings}
    assert keys == {"catalogue.#"}
    assert KEEP_VERSION.queue.queue_arguments["x-single-active-consumer"] is True


def test_a_handler_without_order_gets_its_types_and_no_others() -> None:
    """A queue is bound to exactly the types its handler names, and read by as many as there are."""
    assert {b.routing_key for b in TELL.queue.bindings} == set(TELL.types)
    assert "x-single-active-consumer" not in TELL.queue.queue_arguments


def test_handlers_are_read_from_the_classes_without_running_them() -> None:
    """What a class hears is known in any process: the relay knows every queue without starting a worker."""

    class Probe:
        name = "codesign"

        def keep_version(self) -> None: ...

    topology.mark(Probe.keep_version, KEEP_VERSION.types, in_order=True)
    assert topology.handlers_of(Probe) == (KEEP_VERSION,)
