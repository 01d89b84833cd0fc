"""Bad input at the catalogue's doors: a clear answer at the field, by API and form, and nothing half-saved."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import emitted, lithium, member, opened, provider
from tests.component.test_catalogue_pages import desk, form_of
from tests.people import browse, sign_in, token

pytestmark = pytest.mark.usefixtures("module_database")
API = "/catalogue/api/v1"
TEXTS = {
    "a control character": ("a\x00b", "U+0000"),
    "HTML": ("<b>bold</b>", "HTML"),
    "writing turned over": ("\u202eover", "direction"),
    "a heap of marks": ("a" + "\u0338" * 9, "combining"),
    "a text far too long": ("x" * 150_000, "150,000"),
}
"""What is wrong with a text -> the text, and a word of the answer."""


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


@pytest.fixture
def api(app: Any, lead: Actor) -> FlaskClient:
    client: FlaskClient = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token(lead)}"
    return client


@pytest.fixture
def browser(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


def patch(client: FlaskClient, draft_id: str, path: str, value: Any) -> Any:
    body = {"patch": [{"op": "add", "path": path, "value": value}]}
    return client.patch(f"{API}/drafts/{draft_id}", json=body, headers={"If-Match": '"1"'})


def unchanged(lead: Actor, draft_id: str, events: int) -> bool:
    return commands.draft(lead, draft_id).version == 1 and len(emitted()) == events


@pytest.mark.parametrize("what", TEXTS)
def test_the_api_refuses_a_text_at_its_pointer(api: FlaskClient, lead: Actor, what: str) -> None:
    """422, the JSON Pointer of the very language, a sentence that says what; no version and no event."""
    (text, told), draft_id = TEXTS[what], opened(lead)
    events = len(emitted())
    answer = patch(api, draft_id, "/notes", {"en": text})
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == "/notes/en"
    assert told in error["detail"]
    assert unchanged(lead, draft_id, events)


@pytest.mark.parametrize("what", TEXTS)
def test_the_form_shows_the_sentence_at_the_box(browser: FlaskClient, lead: Actor, what: str) -> None:
    """422, the sentence beside the box, the other words kept as they were typed; no version and no event."""
    (text, told), draft_id = TEXTS[what], opened(lead)
    events = len(emitted())
    path = f"{desk(draft_id)}/edit/notes"
    answer = browser.post(path, data=form_of(browser, path) | {"notes.en": text, "summary": "Kept words"})
    assert answer.status_code == 422
    at = answer.text.index('id="f-notes.en-mistake"')
    assert told in answer.text[at : at + 400]
    assert "Kept words" in answer.text
    assert unchanged(lead, draft_id, events)


def test_more_than_a_megabyte_is_not_read(api: FlaskClient, browser: FlaskClient, lead: Actor) -> None:
    """413 with how much there may be, by both doors."""
    draft_id = opened(lead)
    events = len(emitted())
    answer = patch(api, draft_id, "/notes", {"en": "x" * 2**20})
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
    nearly = patch(api, draft_id, "/notes", {"en": "x" * 900_000})
    assert nearly.status_code == 413
    assert "bytes; at most 49,152 are possible" in nearly.get_json()["detail"]
    path = f"{desk(draft_id)}/edit/notes"
    assert browser.post(path, data=form_of(browser, path) | {"notes.en": "x" * 2**20}).status_code == 413
    assert unchanged(lead, draft_id, events)


def test_half_a_character_is_refused(api: FlaskClient, lead: Actor) -> None:
    """A lone surrogate, written as JSON escapes it, is no text: a sentence, and nothing saved."""
    draft_id = opened(lead)
    events = len(emitted())
    body = '{"patch": [{"op": "add", "path": "/notes", "value": {"en": "a\\ud800"}}]}'
    headers = {"If-Match": '"1"', "Content-Type": "application/json"}
    answer = api.patch(f"{API}/drafts/{draft_id}", data=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.get_json()["detail"]
    assert unchanged(lead, draft_id, events)


@pytest.mark.parametrize(
    ("path", "value", "pointer", "told"),
    [
        ("/workload", {"hours": "3", "ects": "90"}, "/workload/ects", "25 to 30 hours"),
        ("/workload", {"hours": "P60M"}, "/workload/hours", "60 months"),
        ("/level/isced_f", "1041", "/level/isced_f", "Did you mean Transport services"),
        ("/country", "Germany", "/country", "Did you mean Germany (DE)?"),
        ("/participation/languages", ["german"], "/participation/languages/0", "Did you mean German (de)?"),
        ("/colour", "red", "/colour", "A design has no element"),
        ("/workload/colour", "red", "/workload/colour", "There is no field"),
    ],
)
def test_the_api_says_what_to_choose(
    api: FlaskClient, lead: Actor, path: str, value: Any, pointer: str, told: str
) -> None:
    """Unknown fields, wrong addresses and impossible combinations: the place, and what was probably meant."""
    draft_id = opened(lead)
    events = len(emitted())
    answer = patch(api, draft_id, path, value)
    assert answer.status_code == 422
    assert told in {error["pointer"]: error["detail"] for error in answer.get_json()["errors"]}[pointer]
    assert unchanged(lead, draft_id, events)


def test_the_form_says_what_sixty_hours_are(browser: FlaskClient, lead: Actor) -> None:
    """P60M is sixty months, and the box keeps what was typed."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/workload"
    answer = browser.post(path, data=form_of(browser, path) | {"workload.hours": "P60M"})
    assert answer.status_code == 422
    assert "means 60 months" in answer.text
    assert 'value="P60M"' in answer.text


def test_right_to_left_and_composed_text_is_kept(browser: FlaskClient, lead: Actor) -> None:
    """Arabic is text like any other; what a browser sends decomposed is kept composed."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/notes"
    arabic = "\u0627\u0644\u0633\u0644\u0627\u0645\u0629"
    form = form_of(browser, path) | {"notes.en": "u\u0308ber", "notes-language": "ar", "notes.new": arabic}
    assert browser.post(path, data=form).status_code == 303
    notes = commands.draft(lead, draft_id).document["notes"]
    assert (notes["en"], notes["ar"]) == ("\u00fcber", arabic)
    assert commands.draft(lead, draft_id).document["title"] == lithium()["title"]


def test_a_refusal_is_said_in_the_reader_s_language(api: FlaskClient, lead: Actor) -> None:
    """The sentence, what was probably meant within it, and the figures of an impossible combination: all in German."""
    draft_id = opened(lead)
    api.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    answer = patch(api, draft_id, "/country", "Germany")
    assert "War Deutschland (DE) gemeint?" in answer.get_json()["errors"][0]["detail"]
    answer = patch(api, draft_id, "/workload", {"hours": "P1Y2M"})
    assert "bedeutet 1 Jahre und 2 Monate" in answer.get_json()["errors"][0]["detail"]


def test_a_field_of_education_and_a_currency_are_chosen_from_their_lists(browser: FlaskClient, lead: Actor) -> None:
    """Nobody has to know an address: the whole list is in the form, each with its code, in the reader's language."""
    draft_id = opened(lead)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    form = browser.get(f"{desk(draft_id)}/edit/level").text
    assert '<option value="http://data.europa.eu/snb/isced-f/1041" selected>1041: Verkehrsdienstleistungen' in form
    assert '<option value="EUR" selected>EUR: Euro' in browser.get(f"{desk(draft_id)}/edit/value").text
