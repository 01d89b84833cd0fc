"""What organisations said, as one person may see it: comments with their answers, endorsements and if they hold."""

import json
from collections.abc import Mapping
from datetime import datetime

from services.codesign import outline, policy, store
from services.codesign.domain.consultation import Consultation, Version
from services.codesign.shown import Row, Shown, organisation
from services.codesign.store import seen
from services.kernel import clock, documents
from services.kernel.db import Transaction
from services.kernel.events import Actor


def comments(
    tx: Transaction, actor: Actor, consultation: Consultation, *, one: str | None = None, after: int = 0, limit: int
) -> list[Shown]:
    """Return the comments that somebody may see, oldest first."""
    now = clock.now()
    mine_only = None if policy.sight(actor, consultation, "", now).words else actor.organisation
    rows = seen.comments(tx, consultation.id, by=mine_only, one=one, after=after, limit=limit)
    newest = store.version(tx, consultation.draft, consultation.newest)
    document: documents.Document = newest.document if newest else {}
    headings = outline.headings(document)
    return [_comment(row, _voice(row, actor, consultation, now), document, headings) for row in rows]


def _comment(row: Row, voice: Shown, document: documents.Document, headings: Mapping[str, str]) -> Shown:
    there = documents.at(document, row["element"])
    return voice | {
        "id": row["comment_id"],
        "consultation": row["consultation_id"],
        "sequence": row["sequence"],
        "version": row["version"],
        "pointer": row["pointer"],
        "element": row["element"],
        "heading": headings.get(row["element"]) or outline.heading_of(document, row["element"]),
        "kind": row["kind"],
        "text": row["words"],
        "suggestion": json.loads(row["suggestion"]) if row["suggestion"] else None,
        "public": row["public"],
        "gone": there is None,
        "changed": there is not None and documents.digest(there) != row["element_hash"],
        "named_in": row["named_in"],
        "disposition": _disposition(row),
    }


def _disposition(row: Row) -> Shown | None:
    if row["disposition"] is None:
        return None
    found = {name: row[name] for name in ("disposition", "reason", "answered_in")}
    return found | {"made_at": row["disposed_at"], "sequence": row["disposed_sequence"]}


def endorsements(tx: Transaction, actor: Actor, consultation: Consultation) -> list[Shown]:
    """Return the endorsements that somebody may see, oldest first, and how far each still holds."""
    now = clock.now()
    newest = store.version(tx, consultation.draft, consultation.newest)
    rows = seen.endorsements(tx, consultation.id)
    last = {row["organisation_id"]: row["sequence"] for row in rows}
    return [
        _endorsement(tx, consultation, row, newest, replaced=row["sequence"] < last[by])
        | _voice(row, actor, consultation, now)
        for row in rows
        if policy.sight(actor, consultation, by := row["organisation_id"], now).words
    ]


def _endorsement(
    tx: Transaction, consultation: Consultation, row: Row, newest: Version | None, *, replaced: bool
) -> Shown:
    given = store.as_endorsement(row)
    document: documents.Document = newest.document if newest else {}
    endorsed = store.version(tx, consultation.draft, row["version"])
    changed = given.changed_in(documents.elements(document))
    return {
        "id": row["endorsement_id"],
        "consultation": row["consultation_id"],
        "sequence": row["sequence"],
        "version": row["version"],
        "elements": dict(given.elements),
        "headings": outline.headings_of(endorsed.document if endorsed else document, given.elements),
        "whole": endorsed is not None and documents.elements(endorsed.document).keys() == given.elements.keys(),
        "interest": row["interest"],
        "statement": row["statement"],
        "replaced": replaced,
        "stale": bool(changed),
        "changed": outline.headings_of(document, changed),
        "counts": not replaced and given.counts_for(documents.elements(document)),
    }


def _voice(row: Row, actor: Actor, consultation: Consultation, now: datetime) -> Shown:
    """Return whose a comment or an endorsement is, as far as the one who looks may know."""
    sight = policy.sight(actor, consultation, row["organisation_id"], now)
    return {
        "organisation": organisation(row) if sight.organisation else None,
        "person": row["person_name"] if sight.person else None,
        "mine": row["organisation_id"] == actor.organisation,
        "made_at": row["made_at"],
    }
