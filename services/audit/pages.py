"""The pages of the record: the timeline, one entry, and the story of a design."""

import json
from collections.abc import Iterable
from datetime import UTC
from itertools import groupby
from typing import Any

from flask import render_template, request

from services.audit import stories, timeline
from services.audit.reading.consultations import Comment
from services.audit.reading.elements import hashes
from services.audit.reading.outline import heading, outline
from services.audit.schemas import Asked, StoryQuery, TimelineQuery
from services.audit.stories import Story
from services.audit.timeline import Told
from services.audit.words import vocabulary
from services.kernel.events import ERASED
from services.kernel.http import PageBlueprint, current_actor, public, read_query, url

pages = PageBlueprint("audit", __name__)


@pages.context_processor
def words() -> dict[str, Any]:
    """Let every template of the record speak its words."""
    return {"words_of": vocabulary, "ERASED": ERASED, "heading_of": heading, "anchor_of": anchor_of}


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


@pages.get("/drafts/<id:draft_id>")
@public
def story(draft_id: str) -> str:
    """A design and its consultations as they were after an entry."""
    found = stories.story(current_actor(), draft_id, read_query(StoryQuery)["at"])
    newest = found.design.newest
    document = newest.document if newest and newest.document else {}
    return render_template(
        "audit/story.html",
        story=found,
        design=found.design,
        names=found.names,
        outline=outline(document),
        elements=hashes(document),
        changed=changed(found),
        comments=comments_by_element(found),
    )


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


def changed(story: Story) -> frozenset[str]:
    """Return the elements that the last entry changed or added, where that entry made a version."""
    versions = [version for version in story.design.versions if version.document]
    if len(versions) < 2 or versions[-1].entry.idx != story.latest.idx:
        return frozenset()
    before, after = (hashes(version.document or {}) for version in versions[-2:])
    return frozenset(pointer for pointer, hash in after.items() if before.get(pointer) != hash)


def comments_by_element(story: Story) -> dict[str, list[Comment]]:
    """Return the comments of all consultations by the element they are on."""
    found: dict[str, list[Comment]] = {}
    for consultation in story.consultations:
        for comment in consultation.comments.values():
            found.setdefault(comment.element, []).append(comment)
    return found


def anchor_of(pointer: str) -> str:
    """Return the name of an element's place on a page."""
    return "-".join(pointer.split("/")[1:3])
