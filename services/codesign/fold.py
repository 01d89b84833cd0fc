"""How facts become rows: the one way, live and in a rebuild alike.

What others say makes rows of its own, under their ids: their events and ours come in one order live and in another in a
rebuild, and both must make the same rows. What follows from several of them is read, not stored (`store.py`).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from services.kernel import documents
from services.kernel.db import Transaction
from services.kernel.errors import Malformed, Refused
from services.kernel.events import Event


def project(tx: Transaction, event: Event) -> None:
    """Write what an event says into the fold; an event that says nothing to us writes nothing.

    Raise Malformed where a version of a draft does not have the hash its event gives it, or its base is not here.
    """
    if fold := FOLDS.get(event.type):
        fold(tx, event)


def _open_draft(tx: Transaction, event: Event) -> None:
    tx.execute(
        "INSERT INTO draft VALUES (%(draft)s, %(organisation)s, %(at)s)",
        _of(event, "draft", "organisation"),
    )
    _keep_version(tx, event, event.data["document"])


def _revise_draft(tx: Transaction, event: Event) -> None:
    before = tx.value(
        "SELECT document FROM version WHERE draft_id = %(draft)s AND number = %(version)s - 1",
        _of(event, "draft", "version"),
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
        _of(event, "draft", "version", "document_hash")
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


def _submit_draft(tx: Transaction, event: Event) -> None:
    _check_hash(event, event.data["document"])
    tx.execute(
        "INSERT INTO submission VALUES (%(submission)s, %(draft)s, %(version)s, %(document_hash)s, %(at)s, NULL)",
        _of(event, "submission", "draft", "version", "document_hash"),
    )


def _recall_draft(tx: Transaction, event: Event) -> None:
    tx.execute(
        "UPDATE submission SET recalled_at = %(at)s WHERE submission_id = %(submission)s", _of(event, "submission")
    )


def _publish(tx: Transaction, event: Event) -> None:
    tx.execute(
        "INSERT INTO publication VALUES (%(draft)s, %(credential)s, %(version)s, %(at)s)",
        _of(event, "draft", "credential", "version"),
    )


def _name_organisation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO organisation VALUES (%(organisation)s, %(name)s, %(sequence)s, NULL, NULL, 0)
           ON CONFLICT (organisation_id) DO UPDATE SET name = EXCLUDED.name, name_sequence = EXCLUDED.name_sequence
           WHERE organisation.name_sequence < EXCLUDED.name_sequence""",
        _of(event, "organisation", "name"),
    )


def _register_organisation(tx: Transaction, event: Event) -> None:
    _name_organisation(tx, event)
    tx.execute(
        "UPDATE organisation SET claimed = %(standing)s WHERE organisation_id = %(organisation)s",
        _of(event, "organisation", "standing"),
    )


def _confirm_organisation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO organisation VALUES (%(organisation)s, NULL, 0, NULL, %(standing)s, %(sequence)s)
           ON CONFLICT (organisation_id) DO UPDATE
           SET confirmed = EXCLUDED.confirmed, confirmed_sequence = EXCLUDED.confirmed_sequence
           WHERE organisation.confirmed_sequence < EXCLUDED.confirmed_sequence""",
        _of(event, "organisation", "standing"),
    )


def _name_person(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO person VALUES (%(person)s, %(name)s, %(sequence)s)
           ON CONFLICT (person_id) DO UPDATE SET display_name = EXCLUDED.display_name, sequence = EXCLUDED.sequence
           WHERE person.sequence < EXCLUDED.sequence""",
        _of(event, "person") | {"name": event.words("/data/display_name")},
    )


def _invite_person(tx: Transaction, event: Event) -> None:
    if event.data.get("consultation") is None:
        return
    tx.execute(
        """INSERT INTO invited_person AS p VALUES (%(consultation)s, %(person)s, %(organisation)s, %(sequence)s)
           ON CONFLICT (consultation_id, person_id) DO UPDATE
           SET organisation_id = EXCLUDED.organisation_id, sequence = EXCLUDED.sequence
           WHERE p.sequence < EXCLUDED.sequence""",
        _of(event, "consultation", "person", "organisation"),
    )


def _open_consultation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO consultation
           VALUES (%(consultation)s, %(draft)s, %(organisation)s, %(version)s, %(closes_at)s, %(visibility)s,
                   %(question)s, %(at)s, %(sequence)s)""",
        _of(event, "consultation", "draft", "organisation", "version", "closes_at", "visibility")
        | {"question": event.words("/data/question")},
    )


def _invite_participant(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    tx.execute(
        "INSERT INTO participant VALUES (%(consultation)s, %(organisation)s, %(id)s, %(sequence)s, %(at)s)",
        _of(event, "consultation", "organisation"),
    )


def _submit_comment(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    suggestion = event.words("/data/suggestion")
    tx.execute(
        """INSERT INTO comment
           VALUES (%(comment)s, %(consultation)s, %(version)s, %(pointer)s, %(element)s, %(element_hash)s, %(kind)s,
                   %(words)s, %(suggestion)s, %(public)s, %(by)s, %(actor)s, %(at)s, %(sequence)s)""",
        _of(event, "comment", "consultation", "version", "pointer", "element", "element_hash", "kind", "public")
        | {
            "words": event.words("/data/text"),
            "suggestion": None if suggestion is None else documents.canonical(suggestion).decode(),
        },
    )


def _record_disposition(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    tx.execute(
        """INSERT INTO disposition
           VALUES (%(comment)s, %(sequence)s, %(disposition)s, %(reason)s, %(answered_in)s, %(actor)s, %(at)s)""",
        _of(event, "comment", "disposition", "answered_in") | {"reason": event.words("/data/reason")},
    )


def _give_endorsement(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    tx.execute(
        """INSERT INTO endorsement
           VALUES (%(endorsement)s, %(consultation)s, %(organisation)s, %(actor)s, %(version)s, %(elements)s,
                   %(interest)s, %(statement)s, %(at)s, %(sequence)s)""",
        _of(event, "endorsement", "consultation", "organisation", "version", "interest")
        | {
            "elements": documents.canonical(event.data["elements"]).decode(),
            "statement": event.words("/data/statement"),
        },
    )


def _answer_submission(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    missing = event.data.get("missing")
    tx.execute(
        """INSERT INTO answer
           VALUES (%(submission)s, %(consultation)s, %(version)s, %(endorsements)s, %(missing)s, %(at)s)""",
        _of(event, "submission", "consultation", "version", "endorsements")
        | {"missing": None if missing is None else documents.canonical(missing).decode()},
    )


def _reach(tx: Transaction, event: Event) -> None:
    """Note how far the consultation's own events have come: its entity tag."""
    tx.execute(
        "UPDATE consultation SET sequence = %(sequence)s WHERE consultation_id = %(consultation)s",
        _of(event, "consultation"),
    )


def _of(event: Event, *names: str) -> dict[str, Any]:
    """Return the named fields of an event's data, with what every row may want of its envelope."""
    envelope = {"id": event.id, "sequence": event.sequence, "at": event.time}
    return envelope | {"actor": event.actor, "by": event.organisation} | {n: event.data.get(n) for n in names}


FOLDS: Mapping[str, Callable[[Transaction, Event], None]] = {
    "catalogue.draft.opened.v1": _open_draft,
    "catalogue.draft.revised.v1": _revise_draft,
    "catalogue.draft.submitted.v1": _submit_draft,
    "catalogue.draft.recalled.v1": _recall_draft,
    "catalogue.credential.published.v1": _publish,
    "accounts.organisation.registered.v1": _register_organisation,
    "accounts.organisation.changed.v1": _name_organisation,
    "accounts.organisation.confirmed.v1": _confirm_organisation,
    "accounts.person.joined.v1": _name_person,
    "accounts.person.changed.v1": _name_person,
    "accounts.person.invited.v1": _invite_person,
    "codesign.consultation.opened.v1": _open_consultation,
    "codesign.participant.invited.v1": _invite_participant,
    "codesign.comment.submitted.v1": _submit_comment,
    "codesign.disposition.recorded.v1": _record_disposition,
    "codesign.endorsement.given.v1": _give_endorsement,
    "codesign.consultation.sealed.v1": _answer_submission,
    "codesign.consultation.unready.v1": _answer_submission,
}
