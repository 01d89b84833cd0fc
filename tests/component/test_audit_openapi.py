"""The record's REST doors against their own OpenAPI document: thousands of requests, made up from it."""

from __future__ import annotations

import pytest
from schemathesis import GenerationMode, Response

from services.kernel import ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.audit_house import Round, published, whole_round
from tests.component.openapi_house import Real, Request, Visit, ask_every_door, told_of
from tests.people import person, token

WELL_ASKED = {200, 201, 401, 403, 404, 409, 410}  # what is asked as the document says is answered so
DEPENDS_ON_THE_RECORD = {"from", "to", "size", "cursor", "/pointer"}  # well written, and fits no tree or list here
STREAM = {"Accept": "application/x-ndjson"}


@pytest.fixture
def round(database: str) -> Round:
    """A round that was published, its checkpoint with it, and a comment beyond."""
    del database
    round = whole_round()
    published()
    where = "/country"
    suggestion = [{"op": "replace", "path": where, "value": "AT"}]
    round.comments(round.amina, "Why only there?", "suggests", suggestion=suggestion)
    return round


def test_every_door_answers_as_its_document_says(round: Round, subtests: pytest.Subtests) -> None:
    """Whoever asks, well or badly: never a 5xx, and no answer that the document does not describe."""
    readers = (round.auditor, round.lena, round.amina, guest_of(round), person("reviewer"))
    visit = Visit([None, *map(token, readers)], of(round), headers=[{}, {}, {}, STREAM], hold=well_asked)
    ask_every_door(create_app(["audit"]), "/audit/api/v1/openapi.json", visit, subtests)


def well_asked(case: Request, answer: Response, mode: GenerationMode) -> None:
    """Hold that what is asked as the document says is answered, or is refused for what only the record knows."""
    if mode is GenerationMode.POSITIVE:
        assert answer.status_code in WELL_ASKED or is_of_the_record(answer), told_of(case, answer)


def is_of_the_record(answer: Response) -> bool:
    """Say whether a refusal is of a parameter that only who knows the record can say right."""
    named = {error.get("parameter", error.get("pointer")) for error in answer.json().get("errors", ())}
    return answer.status_code == 422 and bool(named) and named <= DEPENDS_ON_THE_RECORD


def of(round: Round) -> Real:
    """What there is in the record, by the names of the parameters."""
    size = len(round.entries)
    comments = [round.said[name].data["comment"] for name in ("first", "second", "suggests")]
    return {
        "idx": range(size + 1),
        "at": [str(idx) for idx in range(size + 1)],
        "size": range(1, size + 2),
        "from": range(1, size + 2),
        "to": range(1, size + 2),
        "draft_id": [round.draft],
        "consultation_id": [round.consultation],
        "comment_id": comments,
        "comment": comments,
        "event_id": [*(event.id for event in round.entries[:40]), ids.new_id()],
        "element": ["/outcomes/lo-store", "/country"],
        "organisation": [round.college, round.nordhafen],
        "actor": [round.amina.person],
        "subject": [round.consultation],
        "type": ["codesign.comment.submitted.v1"],
    }


def guest_of(round: Round) -> Actor:
    """Somebody with a link for the one consultation."""
    return person("reviewer", organisation=round.nordhafen, scope=round.consultation)
