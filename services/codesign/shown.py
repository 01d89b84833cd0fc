"""Rows as one person may see them: names instead of ids, and what is not theirs to see left out (R28)."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.codesign import outline, policy, store
from services.codesign.domain import sealing
from services.codesign.domain.consultation import Consultation, Version
from services.codesign.policy import Side
from services.codesign.store import seen
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
    changed = newest and mine[-1].changed_in(documents.elements(newest.document))
    return "endorsement" if changed else None


def detail(tx: Transaction, actor: Actor, row: Row, consultation: Consultation) -> Shown:
    """Return a consultation with those who take part; `participants` is None where they are not shown."""
    told = policy.sees_participants(actor, consultation, clock.now())
    invited = [_participant(p) for p in seen.participants(tx, consultation.id)] if told else None
    return entry(tx, actor, row) | {"participants": invited}


def _participant(row: Row) -> Shown:
    return {"organisation": organisation(row)} | {
        name: row[name] for name in ("invited_at", "people", "comments", "endorsed")
    }


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
    row = seen.last_answer(tx, consultation.id)
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
    return [organisation(row) for row in seen.organisations(tx)]


def organisation(row: Row) -> Shown:
    """Return an organisation with the standing that was confirmed, else the one it claims (R26)."""
    return {
        "id": row["organisation_id"],
        "name": row["organisation_name"],
        "standing": row["confirmed"] or row["claimed"],
        "confirmed": row["confirmed"] is not None,
    }
