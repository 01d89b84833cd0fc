"""`eventsourcing` measured on the same PostgreSQL: one event a save, and aggregates replayed from their events."""

# mypy: disable-error-code="misc, untyped-decorator"

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from psycopg.conninfo import conninfo_to_dict

from benchmarks.house import house
from services.kernel import config

APPENDED = 3_000
EVENTS = 20  # of each aggregate
WORDS = "x" * 900  # about what an event of ours has


class Draft(Aggregate):
    """A draft whose text changes."""

    def __init__(self) -> None:
        self.text = ""

    @event("Revised")
    def revise(self, text: str) -> None:
        """Take another text."""
        self.text = text


def measured() -> tuple[float, float]:
    """Return events appended per second, one event a save, and events replayed per second."""
    with house(), _on_our_database():
        application: Application[object] = Application()
        begun, drafts = time.perf_counter(), []
        for _ in range(APPENDED // EVENTS):
            draft = Draft()
            for number in range(1, EVENTS):
                application.save(draft)
                draft.revise(f"{number} {WORDS}")
            application.save(draft)
            drafts.append(draft.id)
        appended = APPENDED / (time.perf_counter() - begun)
        begun = time.perf_counter()
        for id in drafts:
            application.repository.get(id)
        replayed = APPENDED / (time.perf_counter() - begun)
        application.close()
        return appended, replayed


@contextmanager
def _on_our_database() -> Iterator[None]:
    found = conninfo_to_dict(config.admin_database_url())
    words = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": found.get("dbname"),
        "POSTGRES_HOST": found.get("host"),
        "POSTGRES_PORT": found.get("port", "5432"),
        "POSTGRES_USER": found.get("user"),
        "POSTGRES_PASSWORD": found.get("password", ""),
        "POSTGRES_SCHEMA": "public",
    }
    os.environ.update({name: str(value) for name, value in words.items()})
    try:
        yield
    finally:
        for name in words:
            os.environ.pop(name)
