"""The timeline and one entry."""

import json
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

from flask import render_template, request

from services.audit import timeline
from services.audit.pages.blueprint import pages
from services.audit.schemas import Asked, TimelineQuery
from services.audit.timeline import Told
from services.kernel.http import current_actor, public, read_query, url


@pages.get("/")
@public
def entries() -> str:
    """The timeline: what happened, in words."""
    asked: Asked = read_query(TimelineQuery)
    found = timeline.timeline(current_actor(), asked.wish, asked.after, asked.limit + 1)
    listing = asked.of([{"idx": told.idx, "told": told} for told in found], key="idx")
    return render_template(
        "audit/timeline.html",
        days=by_day(item["told"] for item in listing["items"]),
        record=timeline.record(),
        organisations=timeline.organisations(current_actor()),
        address=address_with,
        next=listing["next"],
    )


@pages.get("/entries/<int:idx>")
@public
def entry(idx: int) -> str:
    """One entry, with all that is kept of it."""
    found = timeline.entry(current_actor(), idx)
    return render_template("audit/entry.html", whole=found, said=found.told.entry.event, bytes=pretty(found.told))


def by_day(told: Iterable[Told]) -> list[tuple[Any, list[Told]]]:
    """Return what was told, day by day, in the order it came."""
    grouped = groupby(told, key=lambda one: one.entry.time.astimezone(UTC).date())
    return [(next(iter(found := list(day))).entry.time, found) for _, day in grouped]


def address_with(**values: Any) -> str:
    """Return the address of this list with other filters; what is None is not asked about any more."""
    asked = request.args.to_dict() | values
    return url(request.path, **{name: value for name, value in asked.items() if value not in (None, "")})


def pretty(told: Told) -> str:
    """Return an event's JSON for reading; the bytes as they are where they are no JSON."""
    body = told.entry.event.body.decode(errors="replace")
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body
