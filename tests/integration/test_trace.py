"""One act is one trace: from what asked for it through outbox, relay and broker to the handler and the log's entry."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.audit.recording.recorder import Recorder
from services.kernel import config, db, ids, telemetry, topology
from services.kernel.bus import attempts
from services.kernel.bus.delivery import Delivery
from services.kernel.db import Transaction
from services.kernel.events import Event, Fact
from services.kernel.outbox import emit
from services.kernel.relay.pump import Pump
from services.kernel.topology import Handler
from tests.facts import eventually

TYPE = "catalogue.draft.recalled.v1"
HANDLER = Handler("codesign", "learn", (TYPE,))


@contextmanager
def running(*each: Pump | Recorder) -> Iterator[None]:
    """Let relay and recorder run in this process, so that their spans are seen."""
    threads = [threading.Thread(target=one.run) for one in each]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for one in each:
            one.stop()
        for thread in threads:
            thread.join(20)


def some(got: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Return what basic_get has got, once it has got something."""
    assert got[0]
    return got


def handle_next(act: attempts.Act) -> None:
    """Take one message from the handler's queue and handle it, as the bus does."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        method, properties, body = eventually(lambda: some(channel.basic_get(HANDLER.queue.name)))
        delivery = Delivery(body, properties.headers, properties.content_type)
        attempts.take(HANDLER, delivery, act, lambda: None)
        channel.basic_ack(method.delivery_tag)


@pytest.mark.usefixtures("platform_env")
def test_an_act_is_one_trace_from_the_request_to_the_entry() -> None:
    """Publishing, handling and recording are children of the act; what the handler says in turn belongs to it too."""
    spans = InMemorySpanExporter()
    telemetry.send_spans_to(spans)
    topology.declare(config.amqp_url())
    topology.declare_queues(config.amqp_url(), [HANDLER.queue])
    said: list[Event] = []

    def answer(tx: Transaction, event: Event) -> None:
        fact = Fact("codesign.message.discarded.v1", event.id, {"message": event.id, "handler": "learn"})
        said.append(emit(tx, fact))

    with running(Pump("catalogue"), Recorder()):
        draft = ids.new_id()
        with telemetry.span("POST", kind=telemetry.SERVER), db.of("catalogue").transaction() as tx:
            cause = emit(tx, Fact(TYPE, draft, {"draft": draft, "version": 1, "submission": draft}))
        handle_next(answer)
        eventually(lambda: {"record", f"publish {TYPE}"} <= {span.name for span in spans.get_finished_spans()})
    found = {span.name: span for span in spans.get_finished_spans()}
    act = found["POST"]
    for name in (f"publish {TYPE}", "handle codesign.learn", "record"):
        assert parent(found[name]) == act.context.span_id, name
        assert found[name].context.trace_id == act.context.trace_id
    [consequence] = said
    assert consequence.causationid == cause.id
    assert consequence.traceparent is not None
    assert consequence.traceparent.split("-")[1] == f"{act.context.trace_id:032x}"
    assert consequence.traceparent.split("-")[2] == f"{found['handle codesign.learn'].context.span_id:016x}"


def parent(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None
