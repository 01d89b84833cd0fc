"""Answering a comment: a disposition with its reason (R5). A later one replaces the earlier; both stay on record."""

from dataclasses import dataclass
from typing import Any

from services.codesign.domain.consultation import Consultation
from services.kernel.errors import Invalid
from services.kernel.events import Actor, Fact
from services.kernel.language import say

DISPOSITIONS = (
    "accepted",
    "accepted_with_changes",
    "rejected",
    "out_of_scope",
    "duplicate",
    "deferred",
    "withdrawn",
)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as the rules see it: whose it is, and on which version it was made."""

    id: str
    consultation: str
    organisation: str
    version: int


@dataclass(frozen=True, slots=True)
class NewDisposition:
    """The wish to answer a comment; `answered_in` is the number of the version that carries the change."""

    disposition: str
    reason: str
    answered_in: int | None = None


def dispose(consultation: Consultation, comment: Comment, actor: Actor, wish: NewDisposition) -> Fact:
    """Return the disposition of a comment."""
    consultation.check_changeable()
    data: dict[str, Any] = {
        "consultation": consultation.id,
        "comment": comment.id,
        "disposition": wish.disposition,
        "reason": wish.reason,
    }
    if wish.answered_in is not None:
        data["answered_in"] = _later(consultation, comment, wish.answered_in)
    return Fact("codesign.disposition.recorded.v1", consultation.id, data, actor)


def _later(consultation: Consultation, comment: Comment, version: int) -> int:
    if not comment.version < version <= consultation.newest:
        raise Invalid(
            say("This version cannot carry the change."),
            fields={
                "/answered_in": [
                    say(
                        "The comment was made on version {version}, and the newest is {newest}. Name a version "
                        "between them, or none.",
                        version=comment.version,
                        newest=consultation.newest,
                    )
                ]
            },
        )
    return version
