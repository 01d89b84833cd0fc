"""PostgreSQL: one pool per service and process, and transactions that are handed on as an argument."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from services.kernel import config
from services.kernel.errors import Misconfigured, Unavailable
from services.kernel.language import say
from services.kernel.waking import Bell

_patcher = sys.modules.get("eventlet.patcher")
if _patcher and _patcher.is_monkey_patched("socket") and os.environ.get("PSYCOPG_WAIT_FUNC") != "wait_select":
    # psycopg detects gevent only; under eventlet its C wait function stops every green thread (architecture.md, trap 3)
    raise Misconfigured("Set PSYCOPG_WAIT_FUNC=wait_select in the environment of a process that runs eventlet.")


Params = Mapping[str, Any]
Isolation = Literal["read committed", "repeatable read"]
Connection = psycopg.Connection[DictRow]
ISOLATION: Mapping[Isolation, psycopg.IsolationLevel | None] = {
    "read committed": None,  # the server's own
    "repeatable read": psycopg.IsolationLevel.REPEATABLE_READ,
}

# A killed query goes on at the server, and a frozen holder keeps its locks: both end by themselves after these times.
POOL_SIZE = 4  # connections per service and process, unless told otherwise
SERVER_TIMEOUTS = "-c statement_timeout=8s -c lock_timeout=5s -c idle_in_transaction_session_timeout=5s"


@dataclass(slots=True)
class Transaction:
    """An open transaction of one service. Whoever takes one as an argument acts inside it, all or nothing."""

    service: str
    connection: Connection
    wake: Callable[[], None] = lambda: None  # wakes the relay; a transaction outside the pool has nobody to wake
    _after: list[Callable[[], None]] = field(default_factory=list)

    def execute(self, statement: str, params: Params | None = None) -> psycopg.Cursor[DictRow]:
        """Run one statement with `%(name)s` parameters."""
        return self.connection.execute(statement.encode(), params)

    def one(self, statement: str, params: Params | None = None) -> DictRow | None:
        """Return the first row, or None."""
        return self.execute(statement, params).fetchone()

    def all(self, statement: str, params: Params | None = None) -> list[DictRow]:
        """Return every row."""
        return self.execute(statement, params).fetchall()

    def value(self, statement: str, params: Params | None = None) -> Any:
        """Return the first column of the first row, or None."""
        row = self.one(statement, params)
        return None if row is None else next(iter(row.values()))

    def after_commit(self, act: Callable[[], None]) -> None:
        """Do something once this transaction has committed, and not at all where it rolls back."""
        if act not in self._after:
            self._after.append(act)


class Database:
    """The tables of one service, reached as its own role, with `<service>` and `<service>_own` on the search path."""

    def __init__(self, service: str, *, size: int | None = None) -> None:
        self.service = service
        self._bell = Bell(service, config.database_url(service))
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            config.database_url(service),
            open=False,
            min_size=1,
            max_size=size or config.env().int("POOL_SIZE", POOL_SIZE),
            timeout=5,
            max_waiting=64,
            kwargs={
                "row_factory": dict_row,
                "options": f"-c search_path={service},{service}_own {SERVER_TIMEOUTS}",
                "application_name": f"countersign {service}",
                "connect_timeout": 5,
            },
            name=service,
        )

    def open(self) -> None:
        """Open the pool; connections are made in the background, so a database that is away is no error yet."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection."""
        self._bell.close()
        self._pool.close()

    def at_once(self, statement: str, params: Params | None = None) -> DictRow | None:
        """Run one statement, a transaction of its own, and return its first row: one round trip instead of three.

        Raise Unavailable as `transaction` does.
        """
        with self._connection() as connection:
            connection.autocommit = True
            try:
                found = connection.execute(statement.encode(), params)
                return found.fetchone() if found.description else None
            finally:
                if not connection.closed:
                    connection.autocommit = False

    @contextmanager
    def transaction(self, *, read_only: bool = False, isolation: Isolation = "read committed") -> Iterator[Transaction]:
        """Open a transaction; leaving the block commits, an exception rolls back.

        Raise Unavailable where the database is away, overloaded, or takes longer than the time limits.
        """
        with self._connection() as connection:
            tx = Transaction(self.service, connection, self._bell.ring)
            with _begun_as(connection, read_only, ISOLATION[isolation]), connection.transaction():
                yield tx
        for act in tx._after:
            act()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with self._pool.connection() as connection:
                yield connection
        except (PoolTimeout, TooManyRequests, psycopg.OperationalError) as problem:
            raise Unavailable(say("The database does not answer just now. Please try again in a moment.")) from problem


@contextmanager
def _begun_as(connection: Connection, read_only: bool, isolation: psycopg.IsolationLevel | None) -> Iterator[None]:
    """Let BEGIN itself say how the transaction is, which spares a statement; the connection goes back as it came."""
    connection.read_only, connection.isolation_level = read_only or None, isolation
    try:
        yield
    finally:
        if connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            connection.read_only = connection.isolation_level = None


_opened: dict[str, Database] = {}


def of(service: str) -> Database:
    """Return this process's database of a service, opening it at the first call."""
    if service not in _opened:
        _opened[service] = Database(service)
        _opened[service].open()
    return _opened[service]


def close_all() -> None:
    """Close every database of this process that `of` opened and forget it."""
    while _opened:
        _opened.popitem()[1].close()


def set_search_path(connection: psycopg.Connection[Any], *schemas: str) -> None:
    """Let unqualified names mean these schemas, for the rest of the session."""
    names = sql.SQL(", ").join(sql.Identifier(schema) for schema in schemas)
    connection.execute(sql.SQL("SET search_path TO {}").format(names))
