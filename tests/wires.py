"""The relay, the broker and the recorder by hand: tests decide what arrives where, when, in which order, how often."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from importlib import import_module

from services import SERVICES
from services.audit.domain import Message
from services.audit.recording.entering import record
from services.kernel import db, events, parking, topology
from services.kernel.bus import attempts
from services.kernel.bus.delivery import Delivery
from services.kernel.topology import Handler

RECORDER = "audit.recorder"


@dataclass
class Wires:
    """What was sent by any service and lies in the queues of its hearers and of the recorder."""

    queues: dict[str, list[Delivery]] = field(default_factory=lambda: defaultdict(list))
    _moved: Counter[str] = field(default_factory=Counter)

    def look(self) -> None:
        """Send what was said since the last look."""
        for service in SERVICES:
            with db.of(service).transaction(read_only=True) as tx:
                rows = tx.all(
                    f"""SELECT id, type, body, private::text FROM {service}_own.outbox
                        WHERE id > %(id)s ORDER BY id""",
                    {"id": self._moved[service]},
                )
            for row in rows:
                self._moved[service] = row["id"]
                self._send(row["type"], Delivery(bytes(row["body"]), {"private": row["private"]}, events.CONTENT_TYPE))

    def _send(self, type: str, delivery: Delivery) -> None:
        self.queues[RECORDER].append(delivery)
        for handler in topology.handlers():
            heard = {one.partition(".")[0] for one in handler.types} if handler.in_order else set()
            if type in handler.types or type.partition(".")[0] in heard:
                self.queues[f"{handler.service}.{handler.name}"].append(delivery)

    def deliver(self, queue: str, place: int = 0, times: int = 1) -> None:
        """Let one message of a queue arrive, as often as the broker hands it out."""
        delivery = self.queues[queue].pop(place)
        for _ in range(times):
            if queue == RECORDER:
                with db.of("audit").transaction() as tx:
                    record(tx, [Message(delivery.body, delivery.headers)])
            else:
                _hand(_handler(queue), delivery)

    def deliver_all(self, but: Collection[str] = ()) -> None:
        """Let everything arrive, and what is said in answer, and what had to wait; nothing at the queues held back."""
        for _ in range(50):
            self.look()
            full = [name for name, messages in self.queues.items() if messages and name not in but]
            if not full and not _retry():
                return
            for name in full:
                while self.queues[name]:
                    self.deliver(name)
        raise AssertionError("there is always more to deliver")

    def deliver_some(self, chance: random.Random, most: int = 20) -> None:
        """Let some messages arrive somewhere, out of order here and there, some twice."""
        for _ in range(most):
            self.look()
            full = [name for name, messages in self.queues.items() if messages]
            if not full:
                return
            name = chance.choice(sorted(full))
            self.deliver(name, chance.randrange(len(self.queues[name])), chance.choice((1, 1, 1, 2)))


def _handler(queue: str) -> Handler:
    return next(h for h in topology.handlers() if f"{h.service}.{h.name}" == queue)


def _hand(handler: Handler, delivery: Delivery) -> None:
    service = import_module(f"services.{handler.service}.service").SERVICE

    def attempt(act: attempts.Act) -> bool:
        attempts.take(handler, delivery, act, lambda: None)
        return True

    getattr(service, handler.name)(service(), attempt)


def _retry() -> bool:
    """Try once what waits in any service; say whether anything was done away with."""
    before = sum(_waiting())
    for handler in topology.handlers():
        service = import_module(f"services.{handler.service}.service").SERVICE
        with db.of(handler.service).transaction() as tx:
            tx.execute(f"UPDATE {handler.service}_own.waiting SET due = now() - interval '1 second', attempt = 0")
            due = parking.due(tx, [handler.name], 1000)
        for id, _ in due:

            def attempt(act: attempts.Act, handler: Handler = handler, id: str = id) -> bool:
                attempts.take_again(handler, id, act, lambda: None)
                return True

            getattr(service, handler.name)(service(), attempt)
    return sum(_waiting()) < before


def _waiting() -> list[int]:
    found = []
    for service in SERVICES:
        with db.of(service).transaction(read_only=True) as tx:
            found.append(parking.counts(tx)[0])
    return found
