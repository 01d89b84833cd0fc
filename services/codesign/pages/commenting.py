"""Commenting on one part of a design: in place on the page of the consultation, or on a page of its own."""

import marshmallow as ma
from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.codesign import commands, reading
from services.codesign.pages.blueprint import anchor_of, language, pages, to_consultation
from services.codesign.schemas.incoming import Commenting
from services.kernel.http import idempotent, read_form, redisplay, require_actor, signed_in


class CommentForm(Commenting):
    """A comment as it is filled in; the `language` in which the design was read comes with it."""

    class Meta(Commenting.Meta):
        exclude = ("suggestion",)

    @ma.pre_load
    def leave_language(self, data: dict[str, object], **_: object) -> dict[str, object]:
        return {name: value for name, value in data.items() if name != "language"}


@pages.get("/consultations/<id:consultation_id>/comment")
@signed_in("reviewer", scope="consultation_id")
def comment_form(consultation_id: str) -> str:
    """The form that comments on one part (`?pointer=`)."""
    pointer = request.values.get("pointer", "")
    found = reading.one_part(require_actor(), consultation_id, pointer, language())
    return render_template("codesign/comment.html", language=language(), **found)


@pages.post("/consultations/<id:consultation_id>/comment")
@signed_in("reviewer", scope="consultation_id")
@redisplay(comment_form)
@idempotent
def submit_comment(consultation_id: str) -> ResponseReturnValue:
    """Record the comment, and go back to the part it is on."""
    event = commands.submit_comment(require_actor(), consultation_id, read_form(CommentForm))
    return to_consultation(consultation_id, "comment", anchor_of(event.data["element"]), of=event)
