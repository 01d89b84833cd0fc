"""What the pages of the record take in their addresses."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.audit.schemas import LARGEST, Point
from services.kernel import clock
from services.kernel.http import Schema
from services.kernel.http.schemas import Id, Pointer

DAY, MINUTE = len("2026-03-01"), len("2026-03-01T09:30")


class PagePoint(Point):
    """A point as people write it: also a day, or a minute without its zone, which is UTC; the end of it is meant."""

    default_error_messages = {  # noqa: RUF012  # marshmallow's shape
        "point": "This must be the number of an entry, or a moment like 2026-03-01T09:30."
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> int | datetime:
        try:
            value = _with_zone(value)
        except (ValueError, OverflowError) as problem:
            raise self.make_error("point") from problem
        return super()._deserialize(value, attr, data, **kwargs)


class TravelQuery(Schema):
    """`?at=` as of which point; `?step=` which moment of the story instead, counted from 1."""

    at = PagePoint(load_default=None)
    step = fields.Integer(
        load_default=None,
        validate=ma.validate.Range(1, LARGEST, error="The moments of a story are counted from 1."),
    )


class TraceQuery(Schema):
    """`?element=` or `?comment=`: of what only; `?at=` as of which point."""

    at = PagePoint(load_default=None)
    element = Pointer(load_default=None)
    comment = Id(load_default=None)


class CompareQuery(Schema):
    """`?from=` and `?to=`: the two points; the last entry where `to` is not said."""

    first = PagePoint(data_key="from", required=True)
    second = PagePoint(data_key="to", load_default=None)


def _with_zone(text: str) -> str:
    """Write a day as its end, and a moment as browsers write it as the end of its minute."""
    if len(text) == DAY and not text.isdigit():
        return clock.rfc3339(datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=1, microseconds=-1))
    if len(text) == MINUTE and text[DAY] == "T":
        return clock.rfc3339(datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(minutes=1, microseconds=-1))
    return text
