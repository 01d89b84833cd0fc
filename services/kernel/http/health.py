"""`/healthz`: is this process up, and what does it see. `/readyz`: may requests be sent to it."""

import socket
import time
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, jsonify

from services.kernel import config, db, migrate
from services.kernel.errors import Misconfigured, Refused
from services.kernel.http.access import public
from services.kernel.http.place import services

BROKER_ANSWERS_WITHIN = 0.5  # seconds
ASK_BROKER_EVERY = 5.0  # seconds; the answer is kept meanwhile
AMQP = b"AMQP\x00\x00\x09\x01"


def show_health(app: Flask) -> None:
    """Give an application its two health pages."""
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)


@public
def healthz() -> Response:
    """Say that this process is up, and whether it sees the broker. Without the broker it serves all the same."""
    return jsonify({"status": "up", "services": services(), "broker": _broker()})


@public
def readyz() -> tuple[Response, int]:
    """Say whether each service's own database answers and has every migration; 503 otherwise."""
    found = {service: _readiness(service) for service in services()}
    ready = all(word == "ready" for word in found.values())
    return jsonify({"status": "ready" if ready else "not ready", "services": found}), 200 if ready else 503


def _readiness(service: str) -> str:
    try:
        with db.of(service).transaction(read_only=True) as tx:
            missing = migrate.pending(tx.connection, service)
    except (Refused, Misconfigured):
        return "its database does not answer"
    except Exception:  # the tables are not there at all, or not ours: whatever it is, not ready
        return "its database is not set up: run countersign migrate"
    return f"migrations are missing: {', '.join(missing)}; run countersign migrate" if missing else "ready"


def _broker() -> str:
    """Say whether the broker greets, asked at most every few seconds by each process."""
    asked_at: float
    word: str
    asked_at, word = current_app.extensions.get("broker", (0.0, ""))
    if time.monotonic() - asked_at > ASK_BROKER_EVERY or not word:
        word = "reachable" if _broker_greets() else "unreachable"
        current_app.extensions["broker"] = (time.monotonic(), word)
    return word


def _broker_greets() -> bool:
    """Say whether the broker answers our greeting: a frozen one takes connections and says nothing."""
    try:
        address = urlsplit(config.amqp_url())
        place = (address.hostname or "localhost", address.port or 5672)
        with socket.create_connection(place, BROKER_ANSWERS_WITHIN) as connection:
            connection.sendall(AMQP)
            return connection.recv(1) == b"\x01"  # a method frame: Connection.Start
    except (OSError, Misconfigured):
        return False
