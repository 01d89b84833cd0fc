"""What is known here of consultations: whose they are and when they close."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.db import Transaction


@dataclass(frozen=True, slots=True)
class Consultation:
    """A consultation, as far as an invitation needs to know it."""

    id: str
    organisation: str
    closes_at: datetime


def get(tx: Transaction, id: str) -> Consultation | None:
    """Return a consultation, where co-design has told of it already."""
    row = tx.one(
        """SELECT consultation_id::text AS id, organisation_id::text AS organisation, closes_at
           FROM consultation WHERE consultation_id = %(id)s""",
        {"id": id},
    )
    return None if row is None else Consultation(**row)
