"""What the catalogue keeps of what others say: organisations, names, consultations, and co-design's answers.

Each row carries the sequence of the event that wrote it, so the order in which events arrive does not matter.
"""

from collections.abc import Collection, Mapping

from services.catalogue.domain.policy import Organisation
from services.kernel.db import Transaction
from services.kernel.documents import canonical
from services.kernel.events import Event


def organisation(tx: Transaction, organisation_id: str | None) -> Organisation | None:
    """Return an organisation as the catalogue has heard of it, or None."""
    row = tx.one(
        """SELECT organisation_id::text AS id, name, coalesce(confirmed_standing, standing) AS standing
           FROM organisation WHERE organisation_id = %(id)s""",
        {"id": organisation_id},
    )
    return None if row is None else Organisation(**row)


def names(tx: Transaction, people: Collection[str | None]) -> Mapping[str, str]:
    """Return the display names of those people who have one; erased and unknown people are left out."""
    rows = tx.all(
        "SELECT person_id, display_name FROM person WHERE person_id = ANY(%(people)s) AND display_name IS NOT NULL",
        {"people": [person for person in people if person is not None]},
    )
    return {row["person_id"]: row["display_name"] for row in rows}


def organisation_named(tx: Transaction, event: Event) -> None:
    """Keep the newest name, and the standing that `registered` claims."""
    tx.execute(
        """INSERT INTO organisation AS o (organisation_id, name, name_sequence, standing)
           VALUES (%(organisation)s, %(name)s, %(sequence)s, %(standing)s)
           ON CONFLICT (organisation_id) DO UPDATE SET
               standing = coalesce(o.standing, excluded.standing),
               name = CASE WHEN coalesce(o.name_sequence, 0) < excluded.name_sequence
                      THEN excluded.name ELSE o.name END,
               name_sequence = greatest(o.name_sequence, excluded.name_sequence)""",
        {"standing": None, **event.data, "sequence": event.sequence},
    )


def organisation_confirmed(tx: Transaction, event: Event) -> None:
    """Keep the newest confirmed standing."""
    tx.execute(
        """INSERT INTO organisation AS o (organisation_id, confirmed_standing, confirmed_sequence)
           VALUES (%(organisation)s, %(standing)s, %(sequence)s)
           ON CONFLICT (organisation_id) DO UPDATE SET
               confirmed_standing = excluded.confirmed_standing, confirmed_sequence = excluded.confirmed_sequence
           WHERE coalesce(o.confirmed_sequence, 0) < excluded.confirmed_sequence""",
        {**event.data, "sequence": event.sequence},
    )


def person_named(tx: Transaction, event: Event) -> None:
    """Keep the newest display name; none where it was erased."""
    tx.execute(
        """INSERT INTO person AS p (person_id, display_name, name_sequence)
           VALUES (%(person)s, %(display_name)s, %(sequence)s)
           ON CONFLICT (person_id) DO UPDATE SET
               display_name = excluded.display_name, name_sequence = excluded.name_sequence
           WHERE p.name_sequence < excluded.name_sequence""",
        {**event.data, "display_name": event.words("/data/display_name"), "sequence": event.sequence},
    )


def consultation_opened(tx: Transaction, event: Event) -> None:
    """Remember that others are asked about a draft."""
    tx.execute(
        """INSERT INTO consultation (consultation_id, draft_id, version, closes_at, opened_at)
           VALUES (%(consultation)s, %(draft)s, %(version)s, %(closes_at)s, %(time)s)""",
        {**event.data, "time": event.time},
    )


def answered(tx: Transaction, event: Event) -> None:
    """Keep co-design's answer to a submission: the first its consultation gave, whichever arrives first."""
    tx.execute(
        """INSERT INTO answer AS a (submission_id, consultation_id, sequence, event_id, sealed, document_hash,
                                    endorsements, missing, at)
           VALUES (%(submission)s, %(consultation)s, %(sequence)s, %(event)s, %(sealed)s, %(document_hash)s,
                   %(count)s, %(missing)s, %(time)s)
           ON CONFLICT (submission_id, consultation_id) DO UPDATE SET
               sequence = excluded.sequence, event_id = excluded.event_id, sealed = excluded.sealed,
               document_hash = excluded.document_hash, endorsements = excluded.endorsements,
               missing = excluded.missing, at = excluded.at
           WHERE excluded.sequence < a.sequence""",
        {
            **event.data,
            "sequence": event.sequence,
            "event": event.id,
            "sealed": event.type == "codesign.consultation.sealed.v1",
            "count": len(event.data.get("endorsements", ())),
            "missing": canonical(event.data.get("missing", [])).decode(),
            "time": event.time,
        },
    )
