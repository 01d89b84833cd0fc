"""How facts become rows: the one way, live and in a rebuild alike.

What follows from several facts is read, not stored: `rows.py`.
"""

from collections.abc import Callable, Mapping

from services.codesign.store import forgotten, heard
from services.codesign.store.heard import of
from services.kernel import documents
from services.kernel.db import Transaction
from services.kernel.events import Event


def project(tx: Transaction, event: Event) -> None:
    """Write what an event says into the fold; an event that says nothing to us writes nothing.

    Raise Malformed where a version of a draft does not have the hash its event gives it, or its base is not here.
    """
    if fold := FOLDS.get(event.type):
        fold(tx, event)


def _open_consultation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO consultation
           VALUES (%(consultation)s, %(draft)s, %(organisation)s, %(version)s, %(closes_at)s, %(visibility)s,
                   %(question)s, %(at)s, %(sequence)s, %(actor)s)""",
        of(event, "consultation", "draft", "organisation", "version", "closes_at", "visibility")
        | {"question": event.words("/data/question")},
    )


def _invite_participant(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    tx.execute(
        "INSERT INTO participant VALUES (%(consultation)s, %(organisation)s, %(id)s, %(sequence)s, %(at)s)",
        of(event, "consultation", "organisation"),
    )


def _submit_comment(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    suggestion = event.words("/data/suggestion")
    tx.execute(
        """INSERT INTO comment
           VALUES (%(comment)s, %(consultation)s, %(version)s, %(pointer)s, %(element)s, %(element_hash)s, %(kind)s,
                   %(words)s, %(suggestion)s, %(public)s, %(by)s, %(actor)s, %(at)s, %(sequence)s)""",
        of(event, "comment", "consultation", "version", "pointer", "element", "element_hash", "kind", "public")
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
        of(event, "comment", "disposition", "answered_in") | {"reason": event.words("/data/reason")},
    )


def _give_endorsement(tx: Transaction, event: Event) -> None:
    _reach(tx, event)
    tx.execute(
        """INSERT INTO endorsement
           VALUES (%(endorsement)s, %(consultation)s, %(organisation)s, %(actor)s, %(version)s, %(elements)s,
                   %(interest)s, %(statement)s, %(at)s, %(sequence)s)""",
        of(event, "endorsement", "consultation", "organisation", "version", "interest")
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
        of(event, "submission", "consultation", "version", "endorsements")
        | {"missing": None if missing is None else documents.canonical(missing).decode()},
    )


def _reach(tx: Transaction, event: Event) -> None:
    """Note how far the consultation's own events have come: its entity tag."""
    tx.execute(
        "UPDATE consultation SET sequence = %(sequence)s WHERE consultation_id = %(consultation)s",
        of(event, "consultation"),
    )


FOLDS: Mapping[str, Callable[[Transaction, Event], None]] = {
    "catalogue.draft.opened.v1": heard.open_draft,
    "catalogue.draft.revised.v1": heard.revise_draft,
    "catalogue.draft.submitted.v1": heard.submit_draft,
    "catalogue.draft.recalled.v1": heard.recall_draft,
    "catalogue.credential.published.v1": heard.publish,
    "accounts.organisation.registered.v1": heard.register_organisation,
    "accounts.organisation.changed.v1": heard.name_organisation,
    "accounts.organisation.confirmed.v1": heard.confirm_organisation,
    "accounts.person.joined.v1": heard.name_person,
    "accounts.person.changed.v1": heard.name_person,
    "accounts.person.invited.v1": heard.invite_person,
    "accounts.person.erased.v1": forgotten.forget_person,
    "audit.text.withheld.v1": forgotten.withhold_text,
    "codesign.consultation.opened.v1": _open_consultation,
    "codesign.participant.invited.v1": _invite_participant,
    "codesign.comment.submitted.v1": _submit_comment,
    "codesign.disposition.recorded.v1": _record_disposition,
    "codesign.endorsement.given.v1": _give_endorsement,
    "codesign.consultation.sealed.v1": _answer_submission,
    "codesign.consultation.unready.v1": _answer_submission,
}
