"""What goes out of the inbox's doors, and what may come in."""

from marshmallow import fields

from services.kernel.http.schemas import Id, Listing, Moment, Schema


class Notice(Schema):
    """One line of the inbox."""

    notice = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "The type of the event told of."})
    event = fields.String(required=True, metadata={"description": "The event told of."})
    text = fields.String(required=True, metadata={"description": "What happened, in one sentence."})
    link = fields.String(required=True, metadata={"description": "The page where something can be done about it."})
    time = Moment(required=True, metadata={"description": "When it happened."})
    read_at = Moment(required=True, allow_none=True, metadata={"description": "null: it is new."})


class Inbox(Listing):
    """A page of the inbox: what is new first, each part newest first."""

    unread = fields.Integer(required=True, metadata={"description": "How many are new in the whole inbox."})
    items = fields.List(fields.Nested(Notice), required=True)


class Until(Schema):
    """Up to which notice, the newest that was seen."""

    until = Id(required=True)
