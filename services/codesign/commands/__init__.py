"""What can be done in co-design: one function each, a file for each story."""

from services.codesign.commands.answering import record_disposition
from services.codesign.commands.commenting import submit_comment
from services.codesign.commands.endorsing import endorse
from services.codesign.commands.hearing import hear_of_draft, hear_of_erasure, hear_of_invited_person
from services.codesign.commands.opening import Invitation, invite_organisation, open_consultation

__all__ = [
    "Invitation",
    "endorse",
    "hear_of_draft",
    "hear_of_erasure",
    "hear_of_invited_person",
    "invite_organisation",
    "open_consultation",
    "record_disposition",
    "submit_comment",
]
