"""A fact becomes an event and rows, together."""

from services.codesign import store
from services.kernel import outbox
from services.kernel.db import Transaction
from services.kernel.events import Event, Fact


def record(tx: Transaction, fact: Fact) -> Event:
    """Say what happened and write it into the rows, together."""
    event = outbox.emit(tx, fact)
    store.project(tx, event)
    return event
