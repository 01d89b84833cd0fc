"""Designs and consultations as they were at a point of the record, and what follows from what in them."""

from typing import Any

from services.audit.api.blueprint import api, refuses
from services.audit.schemas import StateQuery, TraceQuery
from services.audit.shapes import ConsultationAnswer, StoryAnswer, TraceAnswer, WhatIfAnswer
from services.audit.telling import moments, shown, states, stories
from services.audit.telling.moments import Point
from services.audit.telling.trace import Row, Trace, trace
from services.audit.telling.what_if import what_if
from services.kernel.errors import NotFound
from services.kernel.http import current_actor, public
from services.kernel.language import say

DRAFT = {"name": "draft_id", "in": "path", "description": "The id of a design."}
CONSULTATION = {"name": "consultation_id", "in": "path", "description": "The id of a consultation."}
COMMENT = {"name": "comment_id", "in": "path", "description": "The id of a comment that suggests other words."}


@api.route("/drafts/<id:draft_id>", parameters=[DRAFT])
@public
@api.arguments(StateQuery, location="query")
@api.response(200, StoryAnswer)
@refuses(404, 409, 422)
def story(query: dict[str, Any], draft_id: str) -> Any:
    """A design and its consultations as they were at a point of the record, read from the log alone."""
    found = stories.story(current_actor(), draft_id, moments.entry_at(query.get("at")))
    return shown.story(found) | _as_of(query.get("at"))


@api.route("/consultations/<id:consultation_id>", parameters=[CONSULTATION])
@public
@api.arguments(StateQuery, location="query")
@api.response(200, ConsultationAnswer)
@refuses(404, 409, 422)
def consultation(query: dict[str, Any], consultation_id: str) -> Any:
    """A consultation as it was at a point of the record, as far as you may read it."""
    found = states.state(current_actor(), consultation_id, moments.entry_at(query.get("at")))
    return shown.consultation(found) | _as_of(query.get("at"))


@api.route("/drafts/<id:draft_id>/trace", parameters=[DRAFT])
@public
@api.arguments(TraceQuery, location="query")
@api.response(200, TraceAnswer)
@refuses(404, 409, 422)
def trace_of(query: dict[str, Any], draft_id: str) -> Any:
    """From each comment to its disposition, change, version, endorsement and publication, and back from an element."""
    found = stories.story(current_actor(), draft_id, moments.entry_at(query.get("at")))
    rows = _asked(trace(found.design, found.consultations), query.get("element"), query.get("comment"))
    return shown.trace(found.at, draft_id, rows) | _as_of(query.get("at"))


@api.route("/drafts/<id:draft_id>/what-if/<id:comment_id>", parameters=[DRAFT, COMMENT])
@public
@api.arguments(StateQuery, location="query")
@api.response(200, WhatIfAnswer)
@refuses(404, 409, 410, 422)
def suggested(query: dict[str, Any], draft_id: str, comment_id: str) -> Any:
    """What a suggestion would have made of the version it was made for; nothing is simulated beyond that."""
    found = stories.story(current_actor(), draft_id, moments.entry_at(query.get("at")))
    return shown.what_if(found.at, what_if(found.design, found.consultations, comment_id)) | _as_of(query.get("at"))


def _as_of(point: Point | None) -> dict[str, Any]:
    return {"as_of": shown.as_of(moments.covered(point))}


def _asked(found: Trace, element: str | None, comment: str | None) -> list[Row]:
    if element is not None and element not in found.history:
        raise NotFound(say("No version of this design has such an element, or it is not open to you."))
    rows = found.about(element) if element else list(found.rows)
    if comment is None:
        return rows
    row = found.of_comment(comment)
    if row is None:
        raise NotFound(say("There is no such comment on this design in the record, or it is not open to you."))
    return [one for one in rows if one is row]
