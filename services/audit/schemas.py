"""What may be asked of the record, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.audit.timeline import Wish
from services.audit.words.vocabulary import TOPICS
from services.kernel import clock
from services.kernel.http import Listing, Page, PageQuery, Schema
from services.kernel.http.schemas import Choice, Id


@dataclass(frozen=True, slots=True)
class Asked(Page):
    """A page of the timeline, and which entries are asked for."""

    wish: Wish = field(default_factory=Wish)


class Moment(fields.Field[datetime]):
    """A moment with its zone, or a day: the beginning of it in UTC, or with `until` its end."""

    default_error_messages = {"moment": "This must be a day, like 2026-03-01."}  # noqa: RUF012  # marshmallow's shape

    def __init__(self, *, until: bool = False, **rest: Any) -> None:
        super().__init__(metadata={"format": "date", "type": "string", **rest.pop("metadata", {})}, **rest)
        self.until = until

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        try:
            if isinstance(value, str) and len(value) == len("2026-03-01"):
                return datetime.fromisoformat(value).replace(tzinfo=UTC) + timedelta(days=1 if self.until else 0)
            return clock.parse(value).astimezone(UTC)
        except (ValueError, TypeError, OverflowError) as problem:
            raise self.make_error("moment") from problem


class TimelineQuery(PageQuery):
    """Which entries: an empty parameter is not asked about. Loads to `Asked`."""

    about = Choice([*TOPICS], metadata={"description": "A topic: several types of entries together."})
    type = fields.String(
        validate=ma.validate.Length(max=200), metadata={"description": "One type, like codesign.comment.submitted.v1."}
    )
    subject = fields.String(
        validate=ma.validate.Length(max=400), metadata={"description": "What it is about: a design, a consultation ..."}
    )
    organisation = Id(metadata={"description": "The organisation that was acted for."})
    actor = Id(metadata={"description": "The person who acted."})
    since = Moment(metadata={"description": "From this day, or moment, on."})
    until = Moment(until=True, metadata={"description": "Up to the end of this day, or before this moment."})
    order = Choice(["newest", "oldest"], load_default="newest", metadata={"description": "Which come first."})

    @ma.pre_load
    def leave_empty(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}

    @ma.post_load
    def page(self, data: dict[str, Any], **rest: Any) -> Asked:
        page = super().page(data, **rest)
        types = [data["type"]] if "type" in data else None
        if "about" in data:
            topic = TOPICS[data["about"]][1]
            types = [type for type in topic if types is None or type in types]
        wish = Wish(
            types=types,
            oldest_first=data["order"] == "oldest",
            **{name: data.get(name) for name in ("subject", "organisation", "actor", "since", "until")},
        )
        return Asked(page.limit, page.after, wish)


class StoryQuery(Schema):
    """`?at=`: as of which entry."""

    at = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=ma.validate.Range(0, 2**53, error="This must be the number of an entry."),
        metadata={"description": "The number of an entry; the last one by default."},
    )

    @ma.pre_load
    def leave_empty(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value != ""}


class RecordAnswer(Schema):
    """The record as a whole."""

    size = fields.Integer(metadata={"description": "How many entries it has."})
    root = fields.String(metadata={"description": "Root of the RFC 6962 tree over them, in hexadecimal."})


class EntryLine(Schema):
    """One entry of the timeline."""

    idx = fields.Integer(metadata={"description": "Its number in the record, from 0."})
    event = fields.String(metadata={"description": "The id of its event."})
    type = fields.String()
    source = fields.String()
    subject = fields.String()
    sequence = fields.Integer()
    organisation = fields.String(allow_none=True)
    actor = fields.String()
    time = fields.DateTime()
    said = fields.String(metadata={"description": "The entry in words."})
    words = fields.String(allow_none=True, metadata={"description": "What was said with it, where you may read it."})
    erased = fields.Boolean(metadata={"description": "Whether what was said with it was erased."})
    design = fields.String(allow_none=True, metadata={"description": "The design whose story it is a part of."})


class Entries(Listing):
    """A page of the timeline."""

    items = fields.List(fields.Nested(EntryLine))


class PrivateLine(Schema):
    """A private value that an entry commits to."""

    pointer = fields.String()
    commitment = fields.String()
    state = fields.String(metadata={"enum": ["kept", "erased", "changed"]})
    value = fields.Raw(allow_none=True)


class EntryDetail(EntryLine):
    """One entry with all that is kept of it."""

    body = fields.String(metadata={"description": "The very bytes: leaf is SHA-256 of 0x00 and these, in UTF-8."})
    leaf = fields.String()
    fits = fields.Boolean(metadata={"description": "Whether the bytes make that leaf hash."})
    entered_at = fields.DateTime()
    position = fields.Integer(allow_none=True)
    private = fields.List(fields.Nested(PrivateLine))


class VersionLine(Schema):
    """One version of a design."""

    number = fields.Integer()
    entry = fields.Integer()
    time = fields.DateTime()
    stated_hash = fields.String()
    found_hash = fields.String(allow_none=True)
    whole = fields.Boolean(metadata={"description": "Whether the document made again has the hash its entry states."})
    problem = fields.String(allow_none=True)


class CommentLine(Schema):
    """One comment, and what became of it."""

    id = fields.String()
    entry = fields.Integer()
    organisation = fields.String(allow_none=True)
    element = fields.String()
    version = fields.Integer()
    kind = fields.String()
    text = fields.String(allow_none=True)
    disposition = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class EndorsementLine(Schema):
    """One endorsement."""

    id = fields.String()
    entry = fields.Integer()
    organisation = fields.String()
    version = fields.Integer()
    interest = fields.String()
    elements = fields.Dict(keys=fields.String(), values=fields.String())
    stands = fields.Boolean(metadata={"description": "Whether all it covers is unchanged in the newest version."})


class ConsultationLine(Schema):
    """One consultation."""

    id = fields.String()
    version = fields.Integer()
    visibility = fields.String()
    closes_at = fields.DateTime(allow_none=True)
    participants = fields.List(fields.String())
    comments = fields.List(fields.Nested(CommentLine))
    endorsements = fields.List(fields.Nested(EndorsementLine))
    sealed = fields.Boolean()


class StoryAnswer(Schema):
    """A design and its consultations as they were after an entry."""

    id = fields.String()
    at = fields.Integer()
    previous = fields.Integer(allow_none=True)
    next = fields.Integer(allow_none=True)
    title = fields.String()
    provider = fields.String(allow_none=True)
    version = fields.Integer(allow_none=True)
    document = fields.Dict(allow_none=True)
    published = fields.Boolean()
    versions = fields.List(fields.Nested(VersionLine))
    consultations = fields.List(fields.Nested(ConsultationLine))
    entries = fields.List(fields.Integer())
