"""What the pages of the record take in their addresses."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.audit.moments import Point
from services.kernel import clock
from services.kernel.http import Schema

LARGEST = 2**53
DAY, MINUTE = len("2026-03-01"), len("2026-03-01T09:30")


class PointField(fields.Field[Point]):
    """A point of the record: the number of an entry, or a moment. A day is its end; what has no zone is UTC."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's shape
        "point": "This must be the number of an entry, or a moment like 2026-03-01T09:30."
    }

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Point:  # noqa: ARG002
        try:
            return _number(value) if value.isascii() and value.isdigit() else _moment(value)
        except (ValueError, TypeError, OverflowError) as problem:
            raise self.make_error("point") from problem


class TravelQuery(Schema):
    """`?at=` as of which point; `?step=` which moment of the story instead, counted from 1."""

    at = PointField(load_default=None)
    step = fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, LARGEST, error="The moments of a story are counted from 1."),
    )


class CompareQuery(Schema):
    """`?from=` and `?to=`: the two points; the last entry where `to` is not said."""

    first = PointField(data_key="from", required=True)
    second = PointField(data_key="to", load_default=None)


def _number(text: str) -> int:
    if int(text[:20]) > LARGEST:
        raise ValueError(text)
    return int(text)


def _moment(text: str) -> datetime:
    if len(text) == DAY:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1)
    if MINUTE <= len(text) <= MINUTE + 3 and "Z" not in text:  # as browsers write a moment: no zone
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    return clock.parse(text).astimezone(UTC)
