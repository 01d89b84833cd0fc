"""How what others say becomes rows: of drafts from the catalogue, of people and organisations from accounts.

They make rows of their own, under their ids: their events and ours come in one order live and in another in a rebuild,
and both must make the same rows.
"""

import json
from collections.abc import Mapping
from typing import Any

from services.kernel import documents
from services.kernel.db import Transaction
from services.kernel.errors import Malformed, Refused
from services.kernel.events import Event


def of(event: Event, *names: str) -> dict[str, Any]:
    """Return the named fields of an event's data, with what every row may want of its envelope."""
    envelope = {"id": event.id, "sequence": event.sequence, "at": event.time}
    return envelope | {"actor": event.actor, "by": event.organisation} | {n: event.data.get(n) for n in names}


def open_draft(tx: Transaction, event: Event) -> None:
    """A draft is there, with its first version."""
    tx.execute(
        "INSERT INTO draft VALUES (%(draft)s, %(organisation)s, %(at)s)",
        of(event, "draft", "organisation"),
    )
    _keep_version(tx, event, event.data["document"])


def revise_draft(tx: Transaction, event: Event) -> None:
    """A version is made by patching the one before."""
    before = tx.value(
        "SELECT document FROM version WHERE draft_id = %(draft)s AND number = %(version)s - 1",
        of(event, "draft", "version"),
    )
    what = f"version {event.data['version']} of the draft {event.subject}"
    if before is None:
        raise Malformed(f"{what} cannot be made: the version before it is not here")
    try:
        document = documents.patched(json.loads(before), event.data["patch"])
    except Refused as refusal:
        raise Malformed(f"{what} cannot be made: {refusal.message}") from refusal
    _keep_version(tx, event, document)


def _keep_version(tx: Transaction, event: Event, document: Mapping[str, Any]) -> None:
    _check_hash(event, document)
    tx.execute(
        """INSERT INTO version
           VALUES (%(draft)s, %(version)s, %(document)s, %(document_hash)s, %(answers)s, %(at)s)""",
        of(event, "draft", "version", "document_hash")
        | {
            "document": documents.canonical(document).decode(),
            "answers": list(event.data.get("answers", ())),
        },
    )


def _check_hash(event: Event, document: Mapping[str, Any]) -> None:
    found, said = documents.digest(document), event.data["document_hash"]
    if found != said:
        raise Malformed(
            f"version {event.data['version']} of the draft {event.subject} has the hash {found}; its event says {said}"
        )


def submit_draft(tx: Transaction, event: Event) -> None:
    """A version lies with us for the seal."""
    _check_hash(event, event.data["document"])
    tx.execute(
        "INSERT INTO submission VALUES (%(submission)s, %(draft)s, %(version)s, %(document_hash)s, %(at)s, NULL)",
        of(event, "submission", "draft", "version", "document_hash"),
    )


def recall_draft(tx: Transaction, event: Event) -> None:
    """A submission is taken back."""
    tx.execute(
        "UPDATE submission SET recalled_at = %(at)s WHERE submission_id = %(submission)s", of(event, "submission")
    )


def publish(tx: Transaction, event: Event) -> None:
    """A design is published."""
    tx.execute(
        "INSERT INTO publication VALUES (%(draft)s, %(credential)s, %(version)s, %(at)s)",
        of(event, "draft", "credential", "version"),
    )


def name_organisation(tx: Transaction, event: Event) -> None:
    """An organisation is called so from here on."""
    tx.execute(
        """INSERT INTO organisation VALUES (%(organisation)s, %(name)s, %(sequence)s, NULL, NULL, 0)
           ON CONFLICT (organisation_id) DO UPDATE SET name = EXCLUDED.name, name_sequence = EXCLUDED.name_sequence
           WHERE organisation.name_sequence < EXCLUDED.name_sequence""",
        of(event, "organisation", "name"),
    )


def register_organisation(tx: Transaction, event: Event) -> None:
    """An organisation is there, with the standing it claims."""
    name_organisation(tx, event)
    tx.execute(
        "UPDATE organisation SET claimed = %(standing)s WHERE organisation_id = %(organisation)s",
        of(event, "organisation", "standing"),
    )


def confirm_organisation(tx: Transaction, event: Event) -> None:
    """A standing is confirmed."""
    tx.execute(
        """INSERT INTO organisation VALUES (%(organisation)s, NULL, 0, NULL, %(standing)s, %(sequence)s)
           ON CONFLICT (organisation_id) DO UPDATE
           SET confirmed = EXCLUDED.confirmed, confirmed_sequence = EXCLUDED.confirmed_sequence
           WHERE organisation.confirmed_sequence < EXCLUDED.confirmed_sequence""",
        of(event, "organisation", "standing"),
    )


def name_person(tx: Transaction, event: Event) -> None:
    """A person is called so from here on."""
    tx.execute(
        """INSERT INTO person VALUES (%(person)s, %(name)s, %(sequence)s)
           ON CONFLICT (person_id) DO UPDATE SET display_name = EXCLUDED.display_name, sequence = EXCLUDED.sequence
           WHERE person.sequence < EXCLUDED.sequence""",
        of(event, "person") | {"name": event.words("/data/display_name")},
    )


def invite_person(tx: Transaction, event: Event) -> None:
    """Somebody was invited by address; we note it where it is for a consultation."""
    if event.data.get("consultation") is None:
        return
    tx.execute(
        """INSERT INTO invited_person AS p VALUES (%(consultation)s, %(person)s, %(organisation)s, %(sequence)s)
           ON CONFLICT (consultation_id, person_id) DO UPDATE
           SET organisation_id = EXCLUDED.organisation_id, sequence = EXCLUDED.sequence
           WHERE p.sequence < EXCLUDED.sequence""",
        of(event, "consultation", "person", "organisation"),
    )
