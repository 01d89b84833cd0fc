"""The worker process: `python -m services.kernel.worker SERVICE...` serves the nameko classes of the services named."""

# ruff: noqa: E402 -- eventlet comes before all else: what is imported earlier keeps the blocking versions. psycopg needs
# the variable that `countersign worker` sets (architecture.md, trap 3); the kernel refuses to start without it.
import warnings

warnings.filterwarnings("ignore", message="\nEventlet is deprecated")  # docs/decisions tells why we know and stay

import eventlet

eventlet.monkey_patch()

import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import nameko
import psycopg
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError
from nameko.runners import ServiceRunner

from services.kernel import config, db, migrate, parking, telemetry, topology
from services.kernel.bus import doors, questions
from services.kernel.errors import Misconfigured, Unavailable

AWAY = (OSError, AMQPError, KombuError, Unavailable, psycopg.Error)
PAUSE = 0.5  # seconds between two tries to reach broker or database at the start

log = telemetry.get_logger("countersign.worker")


def run(service_classes: list[Any]) -> None:
    """Serve nameko classes until SIGTERM or SIGINT, or until one fails; then stop all and raise what it raised.

    Broker and database are waited for; raise Misconfigured where the broker's queues are not as we declare them.
    """
    names = [service_class.name for service_class in service_classes]
    # nameko ends where the broker is absent at the start, and everything is declared before anyone publishes
    handlers = [handler for each in service_classes for handler in topology.handlers_of(each)]
    queues = [*topology.queues(), *(handler.queue for handler in handlers)]
    _wait_for("the broker", lambda: topology.declare_queues(config.amqp_url(), queues))
    for name in names:
        _wait_for(f"the database of {name}", partial(_expect_migrated, name))
    _watch(names)
    nameko.config.update({"AMQP_URI": config.amqp_url(), "HEARTBEAT": topology.HEARTBEAT, "max_workers": 10})
    runner = ServiceRunner()
    for service_class in service_classes:
        runner.add_service(doors.add_to(service_class))
    _stop_on_signals(runner)
    runner.start()
    log.info("The worker serves", services=names)
    # A signal interrupts the main green thread with EINTR wherever it waits; this one waits undisturbed.
    waiting = eventlet.spawn(runner.wait)
    while True:
        try:
            waiting.wait()
            return
        except InterruptedError:
            continue


def _wait_for(what: str, ask: Callable[[], object]) -> None:
    said = ""
    while True:
        try:
            ask()
            return
        except AWAY as problem:
            if said != repr(problem):
                said = repr(problem)
                log.info("The worker waits", waits_for=what, problem=said)
            time.sleep(PAUSE)


def _expect_migrated(service: str) -> None:
    with db.of(service).transaction(read_only=True) as tx:
        if missing := migrate.pending(tx.connection, service):
            raise Unavailable(f"{service} lacks {', '.join(missing)}: run `countersign migrate`")


def _watch(services: list[str]) -> None:
    def messages(which: int) -> dict[str, float]:
        found = {}
        for service in services:
            with db.of(service).transaction(read_only=True) as tx:
                found[service] = float(parking.counts(tx)[which])
        return found

    telemetry.watch("countersign.messages.waiting", "Messages that wait for another try", "1", lambda: messages(0))
    telemetry.watch("countersign.messages.parked", "Messages an operator has to look at", "1", lambda: messages(1))


def service_class(service: str) -> Any:
    """The nameko class of a service: what its `service.py` calls SERVICE."""
    return import_module(f"services.{service}.service").SERVICE


def _stop_on_signals(runner: ServiceRunner) -> None:
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        if not stopping:  # a second stop raises inside nameko's timers
            stopping = True
            questions.closing.set()
            eventlet.spawn_n(runner.stop)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


if __name__ == "__main__":
    telemetry.setup("worker")
    try:
        run([service_class(service) for service in sys.argv[1:]])
    except Misconfigured as problem:
        sys.exit(f"countersign worker: {problem}")
    finally:
        db.close_all()
