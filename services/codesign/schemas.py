"""What may come in through the doors of co-design, and what goes out."""

from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.codesign.domain.answering import DISPOSITIONS, NewDisposition
from services.codesign.domain.commenting import KINDS, NewComment
from services.codesign.domain.endorsing import INTERESTS, MOST_ELEMENTS, NewEndorsement
from services.codesign.domain.opening import VISIBILITIES, NewConsultation
from services.codesign.domain.suggesting import OPERATIONS
from services.kernel.http.schemas import Choice, Id, Listing, Moment, Pointer, Schema, Text

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


class Organisation(Schema):
    """An organisation: `standing` is only claimed where it is not `confirmed`."""

    id = fields.String(required=True)
    name = fields.String(allow_none=True)
    standing = fields.String(allow_none=True)
    confirmed = fields.Boolean()


class Provider(Schema):
    """Who designs."""

    id = fields.String(required=True)
    name = fields.String(allow_none=True)


class Participant(Schema):
    """An invited organisation and how much it has said."""

    organisation = fields.Nested(Organisation, required=True)
    invited_at = Moment()
    people = fields.Integer(metadata={"description": "How many people there were invited by address."})
    comments = fields.Integer()
    endorsed = fields.Boolean()


class Consultation(Schema):
    """A consultation as the one who asks may see it."""

    id = fields.String(required=True)
    draft = fields.String(required=True)
    title = fields.String(required=True)
    provider = fields.Nested(Provider, required=True)
    question = fields.String(allow_none=True)
    opened_on = fields.Integer(metadata={"description": "The version it was opened on."})
    version = fields.Integer(metadata={"description": "The version under consultation: the newest."})
    opened_at = Moment()
    closes_at = Moment()
    published_at = Moment(allow_none=True)
    visibility = fields.String()
    status = fields.String(metadata={"enum": ["open", "closed", "sealed", "published"]})
    side = fields.String(metadata={"enum": ["provider", "reviewer", "auditor"]})
    open_comments = fields.Integer(allow_none=True)
    waits_for = fields.String(allow_none=True, metadata={"enum": ["review", "endorsement", "answers", None]})


class ConsultationDetail(Consultation):
    """One consultation, with those who take part where that is shown."""

    participants = fields.List(fields.Nested(Participant), allow_none=True)


class Consultations(Listing):
    """A page of consultations, newest first."""

    items = fields.List(fields.Nested(Consultation))


class Disposition(Schema):
    """What became of a comment, and why; `reason` is null where the words were erased."""

    disposition = fields.String()
    reason = fields.String(allow_none=True)
    answered_in = fields.Integer(allow_none=True)
    made_at = Moment()


class Voice(Schema):
    """Something that was said, with whose it is as far as the one who asks may know."""

    id = fields.String(required=True)
    organisation = fields.Nested(Organisation, allow_none=True)
    person = fields.String(allow_none=True)
    mine = fields.Boolean()
    made_at = Moment()
    version = fields.Integer()


class Comment(Voice):
    """A comment. `text` is null where the words were erased; `changed` where its element is other now."""

    consultation = fields.String()
    pointer = fields.String()
    element = fields.String()
    kind = fields.String()
    text = fields.String(allow_none=True)
    suggestion = fields.Raw(allow_none=True)
    public = fields.Boolean()
    changed = fields.Boolean()
    gone = fields.Boolean(metadata={"description": "The newest version has no such element any more."})
    named_in = fields.List(fields.Integer(), metadata={"description": "Versions that say they answer it."})
    disposition = fields.Nested(Disposition, allow_none=True)


class Comments(Listing):
    """A page of comments, oldest first."""

    items = fields.List(fields.Nested(Comment))


class Endorsement(Voice):
    """An endorsement: `stale` where what it covers is other now, `replaced` by a newer one of the organisation."""

    elements = fields.Dict(keys=fields.String(), values=fields.String())
    whole = fields.Boolean()
    interest = fields.String()
    statement = fields.String(allow_none=True)
    replaced = fields.Boolean()
    stale = fields.Boolean()
    counts = fields.Boolean(metadata={"description": "It counts for the seal as things stand."})


class Endorsements(Schema):
    """Every endorsement that the one who asks may see."""

    items = fields.List(fields.Nested(Endorsement))


class Missing(Schema):
    """One thing that the seal waits for."""

    code = fields.String(required=True)
    comments = fields.List(fields.String())


class LastAnswer(Schema):
    """What the newest submission was answered."""

    submission = fields.String()
    version = fields.Integer()
    sealed = fields.Boolean()
    missing = fields.List(fields.Nested(Missing))
    made_at = Moment()
    recalled_at = Moment(allow_none=True)


class Readiness(Schema):
    """What the version under consultation lacks for the seal."""

    version = fields.Integer()
    sealed = fields.Boolean()
    ready = fields.Boolean()
    missing = fields.List(fields.Nested(Missing))
    endorsements = fields.List(fields.String(), metadata={"description": "Those that count."})
    last_answer = fields.Nested(LastAnswer, allow_none=True)


class Document(Schema):
    """A version of the design, with the hash of each element by its pointer."""

    version = fields.Integer()
    document_hash = fields.String()
    document = fields.Raw()
    elements = fields.Dict(keys=fields.String(), values=fields.String())


class VersionQuery(Schema):
    """Which version is asked for: the newest, where it is left out."""

    version = number(load_default=None)
