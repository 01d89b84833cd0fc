"""In which language a reader is answered: the one they chose, else the one their browser asks for, else English."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.component.http.sample import API

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
NOWHERE = "/codesign/nowhere"


def spoken(client: FlaskClient, headers: dict[str, str] | None = None) -> str:
    """The language that a page says it is in; fails where its words are in another."""
    page = client.get(NOWHERE, headers=headers)
    found = re.search(r'<html lang="(\w+)"', page.text)
    assert found
    assert page.headers["Content-Language"] == found[1]
    assert {"Accept-Language", "Cookie"} <= set(page.vary.as_set(preserve_casing=True))
    assert {"en": "There is nothing here", "de": "Hier ist nichts"}[found[1]] in page.text
    return found[1]


@pytest.mark.parametrize(
    ("asked", "answered"), [("de", "de"), ("de-CH", "de"), ("fr", "en"), ("", "en"), ("en,de", "en"), ("fr,de", "de")]
)
def test_a_page_speaks_what_the_browser_asks_for(nobody: FlaskClient, asked: str, answered: str) -> None:
    """The first language of the browser that we speak, else English."""
    assert spoken(nobody, {"Accept-Language": asked}) == answered


def test_what_was_chosen_goes_before_what_the_browser_asks_for(nobody: FlaskClient) -> None:
    """A link at the foot of a page chooses, and leads back to the very page."""
    page = nobody.get(NOWHERE)
    link = re.search(r'href="(/language/de[^"]*)" lang="de"', page.text)
    assert link
    chosen = nobody.get(link[1])
    assert (chosen.status_code, chosen.headers["Location"]) == (303, NOWHERE)
    assert spoken(nobody) == "de"
    nobody.get("/language/en?next=/")
    assert spoken(nobody, GERMAN) == "en"


@pytest.mark.parametrize("next", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"])
def test_the_choice_leads_to_no_other_site(nobody: FlaskClient, next: str) -> None:
    """Whoever follows a made-up link ends at our own start."""
    assert nobody.get("/language/de", query_string={"next": next}).headers["Location"] == "/"


def test_a_language_we_do_not_speak_is_not_there(nobody: FlaskClient) -> None:
    """There is no page for choosing it, and nothing is remembered."""
    answer = nobody.get("/language/fr")
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_a_program_is_answered_as_its_request_asks(nobody: FlaskClient) -> None:
    """A problem is in English unless `Accept-Language` asks for German; what a person chose is not its choice."""
    nobody.get("/language/de")
    path = "/codesign/api/v1/nowhere"
    plain, german = nobody.get(path), nobody.get(path, headers=GERMAN)
    assert plain.get_json()["title"] == "There is nothing here"
    assert german.get_json()["title"] == "Hier ist nichts"
    assert [answer.headers["Content-Language"] for answer in (plain, german)] == ["en", "de"]
    assert plain.get_json()["code"] == german.get_json()["code"]


def test_the_sentences_at_fields_are_translated_with_their_numbers(designer: FlaskClient) -> None:
    """What is wrong with a field is said in the language asked for, numbers as it parts them."""
    answer = designer.post(f"{API}/notices", json={"text": "x" * 5000}, headers=GERMAN)
    said = [error["detail"] for error in answer.get_json()["errors"]]
    assert any("5.000 Zeichen" in sentence for sentence in said), said
