"""Bringing in a design from another system."""

from collections.abc import Callable
from typing import Any

import marshmallow as ma
from flask import request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from services.catalogue import commands, elm
from services.catalogue.api.blueprint import HERE, api
from services.catalogue.schemas import DOCUMENT
from services.kernel.http import Schema, idempotent, require_actor, signed_in

FILE = {"content": {"application/ld+json": {"schema": {"type": "object"}}}}


_reads_a_file: Callable[[Callable[..., Any]], Callable[..., Any]] = api.doc(requestBody=FILE)


class ImportQuery(Schema):
    """Whether only the report is wanted."""

    dry_run = fields.Boolean(load_default=False, metadata={"description": "Report only; no draft is opened."})


class ImportNote(Schema):
    """One entry of the report."""

    pointer = fields.String(required=True, metadata={"description": "Where in the file.", "example": "/issuer"})
    taken = fields.Boolean(required=True)
    sentence = fields.String(required=True)


class Imported(Schema):
    """What was taken from a file, what was not, and the draft that was opened (null in a dry run)."""

    draft = fields.String(required=True, allow_none=True)
    document = fields.Dict(required=True, metadata=DOCUMENT)
    report = fields.List(fields.Nested(ImportNote), required=True, validate=ma.validate.Length(max=elm.NOTES))


@api.route("/imports", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@_reads_a_file
@api.arguments(ImportQuery, location="query")
@api.response(201, Imported)
def import_elm(wish: dict[str, Any]) -> ResponseReturnValue:
    """Open a draft from a file of the European Learning Model (JSON-LD); with `dry_run` 200 and the report only."""
    body = request.get_data(cache=True)
    if wish["dry_run"]:
        document, notes = elm.read(body)
        return {"draft": None, "document": document, "report": notes}, 200
    event, notes = commands.import_elm(require_actor(), body)
    told = {"draft": event.subject, "document": event.data["document"], "report": notes}
    return told, 201, {"Location": f"{HERE}/drafts/{event.subject}", "ETag": '"1"'}
