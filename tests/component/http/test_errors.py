"""Every error of a door: a problem for programs, a page for people, and what may be sent at all."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.kernel import ids
from tests.component.http.sample import API, events_about, wish
from tests.people import told


def test_every_error_of_the_api_is_a_problem_with_all_its_parts(designer: FlaskClient) -> None:
    """A refusal has type, title, status, detail, instance and a code, as RFC 9457 says."""
    answer = designer.post(f"{API}/notices", json=wish(text="no"))
    problem = answer.get_json()
    assert answer.status_code == problem["status"] == 409
    assert answer.mimetype == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "errors"}
    assert problem["errors"] == [{"pointer": "/text", "detail": "Not this word."}]
    assert answer.headers["X-Request-Id"] in problem["instance"]


def test_validation_names_each_field_with_a_sentence(designer: FlaskClient) -> None:
    """Each field that cannot be taken is named by a JSON Pointer, with a sentence of our own."""
    bad = {
        "text": "x" * 101,
        "channel": "dove",
        "title": {"english": "Hi", "de": "x" * 21},
        "at": "2026-03-01T09:30",
        "element": "outcomes",
        "hours": "many",
        "surprise": 1,
    }
    answer = designer.post(f"{API}/notices", json=bad)
    assert answer.status_code == 422
    assert told(answer, "/about", "/text", "/channel", "/title/english", "/title/de", "/at", "/hours", "/surprise") == [
        "This is needed.",
        "This has 101 characters; at most 100 are possible.",
        "This must be one of: inbox, email.",
        "This must be a language code, like en or de-AT.",
        "This has 21 characters; at most 20 are possible.",
        "This must be a moment with its time zone, like 2026-03-01T09:30:00Z.",
        "This must be a whole number.",
        "There is no such field here. Check the spelling, or leave it out.",
    ]


@pytest.mark.parametrize("text", ["a\u0000b", "a\u001bb", "   ", ""])
def test_text_with_control_characters_or_without_any_is_refused(designer: FlaskClient, text: str) -> None:
    """Text is made of what can be read, and there is some."""
    answer = designer.post(f"{API}/notices", json=wish(text=text))
    assert answer.status_code == 422
    assert told(answer, "/text")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"text": NaN}',
        b'{"text": "a", "text": "b"}',
        b'{"text": "\\ud800"}',
        b"[" * 40 + b"]" * 40,
        b"[" * 100_000,
    ],
)
def test_json_that_readers_disagree_about_is_unreadable(designer: FlaskClient, body: bytes) -> None:
    """Bad syntax and encoding, NaN, doubled keys, lone surrogates and deep nesting are 400."""
    answer = designer.post(f"{API}/notices", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "unreadable-json"


def test_json_that_is_no_object_is_refused(designer: FlaskClient) -> None:
    """A list where an object is needed is 422, said of the whole."""
    answer = designer.post(f"{API}/notices", json=[1])
    assert answer.status_code == 422
    assert told(answer, "") == ["A JSON object is needed here."]


@pytest.mark.parametrize(
    ("method", "path", "how", "status"),
    [
        ("GET", f"{API}/nothing", {}, 404),
        ("GET", f"{API}/notices/not-an-id", {}, 404),
        ("DELETE", f"{API}/notices", {}, 405),
        ("POST", f"{API}/notices", {"data": {"text": "a"}}, 415),
        ("POST", f"{API}/notices", {"data": "{}", "content_type": "text/plain"}, 415),
        ("POST", f"{API}/notices", {"data": b"x" * 1_048_577, "content_type": "application/json"}, 413),
        ("GET", f"{API}/mistake", {}, 500),
        ("GET", f"{API}/away", {}, 503),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(
    designer: FlaskClient, method: str, path: str, how: dict[str, Any], status: int
) -> None:
    """404, 405, 413, 415, 500 and 503 speak as every other error, and never show a trace."""
    answer = designer.open(path, method=method, **how)
    assert answer.status_code == answer.get_json()["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert "secret of ours" not in answer.text


def test_unavailable_says_when_to_try_again(nobody: FlaskClient) -> None:
    """503 carries Retry-After."""
    assert int(nobody.get(f"{API}/away").headers["Retry-After"]) > 0


def test_method_not_allowed_says_which_are(designer: FlaskClient) -> None:
    """405 carries Allow."""
    assert "POST" in designer.delete(f"{API}/notices").headers["Allow"]


def test_people_get_a_page_instead(designer: FlaskClient) -> None:
    """An error of a page is a page that says what to do next."""
    answer = designer.get("/notifications/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "begin at the start" in answer.text


def test_a_program_that_asks_a_page_for_json_gets_a_problem(designer: FlaskClient) -> None:
    """Accept decides, where the path does not."""
    answer = designer.get("/notifications/nothing", headers={"Accept": "application/json"})
    assert answer.mimetype == "application/problem+json"


def test_an_unknown_query_parameter_is_refused_by_name(designer: FlaskClient) -> None:
    """A parameter of the query that does not exist, or cannot be taken, is named as such."""
    answer = designer.get(f"{API}/notices?limt=5")
    assert answer.status_code == 422
    assert told(answer, "?limt")


def test_what_no_column_holds_is_the_senders(designer: FlaskClient) -> None:
    """A value that a schema lets by and the database refuses is 400, and nothing is half done."""
    about = ids.new_id()
    answer = designer.post(f"{API}/notices", json=wish(about=about, text="too much"))
    assert answer.status_code == answer.get_json()["status"] == 400
    assert events_about(about) == 0


def test_the_log_quotes_no_rows(designer: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a mistake in the database the log holds the state and the place, never the row that was refused."""
    about = ids.new_id()
    assert designer.post(f"{API}/notices", json=wish(about=about, text="broken")).status_code == 500
    logged = "".join(capsys.readouterr())
    assert "our own mistake" in logged
    assert "duplicate key" in logged
    assert "DETAIL" not in logged
    assert events_about(about) == 0


def test_an_error_page_knows_who_reads_it(nobody: FlaskClient, designer: FlaskClient) -> None:
    """The navigation on a page that is not there is that of the one who asks."""
    assert "Sign in" in nobody.get("/notifications/nothing").text
    assert "Consultations" in designer.get("/notifications/nothing").text
