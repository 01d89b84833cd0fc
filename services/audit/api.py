"""The REST doors of the record: for everybody, as far as each may read."""

from typing import Any

from services.audit import shown, stories, timeline
from services.audit.schemas import (
    Asked,
    Entries,
    EntryDetail,
    RecordAnswer,
    StoryAnswer,
    StoryQuery,
    TimelineQuery,
)
from services.kernel.http import ApiBlueprint, current_actor, public

api = ApiBlueprint("audit", __name__, description="The record: every act, in order, as it was entered in the log.")


@api.route("/head")
@public
@api.response(200, RecordAnswer)
def head() -> Any:
    """How many entries the record has, and the root of the tree over them."""
    found = timeline.record()
    return {"size": found.size, "root": found.root.hex()}


@api.route("/entries")
@public
@api.arguments(TimelineQuery, location="query")
@api.response(200, Entries)
def entries(asked: Asked) -> Any:
    """The entries you may read, newest first or oldest first."""
    found = timeline.timeline(current_actor(), asked.wish, asked.after, asked.limit + 1)
    return asked.of([shown.line(one) for one in found], key="idx")


@api.route("/entries/<int:idx>")
@public
@api.response(200, EntryDetail)
def entry(idx: int) -> Any:
    """One entry: its bytes, its leaf hash, and the private values beside it."""
    return shown.detail(timeline.entry(current_actor(), idx))


@api.route("/drafts/<id:draft_id>")
@public
@api.arguments(StoryQuery, location="query")
@api.response(200, StoryAnswer)
def story(query: dict[str, Any], draft_id: str) -> Any:
    """A design and its consultations as they were after an entry, read from the log alone."""
    return shown.story(stories.story(current_actor(), draft_id, query["at"]))
