"""Reading people, and the one place where addresses lie."""

from dataclasses import dataclass
from datetime import datetime

from services.accounts.domain.values import Person
from services.kernel.db import Transaction

PERSON = """SELECT p.person_id::text AS id, p.organisation_id::text AS organisation, p.display_name, p.invited_at,
                   p.invited_by_organisation::text AS invited_by_organisation, p.joined_at, p.left_at, p.erased_at,
                   ARRAY(SELECT role FROM role r WHERE r.person_id = p.person_id ORDER BY role) AS roles
            FROM person p"""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a person can be written to, and what the inviter called them."""

    person: str
    address: str
    suggested_name: str | None


def get(tx: Transaction, id: str, *, lock: bool = False) -> Person | None:
    """Return a person with their roles; `lock` keeps others from changing them until the transaction ends."""
    if lock:  # a statement of its own: the roles are read once nobody else can change them
        tx.execute("SELECT FROM person WHERE person_id = %(id)s FOR UPDATE", {"id": id})
    row = tx.one(f"{PERSON} WHERE p.person_id = %(id)s", {"id": id})
    return None if row is None else _person(row)


def of_organisation(tx: Transaction, organisation: str) -> list[Person]:
    """Return who belongs to an organisation and has not left, in the order they came."""
    rows = tx.all(
        f"{PERSON} WHERE p.organisation_id = %(id)s AND p.left_at IS NULL ORDER BY p.person_id",
        {"id": organisation},
    )
    return [_person(row) for row in rows]


def by_address(tx: Transaction, address: str, *, lock: bool = False) -> Person | None:
    """Return whose address this is; `lock` as in `get`."""
    id = tx.value("SELECT person_id FROM accounts_own.address WHERE address = %(address)s", {"address": address})
    return get(tx, str(id), lock=lock) if id else None


def who_may_sign_in(tx: Transaction, address: str, at: datetime) -> str | None:
    """Return the person of an address who has joined, or holds an invitation that still stands."""
    found: str | None = tx.value(
        """SELECT p.person_id::text FROM accounts_own.address a JOIN person p USING (person_id)
           WHERE a.address = %(address)s AND p.left_at IS NULL
             AND (p.joined_at IS NOT NULL
                  OR EXISTS (SELECT FROM token t WHERE t.person_id = p.person_id AND t.purpose = 'invitation'
                                                   AND t.revoked_at IS NULL AND t.expires_at > %(at)s))""",
        {"address": address, "at": at},
    )
    return found


def contact(tx: Transaction, person: str) -> Contact | None:
    """Return where a person can be written to; None once they have left or were erased."""
    row = tx.one(
        """SELECT person_id::text AS person, address, suggested_name FROM accounts_own.address
           WHERE person_id = %(person)s""",
        {"person": person},
    )
    return None if row is None else Contact(**row)


def contacts(tx: Transaction, organisation: str) -> dict[str, Contact]:
    """Return the contacts of an organisation's people by person."""
    rows = tx.all(
        """SELECT a.person_id::text AS person, a.address, a.suggested_name
           FROM accounts_own.address a JOIN person p USING (person_id) WHERE p.organisation_id = %(id)s""",
        {"id": organisation},
    )
    return {row["person"]: Contact(**row) for row in rows}


def keep_address(tx: Transaction, person: str, address: str, suggested_name: str | None) -> bool:
    """Write down a person's address; False where somebody else was given the same one meanwhile."""
    kept = tx.execute(
        """INSERT INTO accounts_own.address (person_id, address, suggested_name)
           VALUES (%(person)s, %(address)s, %(name)s) ON CONFLICT (address) DO NOTHING""",
        {"person": person, "address": address, "name": suggested_name},
    )
    return kept.rowcount == 1


def forget_address(tx: Transaction, person: str) -> None:
    """Delete a person's address: nobody is written to who has left."""
    tx.execute("DELETE FROM accounts_own.address WHERE person_id = %(person)s", {"person": person})


def forget_suggested_name(tx: Transaction, person: str) -> None:
    """Delete what the inviter called a person: they have said themselves."""
    tx.execute("UPDATE accounts_own.address SET suggested_name = NULL WHERE person_id = %(p)s", {"p": person})


def _person(row: dict[str, object]) -> Person:
    roles = row.pop("roles")
    assert isinstance(roles, list)
    return Person(**row, roles=frozenset(roles))  # type: ignore[arg-type]
