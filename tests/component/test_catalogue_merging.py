"""Two people edit one element: the page that brings their words together."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands
from services.catalogue.domain import elements
from services.catalogue.domain.acts import Revision
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import lithium, member, opened, provider
from tests.component.test_catalogue_pages import desk, form_of
from tests.people import browse, hidden_fields, sign_in

pytestmark = pytest.mark.usefixtures("module_database")

MINE = "Store and stack packages cool and dry."
THEIRS = "Store packages at a distance."


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


@pytest.fixture
def client(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


def both(client: FlaskClient, lead: Actor) -> tuple[str, str, Any]:
    """Let two people change lo-store, the other one first, and a field each that nobody else touched."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/outcomes/lo-store"
    form = form_of(client, path) | {"text.en": MINE, "kind": "", "summary": "My own"}
    theirs = lithium()
    theirs["outcomes"]["lo-store"]["text"] |= {"en": THEIRS, "de": "Mit Abstand lagern."}
    commands.revise(lead, draft_id, 1, Revision(document=theirs))
    return draft_id, path, client.post(path, data=form)


def text_of(lead: Actor, draft_id: str) -> Any:
    return commands.draft(lead, draft_id).document["outcomes"]["lo-store"]["text"]


def test_both_readings_are_shown_and_nothing_is_saved(client: FlaskClient, lead: Actor) -> None:
    """Yours and theirs stand side by side with their words marked; the draft stays as it is until one chooses."""
    draft_id, _, answer = both(client, lead)
    assert answer.status_code == 412
    for words in (MINE, "Keep yours", "Keep theirs", "<ins>", "<del>", "My own"):
        assert words in answer.text
    assert 'value="Mit Abstand lagern."' in answer.text
    assert commands.draft(lead, draft_id).version == 2


@pytest.mark.parametrize(
    ("choice", "kept"), [("mine", MINE), ("theirs", THEIRS), ("own", "Store them cool, dry and apart.")]
)
def test_what_was_chosen_is_the_next_version(client: FlaskClient, lead: Actor, choice: str, kept: str) -> None:
    """What both changed is as one chose; what one alone changed is taken from whoever changed it."""
    draft_id, path, answer = both(client, lead)
    words = hidden_fields(answer) | {"take:text.en": choice, "own:text.en": "Store them cool, dry and apart."}
    assert client.post(path, data=words).status_code == 303
    assert text_of(lead, draft_id) == {"en": kept, "de": "Mit Abstand lagern."}
    assert "kind" not in commands.draft(lead, draft_id).document["outcomes"]["lo-store"]
    assert commands.draft(lead, draft_id).version == 3


def test_a_question_without_an_answer_is_asked_again(client: FlaskClient, lead: Actor) -> None:
    """422 at the question, with what was typed, and nothing is saved."""
    draft_id, path, answer = both(client, lead)
    again = client.post(path, data=hidden_fields(answer) | {"own:text.en": "Half a thought"})
    assert again.status_code == 422
    for words in ("Choose whose words to keep.", "Half a thought", MINE):
        assert words in again.text
    assert commands.draft(lead, draft_id).version == 2


def test_a_third_change_meanwhile_is_met_in_the_same_way(client: FlaskClient, lead: Actor) -> None:
    """Who was asked and is late again is asked again, on top of the newest; the chosen words are kept."""
    draft_id, path, answer = both(client, lead)
    third = dict(commands.draft(lead, draft_id).document)
    third["outcomes"] = third["outcomes"] | {"lo-store": {"text": {"en": "Keep packages apart."}}}
    commands.revise(lead, draft_id, 2, Revision(document=third))
    late = client.post(path, data=hidden_fields(answer) | {"take:text.en": "mine"})
    assert late.status_code == 412
    assert client.post(path, data=hidden_fields(late) | {"take:text.en": "mine"}).status_code == 303
    assert text_of(lead, draft_id) == {"en": MINE}


def test_what_cannot_be_saved_after_choosing_comes_back_as_the_form(client: FlaskClient, lead: Actor) -> None:
    """A mistake in the chosen words is shown at its field in the form, with the words that were chosen."""
    _, path, answer = both(client, lead)
    words = hidden_fields(answer) | {"take:text.en": "own", "own:text.en": "A\u202eB"}
    refused = client.post(path, data=words)
    assert refused.status_code == 422
    assert 'id="f-text.en-mistake"' in refused.text


def test_words_for_what_was_taken_away_are_kept_and_can_be_added(client: FlaskClient, lead: Actor) -> None:
    """The form comes back with every word; saved, it is a new element with an id of its own."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/outcomes/lo-store"
    form = form_of(client, path) | {"text.en": MINE}
    commands.revise(lead, draft_id, 1, Revision(document=elements.removed(lithium(), "outcomes", "lo-store")))
    answer = client.post(path, data=form)
    assert answer.status_code == 412
    assert MINE in answer.text
    add = f"{desk(draft_id)}/add/outcomes"
    assert f'action="{add}"' in answer.text
    assert client.post(add, data=form | hidden_fields(answer)).status_code == 303
    document = commands.draft(lead, draft_id).document
    assert "lo-store" not in document["outcomes"]
    assert document["outcomes"][document["order"]["outcomes"][-1]]["text"]["en"] == MINE


def test_a_page_asks_whether_the_draft_has_moved_on(client: FlaskClient, lead: Actor) -> None:
    """304 while it is the same, 204 with another tag once it is not."""
    draft_id = opened(lead)
    tag = client.get(f"{desk(draft_id)}/state").headers["ETag"]
    assert client.get(f"{desk(draft_id)}/state", headers={"If-None-Match": tag}).status_code == 304
    commands.revise(lead, draft_id, 1, Revision(document=lithium() | {"country": "AT"}))
    assert client.get(f"{desk(draft_id)}/state", headers={"If-None-Match": tag}).status_code == 204
