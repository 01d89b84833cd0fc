"""The REST doors of the catalogue, on the real database."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands
from services.catalogue.domain.acts import Revision
from services.kernel import ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import emitted, hear, in_consultation, lithium, member, opened, provider, sealed
from tests.people import browse, person, sign_in, told

API = "/catalogue/api/v1"

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def home() -> str:
    return provider()


@pytest.fixture
def lead(home: str) -> Actor:
    return member(home, "designer", "lead")


@pytest.fixture
def second(home: str) -> Actor:
    return member(home, "lead", name="Mehmet Aydın")


@pytest.fixture
def client(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


def as_(app: Any, actor: Actor) -> FlaskClient:
    return sign_in(browse(app=app), actor)


# --- the whole way ----------------------------------------------------------------------------------------------------


def test_a_design_goes_from_an_example_to_a_published_credential(app: Any, client: FlaskClient, second: Actor) -> None:
    """Opened, revised, submitted, sealed, published by a second lead, and then seen by everybody."""
    made = client.post(f"{API}/drafts", json={"example": "security-incidents"})
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    where = made.headers["Location"]
    draft_id = made.get_json()["id"]

    patch = [{"op": "replace", "path": "/workload/hours", "value": "80"}]
    answers = [ids.new_id()]
    change = {"patch": patch, "summary": "Five hours more", "answers": answers}
    revised = client.patch(where, json=change, headers={"If-Match": '"1"'})
    assert revised.status_code == 200
    assert revised.headers["ETag"] == '"2"'
    assert emitted()[-1].data["answers"] == answers
    assert emitted()[-1].words("/data/summary") == "Five hours more"

    lead = Actor(*_identity(client, draft_id))
    consultation = in_consultation(lead, draft_id)
    assert client.get(where).get_json()["status"] == "in_consultation"
    assert client.post(f"{where}/submission", headers={"If-Match": '"2"'}).status_code == 201
    assert client.get(where).get_json()["status"] == "submitted"
    hear(consultation.seals(emitted()[-1]))
    assert client.get(where).get_json()["status"] == "sealed"

    published = as_(app, second).post(f"{where}/publication", headers={"If-Match": '"2"'})
    assert published.status_code == 201
    anybody = browse(app=app)
    credential = anybody.get(published.headers["Location"]).get_json()
    assert credential["title"]["de"] == "Erste Hilfe bei Sicherheitsvorfällen in kleinen Betrieben"
    assert credential["document"]["workload"]["hours"] == "80"
    assert credential["organisation_name"] == "Rheinhafen Vocational College"
    assert credential["endorsements"] == 2
    assert anybody.get(f"{API}/credentials").get_json()["items"][0]["id"] == credential["id"]


def _identity(client: FlaskClient, draft_id: str) -> tuple[str, str, frozenset[str]]:
    draft = client.get(f"{API}/drafts/{draft_id}").get_json()
    return "whoever", draft["organisation"], frozenset({"lead"})


def test_versions_are_dense_and_each_keeps_its_document(client: FlaskClient, lead: Actor) -> None:
    """Every version is there with its author's name, its summary, and the patch that led to it."""
    draft_id = opened(lead)
    for number, hours in enumerate(("30", "40"), 1):
        document = lithium()
        document["workload"]["hours"] = hours
        commands.revise(lead, draft_id, number, Revision(document=document, summary=f"{hours} hours"))
    listed = client.get(f"{API}/drafts/{draft_id}/versions").get_json()["items"]
    assert [(v["version"], v["summary"], v["author_name"]) for v in listed] == [
        (3, "40 hours", "Jana Hofmann"),
        (2, "30 hours", "Jana Hofmann"),
        (1, None, "Jana Hofmann"),
    ]
    whole = client.get(f"{API}/drafts/{draft_id}/versions/2").get_json()
    assert whole["document"]["workload"]["hours"] == "30"
    assert whole["patch"] == [
        {"op": "test", "path": "/workload/hours", "value": "25"},
        {"op": "replace", "path": "/workload/hours", "value": "30"},
    ]
    assert client.get(f"{API}/drafts/{draft_id}/versions/4").status_code == 404
    assert client.get(f"{API}/drafts/{draft_id}/versions/99999999999999999999").status_code == 404


def test_a_bare_json_patch_is_taken(client: FlaskClient, lead: Actor) -> None:
    """application/json-patch+json holds the operations alone."""
    draft_id = opened(lead)
    patch = [{"op": "test", "path": "/country", "value": "DE-NW"}, REPLACE]
    answer = client.patch(
        f"{API}/drafts/{draft_id}",
        data=json.dumps(patch),
        content_type="application/json-patch+json",
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.get_json()
    assert commands.draft(lead, draft_id).document["country"] == "AT"


def test_a_list_goes_on_from_its_cursor(client: FlaskClient, lead: Actor) -> None:
    """Newest first; every draft once, whatever the size of the pages."""
    made = [opened(lead, {"title": {"en": f"Draft {n}"}}) for n in range(5)]
    seen: list[str] = []
    address = f"{API}/drafts?limit=2"
    while address:
        page = client.get(address)
        seen += [draft["id"] for draft in page.get_json()["items"]]
        address = page.headers.get("Link", "").partition("<")[2].partition(">")[0]
    assert seen == made[::-1]


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "/document"),
        ({"example": "lithium-batteries", "document": {}}, "/document"),
        ({"example": 7}, "/example"),
        ({"document": []}, "/document"),
        ({"document": {"title": {"en": "Bees"}}, "colour": "red"}, "/colour"),
        ({"document": {"title": "Bees"}}, "/title"),
        ({"document": {"workload": {"hours": 25}}}, "/workload/hours"),
        ({"document": {"honey": True}}, "/honey"),
    ],
)
def test_what_cannot_be_opened_is_refused_at_the_field(client: FlaskClient, body: Any, at: str) -> None:
    """422, a sentence at the field, and no draft."""
    before = len(emitted())
    answer = client.post(f"{API}/drafts", json=body)
    assert answer.status_code == 422
    assert told(answer, at)
    assert len(emitted()) == before


def test_an_example_that_is_not_there(client: FlaskClient) -> None:
    """404, and the names of those there are."""
    answer = client.post(f"{API}/drafts", json={"example": "bees"})
    assert answer.status_code == 404
    assert "lithium-batteries" in answer.get_json()["detail"]


REPLACE = {"op": "replace", "path": "/country", "value": "AT"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"patch": [REPLACE], "document": {}}, 422),
        ({"patch": REPLACE}, 422),
        ({"patch": ["replace"]}, 422),
        ({"patch": [{"op": "paint", "path": "/country"}]}, 422),
        ({"patch": [{"op": "replace", "path": "/country"}]}, 422),
        ({"patch": [{"op": "replace", "path": "country", "value": "AT"}]}, 422),
        ({"patch": [REPLACE | {"colour": "red"}]}, 422),
        ({"patch": [{"op": "test", "path": "/country", "value": "FR"}, REPLACE]}, 409),
        ({"patch": [{"op": "replace", "path": "/nowhere/at/all", "value": 1}]}, 409),
        ({"patch": [{"op": "replace", "path": "/country", "value": "Austria"}]}, 422),
        ({"patch": [{"op": "remove", "path": "/outcomes/lo-store"}]}, 422),
        ({"patch": [REPLACE], "answers": ["lo-store"]}, 422),
        ({"patch": [REPLACE], "answers": [ids.new_id() for _ in range(201)]}, 422),
        ({"patch": [REPLACE], "summary": "x" * 501}, 422),
        ({"patch": [REPLACE], "summary": 7}, 422),
        ({"document": {"title": {"en": "x" * 201}}}, 422),
        ({"document": {"notes": {"en": "x" * 4000} | {f"en-a{c}": "x" * 4000 for c in "abcdefghijklm"}}}, 413),
        ({"document": lithium()}, 409),
    ],
)
def test_a_revision_that_cannot_be_taken_leaves_everything_as_it_was(
    client: FlaskClient, lead: Actor, body: Any, status: int
) -> None:
    """The right status and a sentence; no version, no event, not even half of one."""
    draft_id = opened(lead)
    before = len(emitted())
    answer = client.patch(f"{API}/drafts/{draft_id}", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == status, answer.get_json()
    assert answer.get_json()["detail"].endswith(".")
    assert commands.draft(lead, draft_id).version == 1
    assert len(emitted()) == before


def test_a_change_says_which_version_it_was_made_on(client: FlaskClient, lead: Actor) -> None:
    """Without If-Match 428; with an old, foreign or odd one 412; and nothing is changed by any of them."""
    draft_id = opened(lead)
    where = f"{API}/drafts/{draft_id}"
    commands.revise(lead, draft_id, 1, Revision(document=lithium() | {"country": "AT"}))
    body = {"patch": [{"op": "replace", "path": "/country", "value": "FR"}]}
    assert client.patch(where, json=body).status_code == 428
    for tag in ('"1"', '"3"', "2", 'W/"2"', "*"):
        assert client.patch(where, json=body, headers={"If-Match": tag}).status_code == 412
    for door in ("submission", "recall", "publication"):
        assert client.post(f"{where}/{door}", json={}).status_code == 428
        assert client.post(f"{where}/{door}", json={}, headers={"If-Match": '"1"'}).status_code == 412
    assert commands.draft(lead, draft_id).document["country"] == "AT"


def test_the_same_key_acts_once_and_never_for_something_else(client: FlaskClient, lead: Actor) -> None:
    """A repetition is answered alike; the same key with another body is refused."""
    key = {"Idempotency-Key": ids.new_id()}
    first = client.post(f"{API}/drafts", json={"example": "lithium-batteries"}, headers=key)
    again = client.post(f"{API}/drafts", json={"example": "lithium-batteries"}, headers=key)
    other = client.post(f"{API}/drafts", json={"example": "security-incidents"}, headers=key)
    assert first.get_json() == again.get_json()
    assert other.status_code == 422
    assert len(commands.drafts(lead)) == 1


def test_an_odd_cursor_is_refused(client: FlaskClient, lead: Actor) -> None:
    """A cursor of another list or of nobody is named, and nothing breaks."""
    draft_id = opened(lead)
    commands.revise(lead, draft_id, 1, Revision(document=lithium() | {"country": "AT"}))
    of_versions = client.get(f"{API}/drafts/{draft_id}/versions?limit=1").get_json()["next"]
    assert client.get(f"{API}/drafts?cursor={of_versions}").status_code == 422
    assert client.get(f"{API}/credentials?cursor=nonsense").status_code == 422
    assert client.get(f"{API}/credentials?cursor={of_versions}").status_code == 422


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_draft_does_not_exist_for_another_organisation(app: Any, lead: Actor) -> None:
    """Another provider's lead is told 404 at every door, and sees an empty list."""
    draft_id = opened(lead)
    stranger = as_(app, member(provider("Elbe College"), "designer", "lead"))
    where = f"{API}/drafts/{draft_id}"
    match = {"If-Match": '"1"'}
    answers = [
        stranger.get(where),
        stranger.get(f"{where}/versions"),
        stranger.get(f"{where}/versions/1"),
        stranger.patch(where, json={"patch": [REPLACE]}, headers=match),
        stranger.post(f"{where}/submission", headers=match),
        stranger.post(f"{where}/recall", json={}, headers=match),
        stranger.post(f"{where}/publication", headers=match),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.get_json()["detail"] for answer in answers} == {
        "There is no such draft, or it belongs to another organisation."
    }
    assert stranger.get(f"{API}/drafts").get_json()["items"] == []


def test_who_may_open_a_draft(app: Any, home: str) -> None:
    """Nobody signed in 401, a reviewer 403, an employer's designer 403, one of an unknown organisation 409."""
    body = {"example": "lithium-batteries"}
    assert browse(app=app).post(f"{API}/drafts", json=body).status_code == 401
    assert as_(app, member(home, "reviewer")).post(f"{API}/drafts", json=body).status_code == 403
    employer = provider("Nordhafen Logistik GmbH", standing="employer")
    assert as_(app, member(employer, "designer")).post(f"{API}/drafts", json=body).status_code == 403
    assert as_(app, person("designer")).post(f"{API}/drafts", json=body).status_code == 409


def test_a_designer_writes_and_a_lead_decides(app: Any, home: str, lead: Actor) -> None:
    """A designer revises, but neither submits nor recalls nor publishes."""
    draft_id = opened(lead)
    designer = as_(app, member(home, "designer"))
    where, match = f"{API}/drafts/{draft_id}", {"If-Match": '"1"'}
    for door in ("submission", "recall", "publication"):
        assert designer.post(f"{where}/{door}", json={}, headers=match).status_code == 403
    assert designer.patch(where, json={"patch": [REPLACE]}, headers=match).status_code == 200


def test_four_eyes(app: Any, client: FlaskClient, lead: Actor, second: Actor) -> None:
    """Who submitted is refused, a second lead publishes, and after that nothing moves."""
    draft_id, _ = sealed(lead)
    where, match = f"{API}/drafts/{draft_id}", {"If-Match": '"1"'}
    refused = client.post(f"{where}/publication", headers=match)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "four-eyes")
    assert as_(app, second).post(f"{where}/publication", headers=match).status_code == 201
    again = as_(app, second).post(f"{where}/publication", headers=match)
    assert (again.status_code, again.get_json()["code"]) == (409, "published")
    assert client.patch(where, json={"patch": [REPLACE]}, headers=match).status_code == 409
    assert client.post(f"{where}/recall", json={}, headers=match).status_code == 409


def test_the_doors_are_described(app: Any) -> None:
    """The OpenAPI document names every door with what it does, and If-Match where it is asked for."""
    paths = browse(app=app).get(f"{API}/openapi.json").get_json()["paths"]
    assert len(paths) >= 11
    for path, methods in paths.items():
        for method, door in methods.items():
            if isinstance(door, dict):
                assert door.get("summary"), f"{method} {path}"
    revise = paths[f"{API}/drafts/{{draft_id}}"]["patch"]
    assert "If-Match" in [parameter.get("name") for parameter in revise["parameters"]]
    assert set(revise["requestBody"]["content"]) == {"application/json", "application/json-patch+json"}
