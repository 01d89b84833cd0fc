"""Rows as the rules need them."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from services.codesign.domain.answering import Comment
from services.codesign.domain.consultation import Consultation, Draft, Version
from services.codesign.domain.sealing import Endorsement
from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.language import say

Row = Mapping[str, Any]

# A consultation with all that follows from the facts about it.
CONSULTATION = """
    SELECT c.*,
        COALESCE((SELECT max(number) FROM version v WHERE v.draft_id = c.draft_id), c.opened_on) AS newest,
        ARRAY(SELECT organisation_id FROM participant p WHERE p.consultation_id = c.consultation_id) AS participants,
        EXISTS (SELECT FROM publication p WHERE p.draft_id = c.draft_id) AS published,
        EXISTS (SELECT FROM answer a JOIN submission s USING (submission_id)
                WHERE a.consultation_id = c.consultation_id AND a.missing IS NULL AND s.recalled_at IS NULL) AS sealed
    FROM consultation c"""


def draft(tx: Transaction, draft_id: str, *, lock: bool = False) -> Draft:
    """Return a draft; raise NotFound where none was heard of. `lock` lets one consultation be opened at a time."""
    if lock:
        tx.execute("SELECT FROM draft WHERE draft_id = %(draft)s FOR UPDATE", {"draft": draft_id})
    row = tx.one(
        """SELECT d.draft_id, d.organisation_id,
               (SELECT max(number) FROM version v WHERE v.draft_id = d.draft_id) AS newest,
               EXISTS (SELECT FROM publication p WHERE p.draft_id = d.draft_id) AS published,
               (SELECT consultation_id FROM consultation c WHERE c.draft_id = d.draft_id) AS consultation
           FROM draft d WHERE d.draft_id = %(draft)s""",
        {"draft": draft_id},
    )
    if row is None:
        raise NotFound(say("There is no such design here. One opened a moment ago may need a moment more."))
    return Draft(row["draft_id"], row["organisation_id"], row["newest"], row["published"], row["consultation"])


def version(tx: Transaction, draft_id: str, number: int) -> Version | None:
    """Return our copy of one version of a draft, or None."""
    row = tx.one(
        "SELECT document, document_hash FROM version WHERE draft_id = %(draft)s AND number = %(number)s",
        {"draft": draft_id, "number": number},
    )
    return None if row is None else Version(number, json.loads(row["document"]), row["document_hash"])


def consultation(tx: Transaction, consultation_id: str, *, lock: bool = False) -> Consultation:
    """Return a consultation; raise NotFound. `lock` makes this transaction and others about it wait for each other."""
    if found := find_consultation(tx, consultation_id, lock=lock):
        return found
    raise NotFound(say("There is no such consultation, or it is not open to you."))


def find_consultation(tx: Transaction, consultation_id: str, *, lock: bool = False) -> Consultation | None:
    """Return a consultation, or None."""
    if lock:
        _lock(tx, "consultation_id", consultation_id)
    row = tx.one(f"{CONSULTATION} WHERE c.consultation_id = %(id)s", {"id": consultation_id})
    return None if row is None else as_consultation(row)


def consultation_of_draft(tx: Transaction, draft_id: str, *, lock: bool = False) -> Consultation | None:
    """Return the consultation on a draft, or None."""
    if lock:
        _lock(tx, "draft_id", draft_id)
    row = tx.one(f"{CONSULTATION} WHERE c.draft_id = %(draft)s", {"draft": draft_id})
    return None if row is None else as_consultation(row)


def as_consultation(row: Row) -> Consultation:
    """Make the rules' consultation of a row of `CONSULTATION`."""
    return Consultation(
        id=row["consultation_id"],
        draft=row["draft_id"],
        provider=row["organisation_id"],
        opened_on=row["opened_on"],
        newest=row["newest"],
        closes_at=row["closes_at"],
        visibility=row["visibility"],
        participants=frozenset(row["participants"]),
        sealed=row["sealed"],
        published=row["published"],
    )


def comment(tx: Transaction, comment_id: str) -> Comment:
    """Return a comment; raise NotFound."""
    row = tx.one(
        "SELECT comment_id, consultation_id, organisation_id, version FROM comment WHERE comment_id = %(id)s",
        {"id": comment_id},
    )
    if row is None:
        raise NotFound(say("There is no such comment, or it is not open to you."))
    return Comment(row["comment_id"], row["consultation_id"], row["organisation_id"], row["version"])


def open_comments(tx: Transaction, consultation_id: str) -> list[str]:
    """Return the ids of the comments without a disposition, oldest first."""
    rows = tx.all(
        """SELECT comment_id FROM comment c WHERE consultation_id = %(id)s
               AND NOT EXISTS (SELECT FROM disposition d WHERE d.comment_id = c.comment_id)
           ORDER BY sequence""",
        {"id": consultation_id},
    )
    return [row["comment_id"] for row in rows]


def endorsements(tx: Transaction, consultation_id: str) -> list[Endorsement]:
    """Return every endorsement, oldest first, each with its organisation's standing as confirmed by now."""
    rows = tx.all(
        """SELECT e.*, o.confirmed FROM endorsement e LEFT JOIN organisation o USING (organisation_id)
           WHERE consultation_id = %(id)s ORDER BY sequence""",
        {"id": consultation_id},
    )
    return [as_endorsement(row) for row in rows]


def as_endorsement(row: Row) -> Endorsement:
    """Make the seal's endorsement of a row that has the organisation's `confirmed` standing beside it."""
    return Endorsement(
        id=row["endorsement_id"],
        organisation=row["organisation_id"],
        elements=json.loads(row["elements"]),
        interest=row["interest"],
        standing=row["confirmed"],
        sequence=row["sequence"],
    )


def known(tx: Transaction, organisations: Collection[str]) -> frozenset[str]:
    """Return those of the organisations that are registered."""
    rows = tx.all(
        "SELECT organisation_id FROM organisation WHERE organisation_id = ANY(%(ids)s) AND name IS NOT NULL",
        {"ids": list(organisations)},
    )
    return frozenset(row["organisation_id"] for row in rows)


def invitation(tx: Transaction, consultation_id: str, organisation_id: str) -> Row | None:
    """Return the event and sequence with which an organisation was invited, or None."""
    return tx.one(
        """SELECT organisation_id, event_id, sequence FROM participant
           WHERE consultation_id = %(consultation)s AND organisation_id = %(organisation)s""",
        {"consultation": consultation_id, "organisation": organisation_id},
    )


def _lock(tx: Transaction, column: str, value: str) -> None:
    """Lock the row by a statement of its own: the next one sees what was committed while this one waited."""
    tx.execute(f"SELECT FROM consultation WHERE {column} = %(value)s FOR UPDATE", {"value": value})
