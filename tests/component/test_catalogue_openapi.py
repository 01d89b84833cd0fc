"""The catalogue's REST doors against their own OpenAPI document: thousands of requests, made up from it."""

from __future__ import annotations

import pytest

from services.catalogue import commands
from services.kernel.http import create_app
from tests.component.catalogue_house import in_consultation, lithium, member, opened, provider, sealed
from tests.component.openapi_house import Visit, ask_every_door
from tests.people import person, token

API = "/catalogue/api/v1"
PATCH = [{"op": "test", "path": "/country", "value": "DE-NW"}, {"op": "replace", "path": "/country", "value": "AT"}]


@pytest.fixture
def visit(database: str) -> Visit:
    """A provider with drafts in every state and a credential; its people, strangers, and who is not signed in."""
    del database
    home = provider()
    lead, second, designer = member(home, "lead", "designer"), member(home, "lead"), member(home, "designer")
    other = member(provider("Another college"), "lead")
    drafts = [opened(lead), opened(designer, {"title": {"en": "Empty"}})]
    in_consultation(lead, drafts[0])
    waiting, _ = sealed(lead)
    published, _ = sealed(lead)
    credential = commands.publish(second, published, 1).data["credential"]
    people = [lead, second, designer, other, person("reviewer"), person("auditor"), person()]
    tags = ['"1"', '"2"', '"3"', "*", 'W/"1"']
    return Visit(
        tokens=[None, *map(token, people)],
        real={
            "draft_id": [*drafts, waiting, published],
            "credential_id": [credential],
            "number": [1, 2, 3],
            "version": [1, 2, 3],
            "q": ["data", "sec", "wel", "a"],
            "language": ["en", "de"],
            "If-Match": tags,
        },
        bodies={
            f"POST {API}/drafts": [{"example": "lithium-batteries"}, {"document": lithium()}],
            f"PATCH {API}/drafts/{{draft_id}}": [
                PATCH,
                {"patch": PATCH, "summary": "Moved to Austria."},
                {"document": lithium() | {"country": "IE"}},
            ],
            f"POST {API}/drafts/{{draft_id}}/versions/{{number}}/restoration": [{}, {"summary": "It was better."}],
            f"POST {API}/drafts/{{draft_id}}/recall": [{}, {"reason": "A slip."}],
        },
    )


def test_every_door_answers_as_its_document_says(visit: Visit, subtests: pytest.Subtests) -> None:
    """Whoever asks, well or badly: never a 5xx, and no answer that the document does not describe."""
    answered = ask_every_door(create_app(["catalogue"]), f"{API}/openapi.json", visit, subtests)
    assert answered.keys() >= {200, 201, 401, 403, 404, 409, 412, 422, 428}, answered
