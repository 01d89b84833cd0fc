"""How words leave the rows: those of a person who was erased, and single texts that were withheld.

What comes later comes without its words (kernel/erasures.py), so the order between subjects does not matter.
The document of a design is never personal: it stays.
"""

from collections.abc import Mapping

from services.kernel.db import Transaction
from services.kernel.events import Event

BY_PERSON = (
    "UPDATE suggestion SET patch = NULL WHERE author = %(person)s",
    "UPDATE person SET display_name = NULL WHERE person_id = %(person)s",
    "UPDATE version SET summary = NULL WHERE author = %(person)s",
    "UPDATE submission SET recall_reason = NULL WHERE recalled_by = %(person)s",
)
_NAME = "UPDATE person SET display_name = NULL WHERE person_id = %(subject)s AND name_sequence = %(sequence)s"
BY_TEXT: Mapping[tuple[str, str], str] = {
    ("codesign.comment.submitted.v1", "/data/suggestion"): """UPDATE suggestion SET patch = NULL
        WHERE stream = %(subject)s AND sequence = %(sequence)s""",
    ("accounts.person.joined.v1", "/data/display_name"): _NAME,
    ("accounts.person.changed.v1", "/data/display_name"): _NAME,
    ("catalogue.draft.revised.v1", "/data/summary"): """UPDATE version SET summary = NULL
        WHERE draft_id = %(subject)s AND sequence = %(sequence)s""",
    ("catalogue.draft.recalled.v1", "/data/reason"): """UPDATE submission SET recall_reason = NULL
        WHERE draft_id = %(subject)s AND recall_sequence = %(sequence)s""",
}


def forget_person(tx: Transaction, event: Event) -> None:
    """A person was erased: their name, and what they wrote beside versions."""
    for statement in BY_PERSON:
        tx.execute(statement, {"person": event.subject})


def withhold_text(tx: Transaction, event: Event) -> None:
    """One text was withheld."""
    about = event.data["about"]
    if statement := BY_TEXT.get((about["type"], event.data["pointer"])):
        tx.execute(statement, about)
