"""One learning outcome becomes two, or two become one: ids stay true, and nothing falls out unseen."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands
from services.catalogue.domain.acts import Revision
from services.kernel.errors import Invalid
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import lithium, member, opened, provider
from tests.people import browse, post, sign_in

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


@pytest.fixture
def client(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


def covers(document: Any) -> dict[str, list[str]]:
    return {key: item.get("covers", []) for key, item in document["assessments"].items()}


def test_the_first_of_two_keeps_its_id(client: FlaskClient, lead: Actor) -> None:
    """The second stands behind it with an id of its own, and what assessed the one assesses both."""
    draft_id = opened(lead)
    path = f"/catalogue/drafts/{draft_id}/split/lo-store"
    assert post(client, path, {"first.en": "Store packages.", "second.en": "Label packages."}).status_code == 303
    document = commands.draft(lead, draft_id).document
    order = document["order"]["outcomes"]
    new = order[order.index("lo-store") + 1]
    assert document["outcomes"]["lo-store"]["text"]["en"] == "Store packages."
    assert document["outcomes"][new]["text"]["en"] == "Label packages."
    for key, before in covers(lithium()).items():
        assert (new in covers(document)[key]) == ("lo-store" in before)


def test_a_second_without_words_is_refused_at_its_field(client: FlaskClient, lead: Actor) -> None:
    """422, the words typed are kept, and nothing is saved."""
    draft_id = opened(lead)
    answer = post(client, f"/catalogue/drafts/{draft_id}/split/lo-store", {"first.en": "Half of it."})
    assert answer.status_code == 422
    assert "Half of it." in answer.text
    assert "Each of the two needs words of its own." in answer.text
    assert commands.draft(lead, draft_id).version == 1


def test_two_become_one_after_a_preview(client: FlaskClient, lead: Actor) -> None:
    """The one keeps its id, has both texts, and is assessed by what assessed either; the other id is used up."""
    draft_id = opened(lead)
    path = f"/catalogue/drafts/{draft_id}/join/lo-store"
    assert "Join it with" in client.get(path).text
    preview = client.get(f"{path}?with=lo-alarm").text
    assert "<ins>" in preview
    assert "Removed" in preview
    assert post(client, f"{path}?with=lo-alarm", {}).status_code == 303
    document, before = commands.draft(lead, draft_id).document, lithium()
    texts = [before["outcomes"][key]["text"]["en"] for key in ("lo-store", "lo-alarm")]
    assert document["outcomes"]["lo-store"]["text"]["en"] == " ".join(texts)
    assert "lo-alarm" not in document["outcomes"]
    for key, was in covers(before).items():
        assert ("lo-store" in covers(document)[key]) == bool({"lo-store", "lo-alarm"} & set(was))
    with pytest.raises(Invalid):
        commands.revise(lead, draft_id, 2, Revision(document=before))


@pytest.mark.parametrize("path", ["split/lo-nowhere", "join/lo-nowhere"])
def test_what_is_not_there_is_neither_split_nor_joined(client: FlaskClient, lead: Actor, path: str) -> None:
    """404 with a sentence."""
    assert client.get(f"/catalogue/drafts/{opened(lead)}/{path}").status_code == 404
