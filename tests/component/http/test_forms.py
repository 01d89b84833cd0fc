"""Forms: shown again with their words, refused from other sites, never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.kernel import clock, ids
from tests.component.http.sample import API, events_about, wish
from tests.people import hidden_fields, person, post, sign_in


def test_a_form_is_sent_and_says_so_afterwards(designer: FlaskClient) -> None:
    """A form posts, is redirected by GET, and the page says what was done."""
    about = ids.new_id()
    answer = post(designer, "/notifications/notice", wish(about=about))
    assert answer.status_code == 303
    assert "The notice is recorded." in designer.get(answer.headers["Location"]).text
    assert events_about(about) == 1


def test_a_form_that_cannot_be_taken_is_shown_again_with_the_words(designer: FlaskClient) -> None:
    """422: the words stand where they stood, and each sentence at its field."""
    answer = post(designer, "/notifications/notice", {"text": "My <long> words", "about": "", "channel": "email"})
    assert answer.status_code == 422
    assert "My &lt;long&gt; words" in answer.text
    assert 'id="f-about-mistake">This is needed.' in answer.text
    assert 'href="#f-about"' in answer.text
    assert 'value="email" checked' in answer.text


def test_a_refusal_shows_the_form_again_too(designer: FlaskClient) -> None:
    """409: what the rules refuse is said above the form, with the words in it."""
    answer = post(designer, "/notifications/notice", wish(text="no"))
    assert answer.status_code == 409
    assert "Such a notice is not sent." in answer.text
    assert ">no</textarea>" in answer.text.replace("\n", "")


def sent_late(client: FlaskClient, page: TestResponse, about: str) -> TestResponse:
    fields = hidden_fields(page) | {"about": about, "text": "Words of an hour"}
    return client.post("/notifications/notice?x=1", data=fields)


def test_a_post_after_the_session_ended_keeps_every_word(nobody: FlaskClient) -> None:
    """401, and a page with the words and a button that goes by way of accounts to where it was going."""
    actor = person("designer")
    page = sign_in(nobody, actor).get("/notifications/notice")
    sign_in(nobody, actor, issued_at=clock.now() - timedelta(minutes=11))
    about = ids.new_id()
    answer = sent_late(nobody, page, about)
    assert answer.status_code == 401
    assert "Words of an hour" in answer.text
    assert 'action="/accounts/renew?next=%2Fnotifications%2Fnotice%3Fx%3D1"' in answer.text
    # accounts renews the session, which stays the same one, and hands the form on by 307
    sign_in(nobody, actor)
    again = nobody.post(
        "/notifications/notice", data=hidden_fields(answer) | {"about": about, "text": "Words of an hour"}
    )
    assert again.status_code == 303
    assert events_about(about) == 1


def test_a_form_of_another_session_keeps_every_word(nobody: FlaskClient) -> None:
    """403 for the old token, with the words and one button that sends them under the new one."""
    page = sign_in(nobody, person("designer")).get("/notifications/notice")
    sign_in(nobody, person("designer"))
    about = ids.new_id()
    answer = sent_late(nobody, page, about)
    assert answer.status_code == 403
    assert "Words of an hour" in answer.text
    again = nobody.post(
        "/notifications/notice", data=hidden_fields(answer) | {"about": about, "text": "Words of an hour"}
    )
    assert again.status_code == 303
    assert events_about(about) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(designer: FlaskClient, headers: dict[str, str]) -> None:
    """What the browser says comes from elsewhere does nothing, token or not; programs that name their session may."""
    fields = hidden_fields(designer.get("/notifications/notice")) | wish()
    assert designer.post("/notifications/notice", data=fields, headers=headers).status_code == 403
    assert designer.post(f"{API}/notices", json=wish(), headers=headers).status_code == 403


def test_a_form_of_our_own_passes(designer: FlaskClient) -> None:
    """Same origin, by either header."""
    fields = hidden_fields(designer.get("/notifications/notice")) | wish()
    headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert designer.post("/notifications/notice", data=fields, headers=headers).status_code == 303
