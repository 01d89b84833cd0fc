"""Drafts and their versions, read."""

import json
from collections.abc import Mapping
from typing import Any

from services.catalogue.domain.draft import Answer, Draft, Submission
from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.language import say

Row = Mapping[str, Any]

# A draft at its newest version, with its newest consultation, its newest submission and the answer to that. Should two
# consultations ever answer one submission, the one that is not content counts.
_DRAFT = """
    SELECT d.draft_id::text AS id, d.organisation_id::text AS organisation, d.version, d.changed_at,
           v.document, v.document_hash, c.consultation_id::text AS consultation, k.credential_id::text AS credential,
           s.submission_id::text AS submission, s.version AS submitted_version, s.document_hash AS submitted_hash,
           s.submitted_by, s.submitted_at, s.recalled_at,
           a.sealed, a.event_id::text AS answer, a.consultation_id::text AS answered_in,
           a.document_hash AS answered_hash, a.missing
    FROM {drafts} d
    JOIN version v USING (draft_id, version)
    LEFT JOIN credential k USING (draft_id)
    LEFT JOIN LATERAL (
        SELECT consultation_id FROM consultation
        WHERE draft_id = d.draft_id ORDER BY consultation_id DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (
        SELECT * FROM submission WHERE draft_id = d.draft_id ORDER BY sequence DESC LIMIT 1) s ON true
    LEFT JOIN LATERAL (
        SELECT * FROM answer WHERE submission_id = s.submission_id ORDER BY sealed, consultation_id LIMIT 1) a ON true
"""

# The few of a page before anything is looked up for them: left to itself the planner may do so for thousands.
_PAGE = """(
    SELECT * FROM draft
    WHERE organisation_id = %(organisation)s AND (%(after)s::uuid IS NULL OR draft_id < %(after)s::uuid)
    ORDER BY draft_id DESC LIMIT %(limit)s)"""


def draft(tx: Transaction, draft_id: str, *, lock: bool = False) -> Draft:
    """Return a draft; `lock` keeps it as it is until the transaction ends. Raise NotFound where there is none."""
    if lock:
        # in a statement of its own: after the wait a join would see the other tables as they were before it
        tx.execute("SELECT 1 FROM draft WHERE draft_id = %(id)s FOR UPDATE", {"id": draft_id})
    row = tx.one(f"{_DRAFT.format(drafts='draft')} WHERE d.draft_id = %(id)s", {"id": draft_id})
    if row is None:
        raise NotFound(say("There is no such draft, or it belongs to another organisation."))
    return _draft(row)


def drafts_of(tx: Transaction, organisation: str, after: str | None, limit: int) -> list[Draft]:
    """Return an organisation's drafts, newest first, those older than the draft `after`."""
    rows = tx.all(
        f"{_DRAFT.format(drafts=_PAGE)} ORDER BY d.draft_id DESC",
        {"organisation": organisation, "after": after, "limit": limit},
    )
    return [_draft(row) for row in rows]


def ever_used_ids(tx: Transaction, draft_id: str) -> dict[str, str]:
    """Return every element id the draft ever used, with the collection it was used in."""
    rows = tx.all("SELECT element_id, collection FROM used_element_id WHERE draft_id = %(id)s", {"id": draft_id})
    return {row["element_id"]: row["collection"] for row in rows}


def versions(tx: Transaction, draft_id: str, after: int | None, limit: int) -> list[Row]:
    """Return a draft's versions without their documents, newest first, those older than version `after`."""
    rows = tx.all(
        """SELECT version, document_hash, summary, answers, applies, restores, author, at FROM version
           WHERE draft_id = %(id)s AND (%(after)s::int IS NULL OR version < %(after)s)
           ORDER BY version DESC LIMIT %(limit)s""",
        {"id": draft_id, "after": after, "limit": limit},
    )
    return [row | {name: json.loads(row[name]) for name in ("answers", "applies")} for row in rows]


def version(tx: Transaction, draft_id: str, number: int) -> Row:
    """Return one version with its document and its patch; raise NotFound where there is none."""
    row = tx.one(
        """SELECT version, document, document_hash, patch, summary, answers, applies, restores, author, at FROM version
           WHERE draft_id = %(id)s AND version = %(number)s""",
        {"id": draft_id, "number": number},
    )
    if row is None:
        raise NotFound(say("This draft has no version {number}.", number=number))
    read = {name: json.loads(row[name] or "null") for name in ("document", "patch", "answers", "applies")}
    return row | read


def _draft(row: Row) -> Draft:
    return Draft(
        id=row["id"],
        organisation=row["organisation"],
        version=row["version"],
        document=json.loads(row["document"]),
        document_hash=row["document_hash"],
        changed_at=row["changed_at"],
        consultation=row["consultation"],
        submission=_submission(row),
        credential=row["credential"],
    )


def _submission(row: Row) -> Submission | None:
    if row["submission"] is None:
        return None
    return Submission(
        id=row["submission"],
        version=row["submitted_version"],
        document_hash=row["submitted_hash"],
        by=row["submitted_by"],
        at=row["submitted_at"],
        recalled=row["recalled_at"] is not None,
        answer=_answer(row),
    )


def _answer(row: Row) -> Answer | None:
    if row["answer"] is None:
        return None
    return Answer(
        sealed=row["sealed"],
        event=row["answer"],
        consultation=row["answered_in"],
        document_hash=row["answered_hash"],
        missing=tuple(json.loads(row["missing"])),
    )
