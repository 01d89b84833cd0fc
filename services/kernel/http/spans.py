"""One span around each request, from the trace its sender names, so that the events it emits belong to that trace."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, g, request
from opentelemetry import trace as otel
from opentelemetry.trace import Status, StatusCode

from services.kernel import telemetry

log = telemetry.get_logger(__name__)

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def trace(app: Flask) -> None:
    """Put a server span around every request of an application, and write one log line about it."""
    app.wsgi_app = _within_span(app.wsgi_app)  # type: ignore[method-assign, assignment]  # Flask's documented way to wrap it
    app.after_request(_name_span)


def _within_span(inner: Wsgi) -> Wsgi:
    def call(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with telemetry.span(environ["REQUEST_METHOD"], environ.get("HTTP_TRACEPARENT"), telemetry.SERVER):
            environ["countersign.began"] = time.perf_counter()
            return inner(environ, start_response)

    return call


def _name_span(response: Response) -> Response:
    """Give the span its route, never the full address: a magic link's secret stands in addresses."""
    span = otel.get_current_span()
    route = request.url_rule.rule if request.url_rule else "(no route)"
    span.update_name(f"{request.method} {route}")
    span.set_attributes(
        {
            "http.request.method": request.method,
            "http.route": route,
            "http.response.status_code": response.status_code,
            "countersign.request_id": g.get("request_id", ""),
        }
    )
    if response.status_code >= 500:
        span.set_status(Status(StatusCode.ERROR))
    _log(response, route)
    return response


def _log(response: Response, route: str) -> None:
    if route.startswith(("/static/", "/healthz", "/readyz")):
        return
    actor = g.get("actor")
    log.info(
        "a request was answered",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round((time.perf_counter() - request.environ["countersign.began"]) * 1000, 1),
        person=actor.person if actor else None,
    )
