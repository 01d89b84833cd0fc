"""What may come in through the doors of co-design: each loads to the wish of a command."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.codesign.domain.answering import DISPOSITIONS, NewDisposition
from services.codesign.domain.commenting import KINDS, NewComment
from services.codesign.domain.endorsing import INTERESTS, MOST_ELEMENTS, NewEndorsement
from services.codesign.domain.opening import VISIBILITIES, NewConsultation
from services.codesign.domain.suggesting import OPERATIONS
from services.kernel.http.schemas import Choice, Id, Moment, Pointer, Schema, Text

MOST_INVITED = 200
MOST_OPERATIONS = 500


def number(**how: Any) -> fields.Integer:
    """A version number, from 1."""
    range = ma.validate.Range(1, 2**31 - 1, error="This must be a version number, from 1.")
    return fields.Integer(strict=False, validate=range, **how)


class Opening(Schema):
    """A consultation to be opened."""

    draft = Id(required=True)
    version = number(metadata={"description": "The newest, where it is left out."})
    closes_at = Moment(required=True)
    organisations = fields.List(Id(), load_default=list, validate=ma.validate.Length(max=MOST_INVITED))
    visibility = Choice(VISIBILITIES, load_default=VISIBILITIES[0])
    question = Text(max=1000, lines=True)

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewConsultation:
        return NewConsultation(**data | {"organisations": tuple(data["organisations"])})


class Invitee(Schema):
    """An organisation to be invited."""

    organisation = Id(required=True)


class Operation(Schema):
    """One operation of a JSON Patch (RFC 6902)."""

    op = Choice(OPERATIONS, required=True)
    path = fields.String(required=True, validate=ma.validate.Length(max=400))
    source = fields.String(data_key="from", validate=ma.validate.Length(max=400))
    value = fields.Raw(allow_none=True)

    @ma.post_load
    def operation(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {"from" if name == "source" else name: value for name, value in data.items()}


class Commenting(Schema):
    """A comment on one place of a version, with or without a suggestion."""

    pointer = Pointer(required=True)
    kind = Choice(KINDS, required=True)
    text = Text(required=True, max=5000, lines=True)
    public = fields.Boolean(load_default=False)
    version = number(metadata={"description": "The newest, where it is left out."})
    wording = Text(max=5000, lines=True, metadata={"description": "What should stand there instead, in plain words."})
    suggestion = fields.List(
        fields.Nested(Operation),
        validate=ma.validate.Length(1, MOST_OPERATIONS),
        metadata={"description": "The same as a JSON Patch (RFC 6902) of the whole document that begins with a test."},
    )

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewComment:
        return NewComment(**data)


class Answering(Schema):
    """A disposition of a comment."""

    disposition = Choice(DISPOSITIONS, required=True)
    reason = Text(required=True, max=5000, lines=True)
    answered_in = number(metadata={"description": "The version that carries the change."})

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewDisposition:
        return NewDisposition(**data)


class Endorsing(Schema):
    """An endorsement of the whole design, or of the elements named."""

    interest = Choice(INTERESTS, required=True)
    elements = fields.List(
        Pointer(),
        validate=ma.validate.Length(max=MOST_ELEMENTS),
        metadata={"description": "Pointers of elements; the whole design, where it is left out."},
    )
    version = number(metadata={"description": "The newest, where it is left out."})
    statement = Text(max=2000, lines=True)

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewEndorsement:
        elements = tuple(data["elements"]) if "elements" in data else None
        return NewEndorsement(**data | {"elements": elements})


class VersionQuery(Schema):
    """Which version is asked for: the newest, where it is left out."""

    version = number(load_default=None)
