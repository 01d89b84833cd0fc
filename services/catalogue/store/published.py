"""Published credentials, read: for everybody."""

import json
from collections.abc import Mapping
from typing import Any

from services.kernel.db import Transaction
from services.kernel.errors import NotFound
from services.kernel.language import say

Row = Mapping[str, Any]

_CREDENTIAL = """
    SELECT k.credential_id::text AS id, k.draft_id::text AS draft, k.version, k.document_hash, k.published_at,
           k.organisation_id::text AS organisation, o.name AS organisation_name, v.document,
           k.consultation_id::text AS consultation, k.seal_event_id::text AS seal, a.endorsements
    FROM credential k
    JOIN version v USING (draft_id, version)
    LEFT JOIN organisation o USING (organisation_id)
    LEFT JOIN answer a USING (submission_id, consultation_id)
"""


def credential(tx: Transaction, credential_id: str) -> Row:
    """Return a published credential with its document; raise NotFound where there is none."""
    row = tx.one(f"{_CREDENTIAL} WHERE k.credential_id = %(id)s", {"id": credential_id})
    if row is None:
        raise NotFound(say("No credential was published under this address."))
    return _read(row)


def credentials(tx: Transaction, after: str | None, limit: int) -> list[Row]:
    """Return published credentials, newest first, those older than the credential `after`."""
    rows = tx.all(
        f"""{_CREDENTIAL} WHERE %(after)s::uuid IS NULL OR k.credential_id < %(after)s::uuid
            ORDER BY k.credential_id DESC LIMIT %(limit)s""",
        {"after": after, "limit": limit},
    )
    return [_read(row) for row in rows]


def _read(row: Mapping[str, Any]) -> Row:
    return {**row, "document": json.loads(row["document"])}
