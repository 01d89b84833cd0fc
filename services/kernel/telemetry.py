"""What the platform says of itself: traces, measurements, and log lines that name the trace they belong to.

Spans are always made, so that the log lines and events of one act can be told by their trace id; they are sent to a
collector only where OTEL_EXPORTER_OTLP_ENDPOINT or COUNTERSIGN_OTLP_ENDPOINT names one (OTLP over HTTP).
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from typing import Any

import structlog
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.kernel import config

CLIENT, SERVER = SpanKind.CLIENT, SpanKind.SERVER
PRODUCER, CONSUMER = SpanKind.PRODUCER, SpanKind.CONSUMER
INTERNAL = SpanKind.INTERNAL

Reading = Callable[[], Mapping[str, float]]

_tracer = trace.get_tracer("countersign")
_meter = metrics.get_meter("countersign")
_propagator = TraceContextTextMapPropagator()
_exporting = False


def setup(process: str) -> None:
    """Begin to trace, measure and log as this process; called once, first of all."""
    _log_as_json()
    endpoint = _endpoint()
    if endpoint:
        _provider(process).add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint}/v1/traces")))
        _measure(process, OTLPMetricExporter(f"{endpoint}/v1/metrics"))
        _export()
    else:
        _provider(process)


def send_spans_to(exporter: SpanExporter, process: str = "test") -> None:
    """Send every span that ends to this exporter at once: for tests."""
    _provider(process).add_span_processor(SimpleSpanProcessor(exporter))
    _export()


def is_exporting() -> bool:
    """Say whether anybody takes the spans; the hot paths make none where nobody does."""
    return _exporting


@contextmanager
def span(
    name: str, parent: str | None = None, kind: SpanKind = INTERNAL, **attributes: str | int | None
) -> Iterator[Span]:
    """Do the block in a span: a child of the `traceparent` given, else of the present span.

    An attribute written `event__type` is recorded as `event.type`; one that is None is left out.
    """
    context = _propagator.extract({"traceparent": parent}) if parent else None
    named = {key.replace("__", "."): value for key, value in attributes.items() if value is not None}
    with _tracer.start_as_current_span(name, context=context, kind=kind, attributes=named) as current:
        yield current


def watch(name: str, description: str, unit: str, read: Reading) -> None:
    """Measure something whenever the collector is sent to: `read` returns a number per service."""

    def observe(_: CallbackOptions) -> Iterable[Observation]:
        try:
            return [Observation(value, {"service": service}) for service, value in read().items()]
        except Exception as problem:  # a measurement that fails now is missing now, and no more than that
            log.warning("A measurement could not be taken", name=name, problem=str(problem))
            return []

    if _exporting:
        _meter.create_observable_gauge(name, [observe], unit, description)


def get_logger(name: str) -> Any:
    """Return a logger: `log.info("A sentence", field=value)`."""
    return structlog.stdlib.get_logger(name)


log = get_logger("countersign.telemetry")


@cache
def _provider(process: str) -> TracerProvider:
    provider = TracerProvider(resource=_resource(process))
    trace.set_tracer_provider(provider)
    return provider


def _measure(process: str, exporter: MetricExporter) -> None:
    reader = PeriodicExportingMetricReader(exporter)
    metrics.set_meter_provider(MeterProvider([reader], resource=_resource(process)))


def _export() -> None:
    global _exporting
    _exporting = True


def _endpoint() -> str:
    given = config.env().str("OTLP_ENDPOINT", "") or os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "")
    return str(given).rstrip("/")


def _resource(process: str) -> Resource:
    return Resource.create(
        {
            "service.name": process,
            "service.namespace": "countersign",
            "service.version": version("countersign"),
            "process.pid": os.getpid(),
        }
    )


def _log_as_json() -> None:
    shared: list[Callable[[Any, str, MutableMapping[str, Any]], Any]] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(level=config.env().str("LOG_LEVEL", "INFO").upper(), handlers=[handler], force=True)
    for chatty in ("amqp", "kombu", "nameko", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # each thing that goes wrong on a line is told by us in one sentence; pika tells of it in five
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def _add_trace(_: object, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"], line["span_id"] = f"{context.trace_id:032x}", f"{context.span_id:016x}"
    return line
