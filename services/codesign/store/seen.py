"""Rows as people see them, before what is not theirs to see is left out."""

from collections.abc import Mapping
from typing import Any

from services.codesign.store.rows import CONSULTATION
from services.kernel.db import Transaction

Row = Mapping[str, Any]

# The title alone is read out of a document, and as json: jsonb refuses some texts that JSON allows.
_LISTED = f"""
    SELECT c.*, o.name AS provider_name,
        (SELECT document::json -> 'title' FROM version v
         WHERE (v.draft_id, v.number) = (c.draft_id, c.newest)) AS title,
        (SELECT published_at FROM publication p WHERE p.draft_id = c.draft_id) AS published_at,
        (SELECT count(*) FROM comment m WHERE m.consultation_id = c.consultation_id AND NOT EXISTS
            (SELECT FROM disposition d WHERE d.comment_id = m.comment_id)) AS open_comments,
        (SELECT count(*) FROM comment m
         WHERE (m.consultation_id, m.organisation_id) = (c.consultation_id, %(me)s)) AS my_comments,
        (SELECT version FROM endorsement e
         WHERE (e.consultation_id, e.organisation_id) = (c.consultation_id, %(me)s)
         ORDER BY sequence DESC LIMIT 1) AS my_endorsed_version
    FROM ({CONSULTATION}) c LEFT JOIN organisation o USING (organisation_id)"""

_VOICE = """
    o.name AS organisation_name, o.claimed, o.confirmed, p.display_name AS person_name"""


def listed(
    tx: Transaction,
    me: str | None,
    *,
    run: bool,
    reviewed: bool,
    every: bool,
    only: str | None,
    after: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return consultations, newest first: those my organisation runs, those it takes part in, or every one.

    `only` leaves one id; `after` is the id of the last one seen.
    """
    return tx.all(
        f"""{_LISTED}
            WHERE (%(every)s OR (%(run)s AND c.organisation_id = %(me)s)
                   OR (%(reviewed)s AND %(me)s = ANY(c.participants)))
                AND (%(only)s::text IS NULL OR c.consultation_id = %(only)s)
                AND (%(after)s::text IS NULL OR c.consultation_id < %(after)s)
            ORDER BY c.consultation_id DESC LIMIT %(limit)s""",
        {"me": me, "run": run, "reviewed": reviewed, "every": every, "only": only, "after": after, "limit": limit},
    )


def consultation(tx: Transaction, consultation_id: str, me: str | None) -> dict[str, Any] | None:
    """Return one consultation with its title, the name of its provider, and what my organisation did in it."""
    return tx.one(f"{_LISTED} WHERE c.consultation_id = %(id)s", {"id": consultation_id, "me": me})


def participants(tx: Transaction, consultation_id: str) -> list[dict[str, Any]]:
    """Return the invited organisations by name, and how much each has said."""
    return tx.all(
        """SELECT p.organisation_id, p.invited_at, o.name AS organisation_name, o.claimed, o.confirmed,
               (SELECT count(*) FROM invited_person i
                WHERE (i.consultation_id, i.organisation_id) = (p.consultation_id, p.organisation_id)) AS people,
               (SELECT count(*) FROM comment c
                WHERE (c.consultation_id, c.organisation_id) = (p.consultation_id, p.organisation_id)) AS comments,
               EXISTS (SELECT FROM endorsement e
                WHERE (e.consultation_id, e.organisation_id) = (p.consultation_id, p.organisation_id)) AS endorsed
           FROM participant p LEFT JOIN organisation o USING (organisation_id)
           WHERE p.consultation_id = %(id)s ORDER BY o.name, p.organisation_id""",
        {"id": consultation_id},
    )


def comments(
    tx: Transaction, consultation_id: str, *, by: str | None = None, one: str | None = None, after: int = 0, limit: int
) -> list[dict[str, Any]]:
    """Return comments, oldest first, each with the disposition that holds and the versions that name it as answered.

    `by` leaves those of one organisation, `one` a single one; `after` is the sequence of the last one seen.
    """
    return tx.all(
        f"""SELECT c.*, {_VOICE}, d.disposition, d.reason, d.answered_in, d.made_at AS disposed_at,
                d.sequence AS disposed_sequence,
                ARRAY(SELECT number FROM version v WHERE v.draft_id = k.draft_id AND c.comment_id = ANY(v.answers)
                      ORDER BY number) AS named_in
            FROM comment c JOIN consultation k ON k.consultation_id = c.consultation_id
                LEFT JOIN organisation o ON o.organisation_id = c.organisation_id
                LEFT JOIN person p ON p.person_id = c.person_id
                LEFT JOIN LATERAL (SELECT * FROM disposition d WHERE d.comment_id = c.comment_id
                                   ORDER BY sequence DESC LIMIT 1) d ON true
            WHERE c.consultation_id = %(id)s AND c.sequence > %(after)s
                AND (%(by)s::text IS NULL OR c.organisation_id = %(by)s)
                AND (%(one)s::text IS NULL OR c.comment_id = %(one)s)
            ORDER BY c.sequence LIMIT %(limit)s""",
        {"id": consultation_id, "by": by, "one": one, "after": after, "limit": limit},
    )


def endorsements(tx: Transaction, consultation_id: str) -> list[dict[str, Any]]:
    """Return every endorsement, oldest first."""
    return tx.all(
        f"""SELECT e.*, {_VOICE} FROM endorsement e
                LEFT JOIN organisation o USING (organisation_id) LEFT JOIN person p USING (person_id)
            WHERE e.consultation_id = %(id)s ORDER BY e.sequence""",
        {"id": consultation_id},
    )


def last_answer(tx: Transaction, consultation_id: str) -> dict[str, Any] | None:
    """Return what the newest submission was answered, and whether it was recalled since."""
    return tx.one(
        """SELECT a.*, s.recalled_at FROM answer a LEFT JOIN submission s USING (submission_id)
           WHERE a.consultation_id = %(id)s ORDER BY a.made_at DESC LIMIT 1""",
        {"id": consultation_id},
    )


def organisations(tx: Transaction) -> list[dict[str, Any]]:
    """Return every registered organisation by name."""
    return tx.all(
        """SELECT organisation_id, name AS organisation_name, claimed, confirmed FROM organisation
           WHERE name IS NOT NULL ORDER BY name, organisation_id"""
    )
