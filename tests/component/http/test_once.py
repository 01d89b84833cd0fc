"""The same request sent twice acts once, whatever happens between."""

from __future__ import annotations

import threading

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.kernel import claims, db, ids
from services.kernel.http import idempotency
from tests.component.http import sample
from tests.component.http.sample import API, events_about, wish
from tests.people import hidden_fields, person, sign_in, token


def test_the_same_key_and_request_act_once_and_are_answered_alike(designer: FlaskClient) -> None:
    """The second answer is the first one, marked as replayed."""
    body, headers = wish(), {"Idempotency-Key": "k-1"}
    first = designer.post(f"{API}/notices", json=body, headers=headers)
    second = designer.post(f"{API}/notices", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.get_json() == second.get_json()
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert events_about(body["about"]) == 1


def test_the_same_key_with_another_body_is_refused(designer: FlaskClient) -> None:
    """422 with a code of its own, and nothing is done."""
    headers = {"Idempotency-Key": "k-2"}
    designer.post(f"{API}/notices", json=wish(), headers=headers)
    other = wish()
    answer = designer.post(f"{API}/notices", json=other, headers=headers)
    assert answer.status_code == 422
    assert answer.get_json()["code"] == "idempotency-key-reused"
    assert events_about(other["about"]) == 0


def test_a_key_belongs_to_a_person(nobody: FlaskClient) -> None:
    """Two people may use the same key."""
    for _ in range(2):
        sign_in(nobody, person("designer"))
        answer = nobody.post(f"{API}/notices", json=wish(), headers={"Idempotency-Key": "k-3"})
        assert answer.status_code == 201


def test_a_refused_request_does_not_use_up_its_key(designer: FlaskClient) -> None:
    """What was rolled back claims nothing: the same request is judged anew."""
    headers, body = {"Idempotency-Key": "k-4"}, wish(text="no")
    for _ in range(2):
        answer = designer.post(f"{API}/notices", json=body, headers=headers)
        assert answer.status_code == 409
        assert "Idempotency-Replayed" not in answer.headers
    assert designer.post(f"{API}/notices", json=wish(), headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "a b", "ä", "x" * 201])
def test_a_key_is_visible_ascii(designer: FlaskClient, key: str) -> None:
    """Any other key is 400."""
    answer = designer.post(f"{API}/notices", json=wish(), headers={"Idempotency-Key": key})
    assert answer.status_code == 400


def test_concurrent_twins_act_once(nobody: FlaskClient) -> None:
    """Eight at once under one key: one effect, and every answer is the same."""
    actor, body = person("designer"), wish()
    headers = {"Authorization": f"Bearer {token(actor)}", "Idempotency-Key": "k-5"}
    answers: list[TestResponse] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        answers.append(nobody.application.test_client().post(f"{API}/notices", json=body, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert events_about(body["about"]) == 1


def test_a_repetition_after_its_maker_died_gets_a_receipt(
    designer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Committed, but the answer was never kept: the event is told, with all ids in it, and nothing is done again."""
    headers, body = {"Idempotency-Key": "k-6"}, wish()
    monkeypatch.setattr(idempotency, "_keep", lambda *_: None)
    first = designer.post(f"{API}/notices", json=body, headers=headers).get_json()
    second = designer.post(f"{API}/notices", json=body, headers=headers)
    assert second.status_code == 200
    receipt = second.get_json()
    assert receipt["event"] == first["event"]
    assert receipt["data"]["notice"] == receipt["subject"] == first["id"]
    assert events_about(body["about"]) == 1


def test_a_form_sent_twice_acts_once(designer: FlaskClient) -> None:
    """A double click is answered with the same redirect."""
    about = ids.new_id()
    fields = hidden_fields(designer.get("/notifications/notice")) | wish(about=about)
    first, second = (designer.post("/notifications/notice", data=fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert events_about(about) == 1


def test_a_form_changed_after_going_back_keeps_its_words(designer: FlaskClient) -> None:
    """The key of the page was used; the new words are kept, with a button that sends them under a new one."""
    fields = hidden_fields(designer.get("/notifications/notice")) | wish()
    designer.post("/notifications/notice", data=fields)
    about = ids.new_id()
    answer = designer.post("/notifications/notice", data=fields | {"about": about, "text": "Second thoughts"})
    assert answer.status_code == 422
    assert "Second thoughts" in answer.text
    again = hidden_fields(answer) | {"about": about, "text": "Second thoughts"}
    assert designer.post("/notifications/notice", data=again).status_code == 303
    assert events_about(about) == 1


def test_a_key_is_free_again_after_a_day(designer: FlaskClient) -> None:
    """Rows older than 24 hours are gone."""
    headers = {"Idempotency-Key": "k-7"}
    designer.post(f"{API}/notices", json=wish(), headers=headers)
    with db.of("notifications").transaction() as tx:
        tx.execute("UPDATE notifications_own.idempotency SET at = at - interval '25 hours' WHERE key = 'k-7'")
    assert designer.post(f"{API}/notices", json=wish(), headers=headers).status_code == 201


@pytest.mark.usefixtures("module_database")
def test_a_command_that_emits_twice_claims_once() -> None:
    """The second event of one request finds its own claim, also in a second transaction."""
    actor = person("designer")
    claim = claims.Claim(actor.person, "k-8", b"hash")
    with claims.claiming(claim):
        sample.tell(actor, wish(channel="inbox"))
        sample.tell(actor, wish(channel="inbox"))
    with pytest.raises(claims.AlreadyClaimed), claims.claiming(claims.Claim(actor.person, "k-8", b"hash")):
        sample.tell(actor, wish(channel="inbox"))
