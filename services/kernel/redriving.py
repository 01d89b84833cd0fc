"""What an operator does with waiting and parked messages: looks, hands them to their handlers again, or gives them up.

Each act and the event that tells of it are one transaction, so the log says what was redriven or discarded, and why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.kernel import events, order, outbox, parking
from services.kernel.db import Transaction
from services.kernel.errors import Malformed, NotFound, Refused
from services.kernel.events import Event, Fact

State = Literal["waiting", "parked"]


@dataclass(frozen=True, slots=True)
class Stuck:
    """One message that its handler has not handled; `due` is its next try, where it has one."""

    id: str
    service: str
    state: State
    handler: str
    event_id: str | None
    type: str | None
    attempts: int
    reason: str
    at: datetime
    due: datetime | None
    body: bytes

    @property
    def event(self) -> Event:
        """Return the event it carries; raise Refused where it cannot be read."""
        try:
            return events.parse(self.body)
        except Malformed as problem:
            raise Refused(f"The message {self.id} cannot be read ({problem}); it can only be discarded.") from problem


_ALL = """SELECT id, 'waiting' AS state, handler, event_id, type, attempt AS attempts, reason, at, due, body
          FROM {own}.waiting
          UNION ALL
          SELECT id, 'parked', handler, event_id, type, attempts, reason, at, NULL, body FROM {own}.parked"""


def stuck(tx: Transaction) -> list[Stuck]:
    """Return every waiting and parked message of a service, the oldest first, without their bytes."""
    rows = tx.all(
        f"""SELECT id, state, handler, event_id, type, attempts, reason, at, due, ''::bytea AS body
            FROM ({_ALL.format(own=f"{tx.service}_own")}) m ORDER BY at, id"""
    )
    return [_stuck(tx.service, row) for row in rows]


def find(tx: Transaction, id: str) -> Stuck:
    """Return one of them, locked; raise NotFound where it is neither waiting nor parked any more."""
    own = f"{tx.service}_own"
    for table in ("waiting", "parked"):
        tx.execute(f"SELECT 1 FROM {own}.{table} WHERE id = %(id)s FOR UPDATE", {"id": id})
    row = tx.one(f"SELECT * FROM ({_ALL.format(own=own)}) m WHERE id = %(id)s", {"id": id})
    if row is None:
        raise NotFound(f"No message {id} waits or is parked: it was handled, redriven or discarded meanwhile.")
    return _stuck(tx.service, row)


def redrive(tx: Transaction, id: str, because: str | None = None, *, skip_missing: bool = False) -> Event:
    """Let a message be tried again now, as if for the first time.

    `skip_missing` lets an in-order handler take it although an event before it never came. Raise NotFound where it is
    stuck no more, Refused where it cannot be read.
    """
    message = find(tx, id)
    event = message.event
    if skip_missing:
        order.skip_to(tx, message.handler, event)
    if message.state == "parked":
        parking.unpark(tx, id, event)
    else:
        parking.hasten(tx, id)
    return _tell(tx, "redriven", message, because)


def discard(tx: Transaction, id: str, because: str | None = None) -> Event:
    """Give a message up: its handler will never see it, and an in-order handler goes on with the one behind it.

    Raise NotFound where it is stuck no more, Refused where an event before it is still awaited.
    """
    message = find(tx, id)
    if message.event_id is not None:
        event = message.event
        if order.is_ahead(tx, message.handler, event):
            raise Refused("An event before this one is still awaited: settle that first, or redrive this one past it.")
        if order.hear(tx, message.handler, event):
            parking.call_next(tx, message.handler, event)
        parking.note_discarded(tx, message.handler, message.event_id)
    tx.execute(f"DELETE FROM {tx.service}_own.{message.state} WHERE id = %(id)s", {"id": id})
    return _tell(tx, "discarded", message, because)


def _tell(tx: Transaction, what: str, message: Stuck, because: str | None) -> Event:
    data = {
        "message": message.id,
        "handler": message.handler,
        "event": message.event_id,
        "type": message.type,
        "because": because,
    }
    said = {name: value for name, value in data.items() if value is not None}
    return outbox.emit(tx, Fact(f"{tx.service}.message.{what}.v1", message.id, said))


def _stuck(service: str, row: dict[str, Any]) -> Stuck:
    ids = {"id": str(row["id"]), "event_id": row["event_id"] and str(row["event_id"])}
    return Stuck(**{**row, **ids, "service": service, "body": bytes(row["body"])})
