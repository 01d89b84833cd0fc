"""Sessions and the hashes of their renewal secrets."""

from datetime import datetime

from services.accounts.domain.sessions import Renewal
from services.accounts.domain.values import Session
from services.accounts.store.links import hashed
from services.kernel.db import Transaction

SESSION = """SELECT session_id::text AS id, person_id::text AS person, started_at, expires_at, token_id::text AS token,
                    consultation_id::text AS scope, device, renewed_at, ended_at
             FROM accounts_own.session"""


def begin(tx: Transaction, session: Session) -> None:
    """Write down a session that begins."""
    tx.execute(
        """INSERT INTO accounts_own.session
               (session_id, person_id, token_id, consultation_id, device, started_at, expires_at, renewed_at)
           VALUES (%(id)s, %(person)s, %(token)s, %(scope)s, %(device)s, %(started)s, %(expires)s, %(started)s)""",
        {
            "id": session.id,
            "person": session.person,
            "token": session.token,
            "scope": session.scope,
            "device": session.device,
            "started": session.started_at,
            "expires": session.expires_at,
        },
    )


def get(tx: Transaction, id: str) -> Session | None:
    """Return a session and lock it until the transaction ends."""
    row = tx.one(f"{SESSION} WHERE session_id = %(id)s FOR UPDATE", {"id": id})
    return None if row is None else Session(**row)


def open_ones(tx: Transaction, at: datetime, *, person: str | None = None, token: str | None = None) -> list[Session]:
    """Return the sessions of a person, or those a link began, that have not ended; the newest first."""
    rows = tx.all(
        f"""{SESSION} WHERE (person_id = %(person)s OR token_id = %(token)s)
              AND ended_at IS NULL AND expires_at > %(at)s ORDER BY session_id DESC""",
        {"person": person, "token": token, "at": at},
    )
    return [Session(**row) for row in rows]


def end(tx: Transaction, id: str, at: datetime) -> None:
    """Write down that a session ended."""
    tx.execute(
        "UPDATE accounts_own.session SET ended_at = %(at)s WHERE session_id = %(id)s AND ended_at IS NULL",
        {"id": id, "at": at},
    )


def end_all(tx: Transaction, person: str, at: datetime) -> None:
    """Write down that every session of a person ended."""
    tx.execute(
        "UPDATE accounts_own.session SET ended_at = %(at)s WHERE person_id = %(person)s AND ended_at IS NULL",
        {"person": person, "at": at},
    )


def forget(tx: Transaction, person: str) -> None:
    """Delete every session of a person, with what their devices were called and the secrets that renew."""
    tx.execute("DELETE FROM accounts_own.session WHERE person_id = %(person)s", {"person": person})


def renewal(tx: Transaction, secret: str) -> Renewal | None:
    """Return what a renewal secret belongs to, and lock its session until the transaction ends."""
    shown = tx.one(
        "SELECT session_id::text AS session, number FROM accounts_own.renewal WHERE hash = %(hash)s",
        {"hash": hashed(secret)},
    )
    session = shown and get(tx, shown["session"])
    if not shown or not session:
        return None
    overtaken_at = tx.value(
        """SELECT min(first_used) FROM accounts_own.renewal
           WHERE session_id = %(session)s AND number > %(number)s""",
        shown,
    )
    return Renewal(session, shown["number"], overtaken_at)


def keep_renewal(tx: Transaction, session: str, secret: str) -> None:
    """Write down the hash of a session's next renewal secret."""
    tx.execute(
        """INSERT INTO accounts_own.renewal (hash, session_id, number)
           SELECT %(hash)s, %(session)s, coalesce(max(number), 0) + 1 FROM accounts_own.renewal
           WHERE session_id = %(session)s""",
        {"hash": hashed(secret), "session": session},
    )


def mark_renewed(tx: Transaction, renewal: Renewal, at: datetime) -> None:
    """Write down that a renewal secret was used, and with it the session."""
    values = {"session": renewal.session.id, "number": renewal.number, "at": at}
    tx.execute(
        """UPDATE accounts_own.renewal SET first_used = coalesce(first_used, %(at)s)
           WHERE session_id = %(session)s AND number = %(number)s""",
        values,
    )
    tx.execute("UPDATE accounts_own.session SET renewed_at = %(at)s WHERE session_id = %(session)s", values)


def forget_past(tx: Transaction, at: datetime) -> None:
    """Delete sessions that ended or ran out a month ago, their renewal secrets with them."""
    tx.execute(
        """DELETE FROM accounts_own.session
           WHERE least(ended_at, expires_at) < %(at)s - interval '30 days'""",
        {"at": at},
    )
