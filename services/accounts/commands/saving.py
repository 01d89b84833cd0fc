"""How a decided fact is saved: as event, as rows, and, where somebody loses a right, at this service's own doors."""

from contextlib import AbstractContextManager

from services.accounts import store
from services.accounts.store import links, people, sessions
from services.kernel import db, erasures, outbox, revocation
from services.kernel.db import Transaction
from services.kernel.events import Event, Fact


def transaction(*, read_only: bool = False) -> AbstractContextManager[Transaction]:
    """Open a transaction of this service."""
    return db.of("accounts").transaction(read_only=read_only)


def save(tx: Transaction, *facts: Fact) -> list[Event]:
    """Emit facts in their order and write what they change."""
    return [_save(tx, fact) for fact in facts]


def _save(tx: Transaction, fact: Fact) -> Event:
    event = outbox.emit(tx, fact)
    store.project(tx, event)
    _withdraw(tx, event)
    return event


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of a text that was withheld; and of a person again whose erasure a restored database does not know."""
    store.project(tx, event)
    _withdraw(tx, event)


def _withdraw(tx: Transaction, event: Event) -> None:
    """Close this service's own doors in the same transaction; the others' workers hear of it within a second."""
    match event.type:
        case "accounts.session.revoked.v1":
            sessions.end(tx, event.data["session"], event.time)
            revocation.revoke(tx, "session", event.data["session"], event.time)
        case "accounts.role.revoked.v1":
            revocation.revoke(tx, "person", event.subject, event.time)
        case "accounts.person.left.v1":
            sessions.end_all(tx, event.subject, event.time)
            people.forget_address(tx, event.subject)
            revocation.revoke(tx, "person", event.subject, event.time)
        case "audit.text.withheld.v1":
            erasures.hear(tx, event)
        case "accounts.person.erased.v1":
            erasures.hear(tx, event)
            people.forget_address(tx, event.subject)
            sessions.forget(tx, event.subject)
            links.forget(tx, event.subject)
            revocation.revoke(tx, "person", event.subject, event.time)
