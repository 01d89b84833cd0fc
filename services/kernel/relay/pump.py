"""The relay of one service: one thread, one loop, one connection to the outbox and one to the broker."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import psycopg
from amqp.exceptions import AMQPError
from kombu.exceptions import KombuError
from pika.adapters.select_connection import IOLoop

from services.kernel import config, lease, telemetry, topology
from services.kernel.errors import Misconfigured
from services.kernel.patience import pauses
from services.kernel.relay.ledger import Ledger, NotLeading, Row
from services.kernel.relay.line import Alarm, Line
from services.kernel.relay.watch import NOTHING_TO_DO, Remedy, Watch

BATCH = 500  # rows taken from the outbox at a time
WINDOW = 2000  # rows published and not yet confirmed
POLL = 1.0  # seconds between two looks without being woken
RENEW = 2.0  # seconds between two renewals of the lease
MARGIN = 1.0  # seconds before its end at which a lease is no longer relied on
MARK_SOON = 0.02  # seconds that a confirmed row waits for others to be marked with it
FAREWELL = 5.0  # seconds to wait for confirms at the end
FORGET_EVERY = 3600.0
CHANGED_AT_ONCE = 5000  # rows, where many are unmarked or deleted

Answer = TypeVar("Answer")

log = telemetry.get_logger("countersign.relay")


class Pump:
    """Publishes the outbox of one service while it leads, and stands by while another does."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._unsent: tuple[float, float] | None = None  # the age of the oldest unsent event, and when that was so
        self._loop = IOLoop()
        self._ledger = Ledger(service, lease.me())
        self._watch = Watch(service)
        self._line = Line(service, config.amqp_url(), self._watch.names(), self._loop, self)
        self._again = pauses()
        self._open_at = self._renew_at = self._leads_until = self._hold_until = self._forget_at = 0.0
        self._watched: int | None = None  # the file descriptor of the ledger
        self._in_place = False  # the queues, as of the last look on this line
        self._cursor: int | None = None  # the position up to which older unsent rows were looked for; None: all
        self._from_the_start = True
        self._confirmed: list[int] = []
        self._marking = Alarm(self._loop)
        self._stopping = self._ended = False

    def run(self) -> None:
        """Relay until stopped, whatever becomes of broker and database meanwhile."""
        self._line.connect()
        self._tick()
        self._loop.start()

    def stop(self) -> None:
        """Stop, from any thread: publish nothing more, wait for the confirms that are due, resign."""
        self._loop.add_callback_threadsafe(self._begin_to_end)

    # what the line tells

    def queues_seen(self, missing: Sequence[str]) -> None:
        """Judge what is missing; only the leader acts, for only it can send again."""
        if not self._leads:
            return
        remedy = self._watch.judge(missing, time.monotonic())
        if missing and remedy is None:
            log.error("Queues are missing; nothing is published until they are there", queues=list(missing))
        self._in_place = remedy == NOTHING_TO_DO
        if remedy and not self._in_place:
            self._apply(remedy)
        self._pump()

    def confirmed(self, row: Row) -> None:
        """Mark the row, with those that are confirmed about the same time."""
        self._confirmed.append(row.id)

    def refused(self, row: Row) -> None:
        """Send the row again, a little later."""
        log.error("The broker refused an event; it is sent again", service=self.service, event_id=row.event_id)
        self._from_the_start = True
        self._hold_until = time.monotonic() + POLL

    def quiet(self) -> None:
        """Mark, and publish more where there is room again."""
        if not self._line.in_flight or len(self._confirmed) >= BATCH:
            self._mark()
        elif not self._marking.is_set:
            self._marking.set(MARK_SOON, self._mark)
        if self._stopping and not self._line.in_flight:
            self._end()
        self._pump()

    def lost(self) -> None:
        """What was not confirmed is sent again on the next line, once the queues were looked at."""
        self._in_place, self._from_the_start = False, True

    # the pump

    def _tick(self) -> None:
        if self._stopping:
            return
        self._loop.call_later(POLL, self._tick)
        if time.monotonic() >= self._renew_at:
            self._keep_lease()
        if self._confirmed:
            self._mark()
        if self._leads:
            self._from_the_start = self._from_the_start or (self._cursor is None and not self._line.in_flight)
            self._pump()
            self._look_after()

    @property
    def oldest(self) -> float | None:
        """Return how many seconds the oldest unsent event has waited; None where another relay leads, which knows.

        It goes on growing while the database is away.
        """
        if self._unsent is None:
            return None
        age, at = self._unsent
        return age + time.monotonic() - at if age else 0.0

    @property
    def _leads(self) -> bool:
        return time.monotonic() < self._leads_until

    def _keep_lease(self) -> None:
        asked_at, led = time.monotonic(), self._leads
        self._renew_at = asked_at + RENEW
        if not self._in_ledger(self._ledger.lead):
            self._leads_until = 0.0
            return
        self._leads_until = asked_at + lease.SECONDS - MARGIN
        if not led:
            log.info("This relay leads now", service=self.service)
            self._in_place, self._from_the_start = False, True
            self._line.check()

    def _pump(self) -> None:
        while self._may_publish and self._line.in_flight <= WINDOW - BATCH:
            rows = self._next()
            for row in rows:
                self._publish(row)
            if len(rows) < BATCH and not self._in_ledger(self._ledger.was_rung):
                return

    @property
    def _may_publish(self) -> bool:
        return (
            self._in_place
            and self._line.is_open
            and not self._stopping
            and self._hold_until <= time.monotonic() < self._leads_until
        )

    def _next(self) -> list[Row]:
        """Return the next rows: first those that have a position and were not sent, then new ones."""
        if self._from_the_start:
            if self._line.in_flight or self._confirmed:
                return []
            self._cursor, self._from_the_start = 0, False
        if self._cursor is not None:
            rows = self._in_ledger(partial(self._ledger.unsent, self._cursor, BATCH))
            if rows or rows is None:
                self._cursor = rows[-1].position if rows else self._cursor
                return rows or []
            self._cursor = None
        return self._in_ledger(partial(self._ledger.stamp, BATCH)) or []

    def _publish(self, row: Row) -> None:
        if not telemetry.is_exporting():
            self._line.publish(row)
            return
        traceparent = json.loads(row.body).get("traceparent")
        with telemetry.span(f"publish {row.type}", traceparent, telemetry.PRODUCER, event__id=row.event_id):
            self._line.publish(row)

    def _mark(self) -> None:
        self._marking.unset()
        if self._confirmed:
            marked = self._in_ledger(partial(self._ledger.mark, self._confirmed))
            if marked:
                self._confirmed = []

    def _look_after(self) -> None:
        if telemetry.is_exporting() and (age := self._in_ledger(self._ledger.oldest)) is not None:
            self._unsent = age, time.monotonic()
        if time.monotonic() >= self._forget_at and not self._in_ledger(partial(self._ledger.forget, CHANGED_AT_ONCE)):
            self._forget_at = time.monotonic() + FORGET_EVERY

    # a broker that has lost queues

    def _apply(self, remedy: Remedy) -> None:
        wiped = "The broker is new or was wiped; all is declared, and the last day's events are sent again"
        lacked = "The broker lacked queues; they are declared, and what was sent meanwhile is sent again"
        log.warning(
            wiped if remedy.begin_epoch else lacked,
            service=self.service,
            queues=[queue.name for queue in remedy.declare],
            of_the_last_seconds=round(remedy.send_again),
        )
        if self._declare(*remedy.declare):
            self._send_again(remedy)

    def _send_again(self, remedy: Remedy) -> None:
        """Unmark in small steps, so that the loop keeps its heartbeats; the epoch begins when all of it is done."""
        unmarked = self._in_ledger(partial(self._ledger.unmark, remedy.send_again, CHANGED_AT_ONCE))
        if unmarked:
            self._loop.call_later(0, partial(self._send_again, remedy))
        elif unmarked == 0 and (not remedy.begin_epoch or self._declare(self._watch.epoch)):
            self._watch.well(time.monotonic())
            self._in_place, self._from_the_start = self._line.is_open, True
            self._pump()

    def _declare(self, *queues: Any) -> bool:
        try:
            topology.declare_queues(config.amqp_url(), queues)
        except (Misconfigured, AMQPError, KombuError, OSError) as problem:
            log.error("Queues cannot be declared; it is tried again", service=self.service, problem=str(problem))
            return False
        return True

    # the ledger, which may be away

    def _in_ledger(self, act: Callable[[], Answer]) -> Answer | None:
        """Do something in the outbox; None where that is away, or led by another relay."""
        try:
            self._open_ledger()
            return act()
        except NotLeading:
            log.warning("Another relay leads now", service=self.service)
            self._leads_until, self._confirmed, self._unsent = 0.0, [], None
        except psycopg.Error as problem:
            self._close_ledger(problem)
        return None

    def _open_ledger(self) -> None:
        if self._ledger.is_open:
            return
        if time.monotonic() < self._open_at:
            raise psycopg.OperationalError("the outbox is away")
        self._watched = self._ledger.open()
        self._loop.add_handler(self._watched, self._woken, IOLoop.READ)
        self._again = pauses()

    def _close_ledger(self, problem: psycopg.Error) -> None:
        self._from_the_start = True  # whether the last statement was committed is not known
        if self._ledger.is_open or time.monotonic() >= self._open_at:
            log.warning("The outbox is away", service=self.service, problem=str(problem).strip())
            self._open_at = time.monotonic() + next(self._again)
        if self._watched is not None:
            with suppress(OSError):  # libpq has closed the descriptor itself where the server went away
                self._loop.remove_handler(self._watched)
            self._watched = None
        self._ledger.close()

    def _woken(self, *_: Any) -> None:
        if self._in_ledger(self._ledger.was_rung):
            self._pump()

    # the end

    def _begin_to_end(self) -> None:
        self._stopping = True
        self._loop.call_later(FAREWELL, self._end)
        if not self._line.in_flight:
            self._end()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._mark()
        if self._leads:
            self._in_ledger(self._ledger.resign)
        self._ledger.close()
        self._line.close()
