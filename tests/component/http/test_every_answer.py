"""What every answer carries, and what a process says of itself."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from services.kernel import db, ids, migrate
from services.kernel.errors import Unavailable
from tests.component.http.sample import API, events_about, wish


@pytest.mark.parametrize("path", ["/notifications/open", f"{API}/nothing", "/healthz", f"{API}/notices"])
def test_every_answer_has_the_security_headers(nobody: FlaskClient, path: str) -> None:
    """CSP without inline anything, no sniffing, no framing, no foreign referrer, on errors too."""
    headers = nobody.get(path).headers
    csp = headers["Content-Security-Policy"]
    assert "default-src 'none'" in csp
    assert "frame-ancestors 'none'" in csp
    assert "unsafe" not in csp
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Request-Id"]


def test_what_a_signed_in_person_sees_is_kept_nowhere(designer: FlaskClient) -> None:
    """Cache-Control: no-store."""
    assert designer.get("/notifications/notice").headers["Cache-Control"] == "no-store"


def test_a_page_holds_no_inline_script_or_style(designer: FlaskClient) -> None:
    """The CSP would refuse them; so there are none."""
    page = designer.get("/notifications/notice").text
    assert "style=" not in page
    assert " on" + "click" not in page
    assert "<script>" not in page


def test_a_request_keeps_the_number_its_sender_gave_it(nobody: FlaskClient) -> None:
    """X-Request-Id goes out as it came in, where it is a sane one."""
    assert nobody.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert nobody.get("/healthz", headers={"X-Request-Id": "a b<>"}).headers["X-Request-Id"] != "a b<>"


def test_static_files_are_kept_for_a_year_under_their_hash(nobody: FlaskClient) -> None:
    """The address changes with the content; another hash is not there."""
    page = nobody.get("/notifications/open").text
    address = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = nobody.get(address)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Vary" not in answer.headers  # a new session fetches no style sheet anew
    assert nobody.get("/static/000000000000/countersign.css").status_code == 404
    assert nobody.get("/static/000000000000/../application.py").status_code == 404


def test_ready_means_the_database_answers_and_is_migrated(nobody: FlaskClient) -> None:
    """200 as it is; 503 with a migration missing; 503 with the database away."""
    assert nobody.get("/readyz").get_json() == {"status": "ready", "services": {"notifications": "ready"}}


def test_unready_without_a_migration(nobody: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with newer code than its database takes no requests."""
    monkeypatch.setattr(migrate, "pending", lambda *_: ["notifications/0009_new.sql"])
    answer = nobody.get("/readyz")
    assert answer.status_code == 503
    assert "0009_new.sql" in answer.text


def test_unready_without_a_database(nobody: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process whose database is away takes no requests, but is up."""

    def away(_: str) -> None:
        raise Unavailable("away")

    monkeypatch.setattr(db, "of", away)
    assert nobody.get("/readyz").status_code == 503
    assert nobody.get("/healthz").status_code == 200


def test_the_broker_is_shown_and_never_needed(nobody: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a broker the web serves all the same."""
    monkeypatch.setenv("COUNTERSIGN_AMQP_URL", "amqp://guest:guest@127.0.0.1:1/")
    nobody.application.extensions.pop("broker", None)
    assert nobody.get("/healthz").get_json()["broker"] == "unreachable"
    assert nobody.get("/readyz").status_code == 200


def test_each_service_describes_its_doors(nobody: FlaskClient) -> None:
    """OpenAPI 3.1, valid enough to name every door, with our problem as its error; and a page for people."""
    document = nobody.get(f"{API}/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    door = document["paths"][f"{API}/notices"]["post"]
    assert door["summary"] == "Send a notice."
    assert "application/problem+json" in json.dumps(document["components"]["responses"])
    assert "Send a notice." in nobody.get(f"{API}/").text
    assert door["security"] == [{"session": []}, {"token": []}]
    assert "Idempotency-Key" in [parameter["name"] for parameter in door["parameters"]]
    assert document["paths"][f"{API}/away"]["get"]["security"] == []


def test_an_event_belongs_to_the_trace_of_its_request(designer: FlaskClient) -> None:
    """The traceparent in the outbox continues the one the request came with."""
    trace_id, about = "4bf92f3577b34da6a3ce929d0e0e4736", ids.new_id()
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    assert designer.post(f"{API}/notices", json=wish(about=about), headers=headers).status_code == 201
    assert events_about(f"00-{trace_id}-") == 1
