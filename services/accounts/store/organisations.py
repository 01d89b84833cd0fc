"""Reading organisations."""

from typing import Any

from services.accounts.domain.values import Organisation
from services.kernel.db import Transaction

COLUMNS = """organisation_id::text AS id, name, standing, country, register_number, website, confirmed_at, confirmed_by,
             ground, evidence"""


def get(tx: Transaction, id: str, *, lock: bool = False) -> Organisation | None:
    """Return an organisation; `lock` keeps others from changing it until the transaction ends."""
    row = tx.one(
        f"SELECT {COLUMNS} FROM organisation WHERE organisation_id = %(id)s" + (" FOR UPDATE" if lock else ""),
        {"id": id},
    )
    return None if row is None else Organisation(**row)


def every(tx: Transaction) -> list[Organisation]:
    """Return all organisations by name."""
    rows = tx.all(f"SELECT {COLUMNS} FROM organisation ORDER BY lower(name), organisation_id")
    return [Organisation(**row) for row in rows]


def page(tx: Transaction, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Return organisations as rows in the order of their registration (ids are UUIDv7), past an id."""
    return tx.all(
        f"""SELECT {COLUMNS} FROM organisation
            WHERE %(after)s::uuid IS NULL OR organisation_id > %(after)s ORDER BY organisation_id LIMIT %(limit)s""",
        {"after": after, "limit": limit},
    )


def named(tx: Transaction, name: str) -> list[Organisation]:
    """Return the organisations of a name, in whatever case it is written."""
    rows = tx.all(f"SELECT {COLUMNS} FROM organisation WHERE lower(name) = lower(%(name)s)", {"name": name})
    return [Organisation(**row) for row in rows]
