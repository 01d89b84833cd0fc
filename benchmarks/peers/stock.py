"""Stock nameko as its documentation shows it: dispatch after the insert, a handler that inserts, a gateway."""

# mypy: disable-error-code=untyped-decorator

import json
from typing import Any

import psycopg
from nameko.events import EventDispatcher, event_handler
from nameko.rpc import RpcProxy, rpc
from nameko.web.handlers import http

from services.kernel import config

TABLES = ("peer_comment", "peer_log")


_pool: list[psycopg.Connection[Any]] = []


def make_tables() -> None:
    """Make the tables that the services insert into."""
    with psycopg.connect(config.admin_database_url()) as connection:
        for table in TABLES:
            columns = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text, at timestamptz"
            connection.execute(f"CREATE TABLE public.{table} ({columns})".encode())


def inserted(table: str) -> int:
    """Return how many rows there are."""
    with psycopg.connect(config.admin_database_url()) as connection:
        row = connection.execute(f"SELECT count(*) FROM public.{table}".encode()).fetchone()
        return int(row[0]) if row else 0


def waited() -> list[float]:
    """Return the seconds from dispatch to insert of each row that says when it was dispatched."""
    with psycopg.connect(config.admin_database_url()) as connection:
        rows = connection.execute(
            """SELECT extract(epoch FROM at)::float - split_part(body, ' ', 1)::float
               FROM public.peer_log WHERE body ~ '^[0-9]'"""
        )
        return [row[0] for row in rows]


def insert(table: str, body: str) -> None:
    """Insert one row; connections are kept, one for each green thread at work."""
    connection = _pool.pop() if _pool else psycopg.connect(config.admin_database_url())
    connection.execute(f"INSERT INTO public.{table} (body, at) VALUES (%s, clock_timestamp())".encode(), [body])
    connection.commit()
    _pool.append(connection)


class Comments:
    """The service behind the gateway: one insert, then the news."""

    name = "comments"
    dispatch = EventDispatcher()

    @rpc
    def submit(self, body: str) -> str:
        """Keep a comment and tell of it."""
        insert("peer_comment", body)
        self.dispatch("submitted", body)
        return "kept"


class Log:
    """Inserts what it hears."""

    name = "log"

    @event_handler("comments", "submitted")
    def record(self, body: str) -> None:
        """Insert one row for one event."""
        insert("peer_log", body)


class Gateway:
    """HTTP in, RPC on, as nameko's examples have it."""

    name = "gateway"
    comments = RpcProxy("comments")

    @http("POST", "/comments")
    def submit(self, request: Any) -> tuple[int, str]:
        """Hand a comment on."""
        return 201, json.dumps({"answer": self.comments.submit(request.get_data(as_text=True))})
