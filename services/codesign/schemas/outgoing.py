"""What goes out through the doors of co-design, as the one who asks may see it."""

from marshmallow import fields

from services.kernel.http.schemas import Listing, Moment, Schema


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
