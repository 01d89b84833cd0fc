"""The timeline and one entry."""

import json
from typing import Any

from flask import Response, render_template, request

from services.audit.api.blueprint import file_of
from services.audit.pages.blueprint import pages
from services.audit.schemas import Asked, TimelineQuery
from services.audit.telling import choices, passages, timeline
from services.audit.telling.timeline import Told
from services.audit.vouching import handing_out, proven
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
        days=passages.by_day((item["told"] for item in listing["items"]), gather=asked.wish.types is None),
        record=timeline.record(),
        choices=choices.choices(current_actor()),
        address=address_with,
        next=listing["next"],
    )


@pages.get("/entries/<int:idx>")
@public
def entry(idx: int) -> str:
    """One entry, with all that is kept of it."""
    found = timeline.entry(current_actor(), idx)
    return render_template(
        "audit/entry.html",
        whole=found,
        said=found.told.entry.event,
        bytes=pretty(found.told),
        proven=proven.proven(idx),
    )


@pages.get("/entries/<int:idx>.tlog-proof")
@public
def proof_file(idx: int) -> Response:
    """The proof of an entry, to keep."""
    return file_of(handing_out.proof_file(current_actor(), idx), f"entry-{idx}")


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
