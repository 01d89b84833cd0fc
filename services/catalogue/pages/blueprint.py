"""The blueprint of the catalogue's pages, and what all its templates can say."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from services.catalogue import sheet, skills, words
from services.kernel.documents import Document
from services.kernel.http import PageBlueprint, Schema, read_form, url
from services.kernel.http.schemas import Id, Text

pages = PageBlueprint("catalogue", "services.catalogue")


class Saving(Schema):
    """What every form of a draft says besides its own words: the version it was made on, why, what it answers."""

    class Meta:
        unknown = ma.EXCLUDE

    version = fields.Integer(required=True)
    summary = Text(max=500, lines=True, load_default=None)
    answers = fields.List(
        Id(), load_default=list, validate=ma.validate.Length(max=200, error="A version answers at most 200 comments.")
    )


def saving() -> Mapping[str, Any]:
    """Read the form of a draft: `version`, `summary`, `answers`."""
    found: Mapping[str, Any] = read_form(Saving)
    return found


def to_desk(draft_id: str, done: str, at: str = "") -> ResponseReturnValue:
    """Go to the desk, and say there what was done; `at` is the part of the page to look at."""
    return redirect(url("catalogue.desk", draft_id=draft_id, done=done) + (f"#{at}" if at else ""), 303)


@pages.context_processor
def vocabulary() -> dict[str, Any]:
    """Let every template of the catalogue speak of designs."""
    return {
        "title_of": sheet.title,
        "first_of": sheet.first,
        "spoken_of": sheet.spoken,
        "language_name": words.language,
        "status_of": words.status,
        "missing_of": words.missing,
        "names": words.NAMES,
        "anchor_of": anchor_of,
        "skill_label": skills.label,
        "reading_in": None,
    }


def reading(document: Document) -> dict[str, Any]:
    """Say what a page needs to show a design in the language asked for (`?language=`), else in its first."""
    skills.remember(document)
    choices = sheet.spoken(document.get("title") or {"en": ""})
    asked = request.args.get("language", "")
    chosen = asked if asked in choices else choices[0]
    return {"parts": sheet.parts(document, chosen), "reading_in": chosen, "reading_choices": choices}


def anchor_of(pointer: str) -> str:
    """Return the name of an element's place on a page."""
    return "-".join(pointer.split("/")[1:3])
