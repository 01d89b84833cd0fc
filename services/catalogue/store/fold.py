"""From fact to rows, live and in a rebuild alike.

Within one draft the events come in order. Between subjects they come in any order, so what others say is kept under
their own ids and nothing here asks whether the other row is there yet.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from services.catalogue.domain.document import used_ids
from services.catalogue.store import forgotten, others, suggestions
from services.kernel.db import Transaction
from services.kernel.documents import Document, canonical, digest, patched
from services.kernel.errors import Malformed
from services.kernel.events import Event


def project(tx: Transaction, event: Event) -> None:
    """Fold one event into the rows; an event the catalogue keeps nothing of leaves them as they are."""
    fold = FOLDS.get(event.type)
    if fold is not None:
        fold(tx, event)


def _opened(tx: Transaction, event: Event) -> None:
    origin = event.data.get("origin", {})
    tx.execute(
        """INSERT INTO draft (draft_id, organisation_id, version, origin_kind, origin_name,
                              opened_by, opened_at, changed_at)
           VALUES (%(draft)s, %(organisation)s, %(version)s, %(kind)s, %(name)s, %(actor)s, %(time)s, %(time)s)""",
        {**event.data, "kind": origin.get("kind"), "name": origin.get("name"), **_by(event)},
    )
    _add_version(tx, event, event.data["document"], before={})


def _revised(tx: Transaction, event: Event) -> None:
    text = tx.value(
        "SELECT document FROM version WHERE draft_id = %(draft)s AND version = %(before)s",
        {"draft": event.data["draft"], "before": event.data["version"] - 1},
    )
    before = json.loads(text)
    _add_version(tx, event, patched(before, event.data["patch"]), before)
    tx.execute(
        "UPDATE draft SET version = %(version)s, changed_at = %(time)s WHERE draft_id = %(draft)s",
        {**event.data, **_by(event)},
    )


def _add_version(tx: Transaction, event: Event, document: Document, before: Document) -> None:
    if digest(document) != event.data["document_hash"]:
        raise Malformed(f"version {event.data['version']} of draft {event.data['draft']} is not the document it names")
    patch = event.data.get("patch")
    tx.execute(
        """INSERT INTO version (draft_id, version, document, document_hash, patch, summary, answers, author, at,
                                sequence, applies, restores)
           VALUES (%(draft)s, %(version)s, %(text)s, %(document_hash)s, %(patch)s, %(summary)s, %(answers)s,
                   %(actor)s, %(time)s, %(sequence)s, %(applies)s, %(restores)s)""",
        {
            "restores": None,
            **event.data,
            "applies": canonical(event.data.get("applies", [])).decode(),
            "text": canonical(document).decode(),
            "patch": None if patch is None else canonical(patch).decode(),
            "summary": event.words("/data/summary"),
            "answers": canonical(event.data.get("answers", [])).decode(),
            "sequence": event.sequence,
            **_by(event),
        },
    )
    _remember_ids(tx, event, used_ids(document).items() - used_ids(before).items())


def _remember_ids(tx: Transaction, event: Event, fresh: "set[tuple[str, str]]") -> None:
    for element_id, collection in sorted(fresh):
        tx.execute(
            """INSERT INTO used_element_id (draft_id, element_id, collection, first_version)
               VALUES (%(draft)s, %(element)s, %(collection)s, %(version)s) ON CONFLICT DO NOTHING""",
            {**event.data, "element": element_id, "collection": collection},
        )


def _submitted(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO submission (submission_id, draft_id, version, document_hash, sequence,
                                   submitted_by, submitted_at)
           VALUES (%(submission)s, %(draft)s, %(version)s, %(document_hash)s, %(sequence)s, %(actor)s, %(time)s)""",
        {**event.data, "sequence": event.sequence, **_by(event)},
    )


def _recalled(tx: Transaction, event: Event) -> None:
    tx.execute(
        """UPDATE submission SET recalled_by = %(actor)s, recalled_at = %(time)s, recall_reason = %(reason)s,
                  recall_sequence = %(sequence)s
           WHERE submission_id = %(submission)s""",
        {**event.data, "reason": event.words("/data/reason"), "sequence": event.sequence, **_by(event)},
    )


def _published(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO credential (credential_id, draft_id, organisation_id, version, document_hash, submission_id,
                                   seal_event_id, consultation_id, published_by, published_at)
           VALUES (%(credential)s, %(draft)s, %(organisation)s, %(version)s, %(document_hash)s, %(submission)s,
                   %(seal)s, %(consultation)s, %(actor)s, %(time)s)""",
        {**event.data, **_by(event)},
    )


def _by(event: Event) -> Mapping[str, Any]:
    return {"actor": event.actor, "time": event.time}


FOLDS: Mapping[str, Callable[[Transaction, Event], None]] = {
    "catalogue.draft.opened.v1": _opened,
    "catalogue.draft.revised.v1": _revised,
    "catalogue.draft.submitted.v1": _submitted,
    "catalogue.draft.recalled.v1": _recalled,
    "catalogue.credential.published.v1": _published,
    "codesign.comment.submitted.v1": suggestions.suggested,
    "codesign.comment.withdrawn.v1": suggestions.withdrawn,
    "codesign.consultation.opened.v1": others.consultation_opened,
    "codesign.consultation.sealed.v1": others.answered,
    "codesign.consultation.unready.v1": others.answered,
    "accounts.organisation.registered.v1": others.organisation_named,
    "accounts.organisation.changed.v1": others.organisation_named,
    "accounts.organisation.confirmed.v1": others.organisation_confirmed,
    "accounts.person.joined.v1": others.person_named,
    "accounts.person.changed.v1": others.person_named,
    "accounts.person.erased.v1": forgotten.forget_person,
    "audit.text.withheld.v1": forgotten.withhold_text,
}
