"""Co-design's REST doors against their own OpenAPI document: thousands of requests, made up from it."""

from __future__ import annotations

import pytest

from services.kernel import clock, ids
from services.kernel.http import create_app
from tests.component.codesign_house import house
from tests.component.openapi_house import Visit, ask_every_door
from tests.people import person, token

API = "/codesign/api/v1"


@pytest.fixture
def visit(database: str) -> Visit:
    """A consultation with a comment in it; all who take part, strangers, and who is not signed in."""
    del database
    here = house()
    comments = [here.comment(), here.comment(here.other, pointer="/workload/hours")]
    other = here.world.organisation("Alster Verpackung GmbH", "employer")
    guest = person("reviewer", organisation=here.employer.organisation, scope=here.consultation)
    people = [here.designer, here.employer, here.other, here.body, here.auditor, guest, person("reviewer"), person()]
    closes = clock.rfc3339(clock.now().replace(year=2035))
    opening = {"draft": here.draft.id, "version": 1, "closes_at": closes, "visibility": "everything"}
    said = {"pointer": "/outcomes/lo-store/text/en", "kind": "concern", "text": "Which distances?"}
    suggestion = [{"op": "replace", "path": "/workload/hours", "value": "30"}]
    endorsing = {"elements": ["/outcomes/lo-store"], "interest": "none", "statement": "We need this."}
    return Visit(
        tokens=[None, *map(token, people)],
        real={
            "consultation_id": [here.consultation],
            "draft_id": [here.draft.id],
            "comment_id": comments,
            "version": [1],
        },
        bodies={
            f"POST {API}/consultations": [opening, opening | {"organisations": [other]}],
            f"POST {API}/consultations/{{consultation_id}}/participants": [{"organisation": other}],
            f"POST {API}/consultations/{{consultation_id}}/comments": [said, said | {"suggestion": suggestion}],
            f"POST {API}/consultations/{{consultation_id}}/endorsements": [endorsing],
            f"POST {API}/comments/{{comment_id}}/disposition": [
                {"disposition": "rejected", "reason": "The law asks for it."},
                {"disposition": "duplicate", "reason": "As above.", "duplicate_of": ids.new_id()},
            ],
        },
    )


def test_every_door_answers_as_its_document_says(visit: Visit, subtests: pytest.Subtests) -> None:
    """Whoever asks, well or badly: never a 5xx, and no answer that the document does not describe."""
    answered = ask_every_door(create_app(["codesign"]), f"{API}/openapi.json", visit, subtests)
    assert answered.keys() >= {200, 201, 401, 403, 404, 409, 422}, answered
