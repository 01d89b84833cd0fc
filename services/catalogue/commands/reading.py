"""What people may read in the catalogue."""

from collections.abc import Mapping
from typing import Any

from services.catalogue import store
from services.catalogue.domain import policy
from services.catalogue.domain.acts import Suggestion
from services.catalogue.domain.draft import Draft
from services.kernel import db
from services.kernel.db import Transaction
from services.kernel.events import Actor

Row = Mapping[str, Any]


def draft(actor: Actor, draft_id: str) -> Draft:
    """Return a draft of the actor's organisation at its newest version."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return visible(tx, actor, draft_id)


def drafts(actor: Actor, after: str | None = None, limit: int = 50) -> list[Draft]:
    """Return the drafts of the actor's organisation, newest first; none for those who write no drafts."""
    if actor.organisation is None or actor.scope is not None or not actor.has(*policy.STAFF):
        return []
    with db.of("catalogue").transaction(read_only=True) as tx:
        return store.drafts_of(tx, actor.organisation, after, limit)


def versions(actor: Actor, draft_id: str, after: int | None = None, limit: int = 50) -> list[Row]:
    """Return the versions of a draft, newest first, each with its author's name, without the documents."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        visible(tx, actor, draft_id)
        return with_names(tx, store.versions(tx, draft_id, after, limit))


def version(actor: Actor, draft_id: str, number: int) -> Row:
    """Return one version of a draft with its document, its patch and its author's name."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        visible(tx, actor, draft_id)
        return with_names(tx, [store.version(tx, draft_id, number)])[0]


def suggestion(actor: Actor, draft_id: str, comment_id: str) -> Suggestion:
    """Return what a comment suggests for a draft that the actor may see."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        visible(tx, actor, draft_id)
        return store.suggestion(tx, draft_id, comment_id)


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


def visible(tx: Transaction, actor: Actor, draft_id: str) -> Draft:
    """Return a draft that the actor may see; raise NotFound where there is none."""
    found = store.draft(tx, draft_id)
    policy.may_see(actor, found.organisation)
    return found


def with_names(tx: Transaction, rows: list[Row]) -> list[Row]:
    """Return rows with the names of their authors."""
    names = store.names(tx, [row["author"] for row in rows])
    return [{**row, "author_name": names.get(row["author"])} for row in rows]
