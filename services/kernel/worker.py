"""The worker process: `python -m services.kernel.worker SERVICE...` serves the nameko classes of the services named."""

# ruff: noqa: E402 -- eventlet comes before all else: what is imported earlier keeps the blocking versions. psycopg needs
# the variable that `countersign worker` sets (architecture.md, trap 3); the kernel refuses to start without it.
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")  # docs/decisions tells why we know and stay

import eventlet

eventlet.monkey_patch()

import logging
import signal
import sys
from importlib import import_module
from typing import Any

from nameko.runners import ServiceRunner

log = logging.getLogger(__name__)


def run(services: list[str]) -> None:
    """Serve until SIGTERM or SIGINT, or until one of the services fails; then stop all and raise what it raised."""
    runner = ServiceRunner()
    for service in services:
        runner.add_service(service_class(service))
    _stop_on_signals(runner)
    runner.start()
    log.info("worker serves %s", ", ".join(services))
    # A signal interrupts the main green thread with EINTR wherever it waits; this one waits undisturbed.
    waiting = eventlet.spawn(runner.wait)
    while True:
        try:
            waiting.wait()
            return
        except InterruptedError:
            continue


def service_class(service: str) -> Any:
    """The nameko class of a service: what its `service.py` calls SERVICE."""
    return import_module(f"services.{service}.service").SERVICE


def _stop_on_signals(runner: ServiceRunner) -> None:
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if not stopping:  # a second stop raises inside nameko's timers
            stopping = True
            eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    run(sys.argv[1:])
