"""Rows as one person may see them: names instead of ids, and what is not theirs to see left out (R28)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.codesign import outline, policy, queries, store
from services.codesign.domain import sealing
from services.codesign.domain.consultation import Consultation, Version
from services.codesign.policy import Side
from services.kernel import clock, documents
from services.kernel.db import Transaction
from services.kernel.events import Actor

Row = Mapping[str, Any]
Shown = dict[str, Any]


def entry(tx: Transaction, actor: Actor, row: Row) -> Shown:
    """Return a consultation as it stands in a list, with what it waits for from the one who looks."""
    consultation = store.as_consultation(row)
    side = policy.side(actor, consultation)
    status = status_of(consultation, clock.now())
    return {
        "id": consultation.id,
        "draft": consultation.draft,
        "title": outline.title({"title": row["title"]}),
        "provider": {"id": consultation.provider, "name": row["provider_name"]},
        "question": row["question"],
        "opened_on": consultation.opened_on,
        "version": consultation.newest,
        "opened_at": row["opened_at"],
        "closes_at": consultation.closes_at,
        "published_at": row["published_at"],
        "visibility": consultation.visibility,
        "status": status,
        "side": side,
        "sequence": row["sequence"],
        "open_comments": None if side is Side.REVIEWER else row["open_comments"],
        "waits_for": _waits_for(tx, actor, row, side, status),
    }


def status_of(consultation: Consultation, now: datetime) -> str:
    """Return one word for how far a consultation has come."""
    if consultation.published:
        return "published"
    if consultation.sealed:
        return "sealed"
    return "closed" if consultation.is_closed_at(now) else "open"


def _waits_for(tx: Transaction, actor: Actor, row: Row, side: Side, status: str) -> str | None:
    """Return what a consultation waits for from somebody's organisation: a review, a new endorsement, answers."""
    if status in ("sealed", "published") or side is Side.AUDITOR:
        return None
    if side is Side.PROVIDER:
        return "answers" if row["open_comments"] else None
    if row["my_endorsed_version"] is None:
        return "review" if status == "open" and not row["my_comments"] else "endorsement"
    if row["my_endorsed_version"] == row["newest"]:
        return None
    newest = store.version(tx, row["draft_id"], row["newest"])
    mine = [e for e in store.endorsements(tx, row["consultation_id"]) if e.organisation == actor.organisation]
    changed = newest and _changed(mine[-1].elements, documents.elements(newest.document))
    return "endorsement" if changed else None


def detail(tx: Transaction, actor: Actor, row: Row, consultation: Consultation) -> Shown:
    """Return a consultation with those who take part; `participants` is None where they are not shown."""
    seen = policy.sees_participants(actor, consultation, clock.now())
    invited = [_participant(p) for p in queries.participants(tx, consultation.id)] if seen else None
    return entry(tx, actor, row) | {"participants": invited}


def _participant(row: Row) -> Shown:
    return {"organisation": _organisation(row)} | {
        name: row[name] for name in ("invited_at", "people", "comments", "endorsed")
    }


def comments(
    tx: Transaction, actor: Actor, consultation: Consultation, *, one: str | None = None, after: int = 0, limit: int
) -> list[Shown]:
    """Return the comments that somebody may see, oldest first."""
    now = clock.now()
    mine_only = None if policy.sight(actor, consultation, "", now).words else actor.organisation
    rows = queries.comments(tx, consultation.id, by=mine_only, one=one, after=after, limit=limit)
    newest = store.version(tx, consultation.draft, consultation.newest)
    return [_comment(row, _voice(row, actor, consultation, now), newest) for row in rows]


def _comment(row: Row, voice: Shown, newest: Version | None) -> Shown:
    document: documents.Document = newest.document if newest else {}
    there = documents.at(document, row["element"])
    return voice | {
        "id": row["comment_id"],
        "consultation": row["consultation_id"],
        "sequence": row["sequence"],
        "version": row["version"],
        "pointer": row["pointer"],
        "element": row["element"],
        "heading": outline.heading_of(document, row["element"]),
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
    return {name: row[name] for name in ("disposition", "reason", "answered_in")} | {"made_at": row["disposed_at"]}


def endorsements(tx: Transaction, actor: Actor, consultation: Consultation) -> list[Shown]:
    """Return the endorsements that somebody may see, oldest first, and how far each still holds."""
    now = clock.now()
    newest = store.version(tx, consultation.draft, consultation.newest)
    rows = queries.endorsements(tx, consultation.id)
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
    changed = _changed(given.elements, documents.elements(document))
    return {
        "id": row["endorsement_id"],
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


def _changed(covered: Mapping[str, str], elements: Mapping[str, str]) -> list[str]:
    """Return those of the covered elements that are other now than they were, or gone."""
    return [pointer for pointer, hash in covered.items() if elements.get(pointer) != hash]


def readiness(tx: Transaction, consultation: Consultation) -> Shown:
    """Return what the version under consultation lacks for the seal, and what the last submission was answered."""
    newest = store.version(tx, consultation.draft, consultation.newest)
    given = store.endorsements(tx, consultation.id)
    lacking: Sequence[Mapping[str, Any]] = [{"code": "unknown_version"}]
    if newest is not None:
        lacking = sealing.missing(newest, store.open_comments(tx, consultation.id), given)
    return {
        "version": consultation.newest,
        "sealed": consultation.sealed,
        "ready": not lacking,
        "missing": lacking,
        "endorsements": [e.id for e in sealing.counting(newest, given)] if newest else [],
        "last_answer": _last_answer(tx, consultation),
    }


def _last_answer(tx: Transaction, consultation: Consultation) -> Shown | None:
    row = queries.last_answer(tx, consultation.id)
    if row is None:
        return None
    missing = json.loads(row["missing"]) if row["missing"] else []
    return {
        "submission": row["submission_id"],
        "version": row["version"],
        "sealed": not missing,
        "missing": missing,
        "made_at": row["made_at"],
        "recalled_at": row["recalled_at"],
    }


def parts(version: Version, said: Sequence[Shown], language: str) -> list[Shown]:
    """Return the design part by part in a language, each with the comments on it."""
    return [
        {"part": part, "comments": [c for c in said if c["element"] == part.pointer]}
        for part in outline.read(version.document, language)
    ]


def organisations(tx: Transaction) -> list[Shown]:
    """Return every registered organisation by name, with its standing."""
    return [_organisation(row) for row in queries.organisations(tx)]


def _voice(row: Row, actor: Actor, consultation: Consultation, now: datetime) -> Shown:
    """Return whose a comment or an endorsement is, as far as the one who looks may know."""
    sight = policy.sight(actor, consultation, row["organisation_id"], now)
    return {
        "organisation": _organisation(row) if sight.organisation else None,
        "person": row["person_name"] if sight.person else None,
        "mine": row["organisation_id"] == actor.organisation,
        "made_at": row["made_at"],
    }


def _organisation(row: Row) -> Shown:
    """Return an organisation with the standing that was confirmed, else the one it claims (R26)."""
    return {
        "id": row["organisation_id"],
        "name": row["organisation_name"],
        "standing": row["confirmed"] or row["claimed"],
        "confirmed": row["confirmed"] is not None,
    }
