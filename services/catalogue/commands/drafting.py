"""Opening a draft and making its next versions."""

from services.catalogue import store
from services.catalogue.commands.saving import record
from services.catalogue.domain import acts, policy
from services.catalogue.domain.acts import Opening, Revision
from services.kernel import db, ids
from services.kernel.events import Actor, Event


def open_draft(actor: Actor, wish: Opening) -> Event:
    """Open a draft of the actor's organisation at version 1."""
    with db.of("catalogue").transaction() as tx:
        organisation = store.organisation(tx, actor.organisation)
        return record(tx, acts.open_draft(actor, organisation, ids.new_id(), wish))


def restore(actor: Actor, draft_id: str, if_match: int, number: int, summary: str | None = None) -> Event:
    """Put the words of an earlier version back, as the next version."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        policy.may_see(actor, draft.organisation)
        document = store.version(tx, draft_id, number)["document"]
        return record(tx, acts.restore(actor, draft, if_match, number, document, summary))


def apply(actor: Actor, draft_id: str, if_match: int, comment_id: str) -> Event:
    """Make what a comment suggests the next version of the draft."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        policy.may_see(actor, draft.organisation)
        wish = store.suggestion(tx, draft_id, comment_id)
        return record(tx, acts.apply(actor, draft, if_match, wish, store.ever_used_ids(tx, draft_id)))


def revise(actor: Actor, draft_id: str, if_match: int, wish: Revision) -> Event:
    """Make the next version of a draft."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return record(tx, acts.revise(actor, draft, if_match, wish, store.ever_used_ids(tx, draft_id)))
