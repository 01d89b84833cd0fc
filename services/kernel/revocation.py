"""Sessions that ended before their token did, as each service hears of them."""

from datetime import datetime

from services.kernel.db import Transaction


def is_revoked(tx: Transaction, session: str, person: str, issued_at: datetime) -> bool:
    """Say whether a token was withdrawn: its session, or every token of the person issued up to a moment."""
    found: bool = tx.value(
        f"""SELECT EXISTS (
                SELECT 1 FROM {tx.service}_own.revoked
                WHERE (kind = 'session' AND id = %(session)s)
                   OR (kind = 'person' AND id = %(person)s AND at >= %(issued_at)s))""",
        {"session": session, "person": person, "issued_at": issued_at},
    )
    return found
