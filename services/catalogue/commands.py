"""What one can do in the catalogue: each use case is one function, and each change one transaction."""

from collections.abc import Mapping
from typing import Any

from services.catalogue import store
from services.catalogue.domain import acts, policy
from services.catalogue.domain.acts import Opening, Revision
from services.catalogue.domain.draft import Draft
from services.kernel import db, erasures, ids, outbox, revocation
from services.kernel.db import Transaction
from services.kernel.events import Actor, Event, Fact

Row = Mapping[str, Any]


def open_draft(actor: Actor, wish: Opening) -> Event:
    """Open a draft of the actor's organisation at version 1."""
    with db.of("catalogue").transaction() as tx:
        organisation = store.organisation(tx, actor.organisation)
        return _record(tx, acts.open_draft(actor, organisation, ids.new_id(), wish))


def revise(actor: Actor, draft_id: str, if_match: int, wish: Revision) -> Event:
    """Make the next version of a draft."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return _record(tx, acts.revise(actor, draft, if_match, wish, store.ever_used_ids(tx, draft_id)))


def submit(actor: Actor, draft_id: str, if_match: int) -> Event:
    """Put the newest version forward for the seal; co-design answers."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return _record(tx, acts.submit(actor, draft, if_match, ids.new_id()))


def recall(actor: Actor, draft_id: str, if_match: int, reason: str | None = None) -> Event:
    """Take a submission back, and with it the seal."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return _record(tx, acts.recall(actor, draft, if_match, reason))


def publish(actor: Actor, draft_id: str, if_match: int) -> Event:
    """Publish the sealed version of a draft that somebody else submitted."""
    with db.of("catalogue").transaction() as tx:
        draft = store.draft(tx, draft_id, lock=True)
        return _record(tx, acts.publish(actor, draft, if_match, ids.new_id()))


def draft(actor: Actor, draft_id: str) -> Draft:
    """Return a draft of the actor's organisation at its newest version."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return _visible(tx, actor, draft_id)


def drafts(actor: Actor, after: str | None = None, limit: int = 50) -> list[Draft]:
    """Return the drafts of the actor's organisation, newest first; none for those who write no drafts."""
    if actor.organisation is None or actor.scope is not None or not actor.has(*policy.STAFF):
        return []
    with db.of("catalogue").transaction(read_only=True) as tx:
        return store.drafts_of(tx, actor.organisation, after, limit)


def versions(actor: Actor, draft_id: str, after: int | None = None, limit: int = 50) -> list[Row]:
    """Return the versions of a draft, newest first, each with its author's name, without the documents."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        _visible(tx, actor, draft_id)
        return _with_names(tx, store.versions(tx, draft_id, after, limit))


def version(actor: Actor, draft_id: str, number: int) -> Row:
    """Return one version of a draft with its document, its patch and its author's name."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        _visible(tx, actor, draft_id)
        return _with_names(tx, [store.version(tx, draft_id, number)])[0]


def name_of(person: str) -> str | None:
    """Return the display name of a person, or None where it is unknown or was erased."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return store.names(tx, [person]).get(person)


def credential(credential_id: str) -> Row:
    """Return a published credential, for everybody."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return store.credential(tx, credential_id)


def credentials(after: str | None = None, limit: int = 50) -> list[Row]:
    """Return published credentials, newest first, for everybody."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return store.credentials(tx, after, limit)


def hear_of_erasure(tx: Transaction, event: Event) -> None:
    """Let go of the words of somebody who was erased, or of one text; who was erased is not let in any more."""
    erasures.hear(tx, event)
    store.project(tx, event)
    if event.type == "accounts.person.erased.v1":
        revocation.revoke(tx, "person", event.subject, event.time)


def _record(tx: Transaction, fact: Fact) -> Event:
    event = outbox.emit(tx, fact)
    store.project(tx, event)
    return event


def _visible(tx: Transaction, actor: Actor, draft_id: str) -> Draft:
    found = store.draft(tx, draft_id)
    policy.may_see(actor, found.organisation)
    return found


def _with_names(tx: Transaction, rows: list[Row]) -> list[Row]:
    names = store.names(tx, [row["author"] for row in rows])
    return [{**row, "author_name": names.get(row["author"])} for row in rows]
