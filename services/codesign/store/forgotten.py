"""How words leave the rows: those of a person who was erased, and single texts that were withheld.

What comes later comes without its words (kernel/erasures.py), so the order between subjects does not matter.
"""

from collections.abc import Mapping

from services.kernel.db import Transaction
from services.kernel.events import Event

BY_PERSON = (
    "UPDATE person SET display_name = NULL WHERE person_id = %(person)s",
    "UPDATE consultation SET question = NULL WHERE opened_by = %(person)s",
    "UPDATE comment SET words = NULL, suggestion = NULL WHERE person_id = %(person)s",
    "UPDATE disposition SET reason = NULL WHERE person_id = %(person)s",
    "UPDATE endorsement SET statement = NULL WHERE person_id = %(person)s",
)
_NAME = "UPDATE person SET display_name = NULL WHERE person_id = %(subject)s AND sequence = %(sequence)s"
_COMMENT = "WHERE consultation_id = %(subject)s AND sequence = %(sequence)s"
BY_TEXT: Mapping[tuple[str, str], str] = {
    ("accounts.person.joined.v1", "/data/display_name"): _NAME,
    ("accounts.person.changed.v1", "/data/display_name"): _NAME,
    ("codesign.consultation.opened.v1", "/data/question"): """UPDATE consultation SET question = NULL
        WHERE consultation_id = %(subject)s""",
    ("codesign.comment.submitted.v1", "/data/text"): f"UPDATE comment SET words = NULL {_COMMENT}",
    ("codesign.comment.submitted.v1", "/data/suggestion"): f"UPDATE comment SET suggestion = NULL {_COMMENT}",
    ("codesign.disposition.recorded.v1", "/data/reason"): """UPDATE disposition SET reason = NULL
        WHERE sequence = %(sequence)s
          AND comment_id IN (SELECT comment_id FROM comment WHERE consultation_id = %(subject)s)""",
    ("codesign.endorsement.given.v1", "/data/statement"): f"UPDATE endorsement SET statement = NULL {_COMMENT}",
}


def forget_person(tx: Transaction, event: Event) -> None:
    """A person was erased: their name and their words go. A design document that took their words up stays."""
    for statement in BY_PERSON:
        tx.execute(statement, {"person": event.subject})


def withhold_text(tx: Transaction, event: Event) -> None:
    """One text was withheld."""
    about = event.data["about"]
    if statement := BY_TEXT.get((about["type"], event.data["pointer"])):
        tx.execute(statement, about)
