"""The outbox as its relay sees it: who leads, what is to be sent, what was.

Every statement that gives a position or marks a row asks for the lease in the same transaction, so a relay that was
frozen and replaced can change nothing when it thaws.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow, class_row, dict_row

from services.kernel import config, lease, waking
from services.kernel.db import Transaction

LEASE = "relay"
# A frozen holder of the lease's row, or a locked table, holds a relay up for seconds and not for ever. A mark that is
# lost in a crash is a duplicate, which is allowed; a position that is lost is not, so stamping waits for the disk.
OPTIONS = (
    "-c statement_timeout=5s -c lock_timeout=2s -c idle_in_transaction_session_timeout=3s -c synchronous_commit=off"
)
KEPT = "90 days"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the outbox; `private` is the JSON text that travels beside the bytes."""

    id: int
    event_id: str
    type: str
    body: bytes
    private: str
    position: int


class NotLeading(Exception):
    """The lease is somebody else's by now."""


class Ledger:
    """One connection to one service's outbox. Any psycopg.Error means: close it and make a new one."""

    def __init__(self, service: str, holder: str) -> None:
        self._service, self._holder = service, holder
        self._own = f"{service}_own"
        self._rung = False
        self._connection: psycopg.Connection[DictRow] | None = None

    @property
    def is_open(self) -> bool:
        """Say whether there is a connection."""
        return self._connection is not None

    def open(self) -> int:
        """Connect, listen for the bell, and return the file descriptor to watch for it."""
        self._connection = psycopg.connect(
            config.database_url(self._service),
            autocommit=True,
            row_factory=dict_row,
            options=OPTIONS,
            connect_timeout=5,
            application_name=f"countersign relay {self._service}",
        )
        self._connection.add_notify_handler(lambda _: self._ring())
        self._connection.execute(f'LISTEN "{waking.channel(self._service)}"'.encode())
        return self._connection.fileno()

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def was_rung(self) -> bool:
        """Say whether somebody has committed an event since the last question."""
        self._open.pgconn.consume_input()
        while self._open.pgconn.notifies():
            self._ring()
        rung, self._rung = self._rung, False
        return rung

    def lead(self) -> bool:
        """Take or renew the lease; False where another relay leads."""
        try:
            with self._open.transaction():
                return lease.hold(self._transaction, LEASE, self._holder)
        except psycopg.errors.LockNotAvailable:
            return False

    def resign(self) -> None:
        """Let another relay lead at once."""
        with self._open.transaction():
            lease.release(self._transaction, LEASE, self._holder)

    def stamp(self, limit: int) -> list[Row]:
        """Give the next rows that have none their positions, dense and in the order of the outbox, and return them."""
        if not self._open.execute(
            f"SELECT 1 FROM {self._own}.outbox WHERE position IS NULL LIMIT 1".encode()
        ).fetchone():
            return []  # an idle relay writes nothing
        with self._open.transaction():
            self._open.execute("SET LOCAL synchronous_commit = on")
            self._expect_lease()
            return self._rows(
                f"""WITH fresh AS (
                        SELECT id, row_number() OVER (ORDER BY id) AS n FROM (
                            SELECT id FROM {self._own}.outbox WHERE position IS NULL ORDER BY id LIMIT %(limit)s) u),
                    stamped AS (
                        UPDATE {self._own}.outbox o SET position = l.position + fresh.n
                        FROM fresh, {self._own}.lease l WHERE o.id = fresh.id AND l.name = '{LEASE}'
                        RETURNING o.id, event_id::text, type, body, private::text, o.position),
                    counted AS (
                        UPDATE {self._own}.lease SET position = position + (SELECT count(*) FROM stamped)
                        WHERE name = '{LEASE}')
                    SELECT * FROM stamped ORDER BY position""",
                limit=limit,
            )

    def unsent(self, after: int, limit: int) -> list[Row]:
        """Return rows beyond a position that have one and were not sent, in its order."""
        return self._rows(
            f"""SELECT id, event_id::text, type, body, private::text, position FROM {self._own}.outbox
                WHERE sent_at IS NULL AND position > %(after)s ORDER BY position LIMIT %(limit)s""",
            after=after,
            limit=limit,
        )

    def mark(self, ids: Sequence[int]) -> bool:
        """Note that the broker has confirmed these rows; raise NotLeading where the lease is gone."""
        with self._open.transaction():
            self._expect_lease()
            self._open.execute(
                f"UPDATE {self._own}.outbox SET sent_at = clock_timestamp() WHERE id = ANY(%(ids)s)".encode(),
                {"ids": list(ids)},
            )
        return True

    def unmark(self, seconds: float, limit: int) -> int:
        """Let rows sent within the last so many seconds be sent again; return how many, 0 when there are no more."""
        with self._open.transaction():
            self._expect_lease()
            return self._open.execute(
                f"""UPDATE {self._own}.outbox SET sent_at = NULL WHERE id IN (
                        SELECT id FROM {self._own}.outbox
                        WHERE sent_at > clock_timestamp() - make_interval(secs => %(seconds)s)
                        LIMIT %(limit)s)""".encode(),
                {"seconds": seconds, "limit": limit},
            ).rowcount

    def forget(self, limit: int) -> int:
        """Delete rows that were sent long ago; return how many, 0 when there are no more."""
        with self._open.transaction():
            self._expect_lease()
            return self._open.execute(
                f"""DELETE FROM {self._own}.outbox WHERE id IN (
                        SELECT id FROM {self._own}.outbox
                        WHERE sent_at < clock_timestamp() - interval '{KEPT}' LIMIT %(limit)s)""".encode(),
                {"limit": limit},
            ).rowcount

    def oldest(self) -> float:
        """Return the age of the oldest event that was not sent, in seconds; 0 where there is none."""
        row = self._open.execute(
            f"""SELECT coalesce(extract(epoch FROM clock_timestamp() - min(at)), 0)::float AS age
                FROM {self._own}.outbox WHERE sent_at IS NULL""".encode()
        ).fetchone()
        return float(row["age"]) if row else 0.0

    @property
    def _open(self) -> psycopg.Connection[DictRow]:
        if self._connection is None:
            raise psycopg.OperationalError("there is no connection")
        return self._connection

    @property
    def _transaction(self) -> Transaction:
        return Transaction(self._service, self._open)

    def _expect_lease(self) -> None:
        if not lease.is_held(self._transaction, LEASE, self._holder):
            raise NotLeading

    def _rows(self, statement: str, **params: int) -> list[Row]:
        with self._open.cursor(binary=True, row_factory=class_row(Row)) as cursor:
            return cursor.execute(statement.encode(), params).fetchall()

    def _ring(self) -> None:
        self._rung = True
