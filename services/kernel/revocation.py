"""Sessions that ended before their token did, as each service hears of them."""

from datetime import datetime
from typing import Literal

from services.kernel import db
from services.kernel.db import Transaction


def is_revoked(service: str, session: str, person: str, issued_at: datetime) -> bool:
    """Say whether a token was withdrawn: its session, or every token of the person issued up to a moment."""
    row = db.of(service).at_once(
        f"""SELECT EXISTS (
                SELECT 1 FROM {service}_own.revoked
                WHERE (kind = 'session' AND id = %(session)s)
                   OR (kind = 'person' AND id = %(person)s AND at >= %(issued_at)s)) AS found""",
        {"session": session, "person": person, "issued_at": issued_at},
    )
    return row is not None and bool(row["found"])


def revoke(tx: Transaction, kind: Literal["session", "person"], id: str, at: datetime) -> None:
    """Withdraw a session, or every token that a person was given up to a moment; twice is as good as once."""
    tx.execute(
        f"""INSERT INTO {tx.service}_own.revoked AS r (kind, id, at) VALUES (%(kind)s, %(id)s, %(at)s)
            ON CONFLICT (kind, id) DO UPDATE SET at = greatest(r.at, EXCLUDED.at)""",
        {"kind": kind, "id": id, "at": at},
    )
