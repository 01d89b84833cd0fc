"""Opening a draft and making its next versions."""

from services.catalogue import store
from services.catalogue.commands.saving import record
from services.catalogue.domain import acts
from services.catalogue.domain.acts import Opening, Revision
from services.kernel import db, ids
from services.kernel.events import Actor, Event


def open_draft(actor: Actor, wish: Opening) -> Event:
    """Open a draft of the actor's organisation at version 1."""
    with db.of("catalogue").transaction() as tx:
        organisation = store.organisation(tx, actor.organisation)
        return record(tx, acts.open_draft(actor, organisation, ids.new_id(), wish))


def revise(actor: Actor, draft_id: str, if_match: int, wish: Revision) -> Event:
    """Make the next version of a draft."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return record(tx, acts.revise(actor, draft, if_match, wish, store.ever_used_ids(tx, draft_id)))
