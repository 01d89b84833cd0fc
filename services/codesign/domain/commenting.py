"""Commenting on one element of a version, with or without a suggestion of other words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.codesign.domain import suggesting
from services.codesign.domain.consultation import Consultation, Version
from services.kernel import documents
from services.kernel.documents import Patch
from services.kernel.errors import Invalid
from services.kernel.events import Actor, Fact
from services.kernel.language import say

KINDS = ("question", "concern", "praise", "error", "demand")


@dataclass(frozen=True, slots=True)
class NewComment:
    """The wish to comment on a place of a version (None: the newest).

    `wording` is what a layman would write there instead; `suggestion` the same as an RFC 6902 patch. `public` is the
    consent to show the comment with the organisation's name in the public record.
    """

    pointer: str
    kind: str
    text: str
    public: bool = False
    version: int | None = None
    wording: str | None = None
    suggestion: Patch | None = None


def comment(
    consultation: Consultation, version: Version | None, actor: Actor, wish: NewComment, *, id: str, now: datetime
) -> Fact:
    """Return the comment, anchored to the element and its hash; `id` becomes its own."""
    consultation.check_takes_comments_at(now)
    version = consultation.check_reached(version)
    element = _element(version, wish.pointer)
    data: dict[str, Any] = {
        "consultation": consultation.id,
        "comment": id,
        "draft": consultation.draft,
        "version": version.number,
        "document_hash": version.hash,
        "pointer": wish.pointer,
        "element": element,
        "element_hash": documents.digest(documents.at(version.document, element)),
        "kind": wish.kind,
        "text": wish.text,
        "public": wish.public,
    }
    if (suggestion := _suggestion(version, element, wish)) is not None:
        data["suggestion"] = list(suggestion)
    return Fact("codesign.comment.submitted.v1", consultation.id, data, actor)


def _element(version: Version, pointer: str) -> str:
    element = documents.element_of(version.document, pointer) if all(pointer.split("/")[1:]) else None
    if element is None:
        raise Invalid(
            say("The design has no such place."),
            fields={
                "/pointer": [
                    say(
                        "Version {number} has nothing at {pointer}. Choose an element that is there.",
                        number=version.number,
                        pointer=pointer,
                    )
                ]
            },
        )
    return element


def _suggestion(version: Version, element: str, wish: NewComment) -> Patch | None:
    if wish.wording and wish.suggestion is not None:
        raise Invalid(
            say("Suggest one change at a time."),
            fields={"/suggestion": [say("Send either new wording or a patch, not both.")]},
        )
    if wish.wording:
        return suggesting.rewording(version.document, wish.pointer, wish.wording)
    if wish.suggestion is not None:
        return suggesting.checked(version.document, element, wish.suggestion)
    return None
