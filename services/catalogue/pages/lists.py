"""Designs: the drafts of one's organisation, the published ones of all, and the page that opens a draft."""

import marshmallow as ma
from flask import render_template
from flask.typing import ResponseReturnValue

from services.catalogue import commands, examples
from services.catalogue.domain import policy
from services.catalogue.domain.acts import Opening
from services.catalogue.pages.blueprint import pages, to_desk
from services.catalogue.words import LANGUAGES
from services.kernel import ids
from services.kernel.errors import Invalid
from services.kernel.http import (
    PageQuery,
    Schema,
    current_actor,
    idempotent,
    public,
    read_form,
    read_query,
    redisplay,
    require_actor,
    signed_in,
)
from services.kernel.http.schemas import Choice, Text
from services.kernel.language import say

BLANK = "blank"


class NewDraft(Schema):
    """What to begin from, and the title of a draft that begins with an empty page."""

    begin = Choice([BLANK, *(example.name for example in examples.every())], required=True)
    title = Text(max=200)
    language = Choice(list(LANGUAGES), load_default="en")

    @ma.post_load
    def opening(self, data: dict[str, str], **_: object) -> Opening:
        """Make the wish of it."""
        if data["begin"] != BLANK:
            return Opening(examples.named(data["begin"]).document, example=data["begin"])
        if "title" not in data:
            raise ma.ValidationError("An empty page needs a title; you can change it later.", "title")
        return Opening({"title": {data["language"]: data["title"]}})


@pages.get("/")
@public
def designs() -> str:
    """The drafts of my organisation, and what was published last."""
    actor = current_actor()
    page = read_query(PageQuery)
    if page.after is not None and not ids.is_id(str(page.after)):
        raise Invalid(say("This address is not complete. Begin at the first page."))
    rows = commands.drafts(actor, page.after, page.limit + 1) if actor else []
    found = page.of([{"id": draft.id, "draft": draft} for draft in rows], key="id")
    writes = actor is not None and actor.scope is None and actor.has(*policy.STAFF)
    return render_template(
        "catalogue/designs.html", drafts=found, writes=writes, credentials=commands.credentials(None, 6)
    )


@pages.get("/new")
@signed_in(*policy.STAFF)
def new_draft() -> str:
    """The form that opens a draft."""
    return render_template("catalogue/new.html", examples=examples.every(), tongues=LANGUAGES)


@pages.post("/new")
@signed_in(*policy.STAFF)
@redisplay(new_draft)
@idempotent
def open_draft() -> ResponseReturnValue:
    """Open a draft."""
    event = commands.open_draft(require_actor(), read_form(NewDraft))
    return to_desk(event.subject, "opened")
