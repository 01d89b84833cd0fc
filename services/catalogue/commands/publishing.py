"""From a draft to a published credential: submitted, taken back, published."""

from services.catalogue import store
from services.catalogue.commands.saving import record
from services.catalogue.domain import acts
from services.kernel import db, ids
from services.kernel.events import Actor, Event


def submit(actor: Actor, draft_id: str, if_match: int) -> Event:
    """Put the newest version forward for the seal; co-design answers."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return record(tx, acts.submit(actor, draft, if_match, ids.new_id()))


def recall(actor: Actor, draft_id: str, if_match: int, reason: str | None = None) -> Event:
    """Take a submission back, and with it the seal."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return record(tx, acts.recall(actor, draft, if_match, reason))


def publish(actor: Actor, draft_id: str, if_match: int) -> Event:
    """Publish the sealed version of a draft that somebody else submitted."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return record(tx, acts.publish(actor, draft, if_match, ids.new_id()))
