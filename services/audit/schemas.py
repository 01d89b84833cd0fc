"""What may be asked of the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.audit.domain.withholding import GROUNDS
from services.audit.telling.timeline import Wish
from services.audit.words.vocabulary import TOPICS
from services.kernel import clock
from services.kernel.http import Page, PageQuery, Schema
from services.kernel.http.schemas import Choice, Id, Pointer

LARGEST = 2**53
PLAIN = r"^[^\x00-\x1f\x7f]{1,400}$"  # what no attribute of an event can hold is no question either


@dataclass(frozen=True, slots=True)
class Asked(Page):
    """A page of the timeline, and which entries are asked for."""

    wish: Wish = field(default_factory=Wish)


def in_utc(text: str) -> datetime:
    """Read a moment with its zone (RFC 3339); what lies beyond the calendar in UTC is its first moment, or its last."""
    moment = clock.parse(text.upper())
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        end = datetime.min if moment.year == 1 else datetime.max
        return end.replace(tzinfo=UTC)


class Moment(fields.Field[datetime]):
    """A moment with its zone, or a day: the beginning of it in UTC, or with `until` its end."""

    default_error_messages = {"moment": "This must be a day, like 2026-03-01."}  # noqa: RUF012  # marshmallow's shape

    def __init__(self, *, until: bool = False, **rest: Any) -> None:
        forms = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
        super().__init__(metadata={"anyOf": forms, **rest.pop("metadata", {})}, **rest)
        self.until = until

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        try:
            if isinstance(value, str) and len(value) == len("2026-03-01"):
                day = datetime.fromisoformat(value).replace(tzinfo=UTC)
                return day + timedelta(days=1, microseconds=-1) if self.until else day
            return in_utc(value)
        except (ValueError, TypeError, OverflowError) as problem:
            raise self.make_error("moment") from problem


class Point(fields.Field[int | datetime]):
    """A point of the record: the number of an entry, or a moment with its zone."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's shape
        "point": "This must be the number of an entry, or a moment with its time zone, like 2026-03-01T09:30:00Z."
    }

    def __init__(self, **rest: Any) -> None:
        forms = [{"type": "string", "pattern": "^[0-9]{1,15}$"}, {"type": "string", "format": "date-time"}]
        super().__init__(metadata={"anyOf": forms, **rest.pop("metadata", {})}, **rest)

    def _deserialize(
        self,
        value: Any,
        attr: str | None,  # noqa: ARG002  # the field's signature
        data: Mapping[str, Any] | None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> int | datetime:
        try:
            if value.isascii() and value.isdigit() and len(value) < len(str(LARGEST)):
                return int(value)
            return in_utc(value)
        except (ValueError, TypeError, AttributeError, OverflowError) as problem:
            raise self.make_error("point") from problem


class TimelineQuery(PageQuery):
    """Which entries. Loads to `Asked`."""

    about = Choice(
        [*TOPICS], metadata={"description": "A topic: several types of entries together.", "example": "comments"}
    )
    type = fields.String(
        validate=ma.validate.Regexp(PLAIN),
        metadata={"description": "One type of entries.", "example": "codesign.comment.submitted.v1"},
    )
    subject = fields.String(
        validate=ma.validate.Regexp(PLAIN),
        metadata={
            "description": "The aggregate it is about: the id of a design, a consultation, an organisation, a person.",
            "example": "019b5a52-7f4e-7c6e-9d2f-3f5a3c1d2e4b",
        },
    )
    design = Id(metadata={"description": "A design, with the consultations on it."})
    organisation = Id(metadata={"description": "The organisation that was acted for."})
    actor = Id(metadata={"description": "The person who acted."})
    since = Moment(metadata={"description": "From this day (UTC), or moment, on.", "example": "2026-03-01"})
    until = Moment(
        until=True,
        metadata={"description": "Up to the end of this day (UTC), or before this moment.", "example": "2026-03-31"},
    )
    order = Choice(["newest", "oldest"], load_default="newest", metadata={"description": "Which come first."})

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
            **{name: data.get(name) for name in ("subject", "design", "organisation", "actor", "since", "until")},
        )
        return Asked(page.limit, page.after, wish)


class StateQuery(Schema):
    """`?at=`: as of which point of the record."""

    at = Point(
        metadata={
            "description": "The number of an entry, or a moment in time, which means the largest tree under a "
            "checkpoint that had been co-signed by then; the answer says which. The last entry by default.",
            "example": "57",
        },
    )


class TraceQuery(StateQuery):
    """Of which element, or of which comment; of the whole design by default."""

    element = Pointer(
        metadata={
            "description": "Back from an element: all that was said of it, and all that changed it.",
            "example": "/outcomes/lo-store",
        },
    )
    comment = Id(metadata={"description": "Forward from a comment: what became of it."})


class ProofQuery(Schema):
    """`?size=`: in which tree."""

    size = fields.Integer(
        validate=ma.validate.Range(1, LARGEST, error="A tree with an entry in it has a size from 1 on."),
        metadata={"description": "In the tree of this size; by default, of the newest published checkpoint."},
    )


class ConsistencyQuery(Schema):
    """`?from=` and `?to=`: the sizes of two trees."""

    old = fields.Integer(
        data_key="from",
        required=True,
        validate=ma.validate.Range(1, LARGEST, error="Every tree continues the empty one: ask from size 1 on."),
        metadata={"description": "The size of the earlier tree: the one you kept.", "example": 1},
    )
    new = fields.Integer(
        data_key="to",
        validate=ma.validate.Range(1, LARGEST, error="A tree with an entry in it has a size from 1 on."),
        metadata={"description": "The size of the later tree; the whole record by default."},
    )


class TextQuery(Schema):
    """One text beside an entry, by its place there."""

    entry = fields.Integer(required=True, validate=ma.validate.Range(0, LARGEST), metadata={"example": 57})
    pointer = Pointer(required=True, metadata={"example": "/data/text"})


class Proposing(Schema):
    """Why a text should be withheld."""

    ground = Choice(GROUNDS, required=True)


class NewProposal(TextQuery, Proposing):
    """That a text be withheld, and why."""


class Agreement(Schema):
    """That somebody has read a text and decides about it."""

    read = Choice(["yes"], required=True, error_messages={"required": "Please read the text, and tick this."})
