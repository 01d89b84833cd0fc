"""Links, the hashes of their secrets, and how often they were asked for."""

import hashlib
from datetime import UTC, datetime

from services.accounts.domain.links import Limit
from services.accounts.domain.values import Link
from services.kernel.db import Transaction

LINK = """SELECT t.token_id::text AS token, t.person_id::text AS person, t.purpose, t.expires_at,
                 t.consultation_id::text AS consultation, t.issued_by_organisation::text AS issued_by_organisation,
                 t.revoked_at, l.used_at, l.next
          FROM token t LEFT JOIN accounts_own.link l USING (token_id)"""


def get(tx: Transaction, token: str, *, lock: bool = False) -> Link | None:
    """Return a link by its token; `lock` lets nobody else use or revoke it until the transaction ends."""
    if lock:  # a statement of its own: what another transaction wrote while we waited is seen by the next one only
        tx.execute("SELECT FROM token WHERE token_id = %(token)s FOR UPDATE", {"token": token})
    row = tx.one(f"{LINK} WHERE t.token_id = %(token)s", {"token": token})
    return None if row is None else Link(**row)


def by_secret(tx: Transaction, secret: str, *, lock: bool = False) -> Link | None:
    """Return the link that a secret opens."""
    token = tx.value("SELECT token_id FROM accounts_own.secret WHERE hash = %(hash)s", {"hash": hashed(secret)})
    return get(tx, str(token), lock=lock) if token else None


def invitations(tx: Transaction, organisation: str, at: datetime) -> list[Link]:
    """Return the invitations to an organisation that still open something, the newest first."""
    rows = tx.all(
        f"""{LINK} JOIN person p USING (person_id)
            WHERE p.organisation_id = %(organisation)s AND p.left_at IS NULL AND t.purpose = 'invitation'
              AND t.revoked_at IS NULL AND t.expires_at > %(at)s ORDER BY t.token_id DESC""",
        {"organisation": organisation, "at": at},
    )
    return [Link(**row) for row in rows]


def keep_secret(tx: Transaction, token: str, secret: str, at: datetime) -> None:
    """Write down the hash of one more secret that opens this link."""
    tx.execute(
        "INSERT INTO accounts_own.secret (hash, token_id, made_at) VALUES (%(hash)s, %(token)s, %(at)s)",
        {"hash": hashed(secret), "token": token, "at": at},
    )


def keep_next(tx: Transaction, token: str, next: str | None) -> None:
    """Write down which page to show after this link was used."""
    tx.execute("INSERT INTO accounts_own.link (token_id, next) VALUES (%(t)s, %(n)s)", {"t": token, "n": next})


def mark_used(tx: Transaction, token: str, at: datetime) -> None:
    """Write down that a link was used."""
    tx.execute(
        """INSERT INTO accounts_own.link (token_id, used_at) VALUES (%(token)s, %(at)s)
           ON CONFLICT (token_id) DO UPDATE SET used_at = EXCLUDED.used_at""",
        {"token": token, "at": at},
    )


def count(tx: Transaction, limit: Limit, key: str, at: datetime) -> int:
    """Count one more of something within its present window, and return how many there were."""
    seconds = limit.window.total_seconds()
    since = datetime.fromtimestamp(at.timestamp() // seconds * seconds, UTC)
    counted: int = tx.value(
        """INSERT INTO accounts_own.rate AS r (what, key, since, count) VALUES (%(what)s, %(key)s, %(since)s, 1)
           ON CONFLICT (what, key, since) DO UPDATE SET count = r.count + 1 RETURNING count""",
        {"what": limit.what, "key": hashed(key), "since": since},
    )
    return counted


def forget_past(tx: Transaction, at: datetime) -> None:
    """Delete the secrets of links that have run out, and counters nobody will ask again."""
    tx.execute(
        """DELETE FROM accounts_own.secret s USING token t
           WHERE t.token_id = s.token_id AND t.expires_at < %(at)s - interval '30 days'""",
        {"at": at},
    )
    tx.execute("DELETE FROM accounts_own.rate WHERE since < %(at)s - interval '1 day'", {"at": at})


def forget(tx: Transaction, person: str) -> None:
    """Delete the secrets of a person's links, and where each of them led."""
    for table in ("secret", "link"):
        tx.execute(
            f"DELETE FROM accounts_own.{table} l USING token t WHERE t.token_id = l.token_id AND t.person_id = %(p)s",
            {"p": person},
        )


def hashed(secret: str) -> bytes:
    """Return the SHA-256 of a secret: 256 random bits need no salt and no stretching."""
    return hashlib.sha256(secret.encode()).digest()
