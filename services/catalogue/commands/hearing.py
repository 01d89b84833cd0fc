"""What the catalogue does when it hears that something has to be forgotten."""

from services.catalogue import store
from services.kernel import erasures, revocation
from services.kernel.db import Transaction
from services.kernel.events import Event


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of the words of somebody who was erased, or of one text; who was erased is not let in any more."""
    erasures.hear(tx, event)
    store.project(tx, event)
    if event.type == "accounts.person.erased.v1":
        revocation.revoke(tx, "person", event.subject, event.time)
