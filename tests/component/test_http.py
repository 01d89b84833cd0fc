"""What holds for every door: who asks, what comes in, how it is refused, and that sending twice acts once."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OKPKey
from werkzeug.test import TestResponse

from services.kernel import claims, clock, db, ids, migrate
from services.kernel.errors import Unavailable
from services.kernel.http import COOKIE, idempotency, local_path
from tests.component import sample
from tests.people import hidden_fields, person, post, sign_in, token, told

API = "/notifications/api/v1"
APP = sample.app()

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture
def nobody() -> FlaskClient:
    return APP.test_client()


@pytest.fixture
def designer() -> FlaskClient:
    return sign_in(APP.test_client(), person("designer"))


def wish(**changes: Any) -> dict[str, Any]:
    return {"about": ids.new_id(), "text": "Hello"} | changes


def events_about(about: str) -> int:
    """How many events the outbox holds about something."""
    with db.of("notifications").transaction(read_only=True) as tx:
        count: int = tx.value(
            "SELECT count(*) FROM notifications_own.outbox WHERE convert_from(body, 'UTF8') LIKE %(about)s",
            {"about": f"%{about}%"},
        )
    return count


# --- errors -----------------------------------------------------------------------------------------------------------


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


# --- versions and lists -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "status"), [(None, 428), ('"2"', 412), ("*", 412), ('W/"3"', 412), ('"3"', 204)])
def test_a_change_names_the_version_it_is_made_to(designer: FlaskClient, given: str | None, status: int) -> None:
    """Without If-Match 428, with another version 412, with the present one it is done."""
    headers = {} if given is None else {"If-Match": given}
    assert designer.put(f"{API}/notices/{ids.new_id()}", headers=headers).status_code == status


def test_an_answer_about_a_version_has_a_strong_tag(designer: FlaskClient) -> None:
    """The ETag is the version in quotes."""
    assert designer.get(f"{API}/notices/{ids.new_id()}").headers["ETag"] == '"3"'


def test_a_list_is_read_page_by_page_to_its_end(designer: FlaskClient) -> None:
    """The Link header and `next` lead through all items, each once."""
    found, address = [], f"{API}/notices?limit=3"
    while address:
        answer = designer.get(address)
        found += [item["id"] for item in answer.get_json()["items"]]
        link = answer.headers.get("Link", "")
        assert bool(link) is bool(answer.get_json()["next"])
        address = link.partition(">")[0].lstrip("<")
    assert found == [str(n) for n in range(7)]


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=!", "cursor=e30"])
def test_a_page_is_at_most_100_items_from_a_cursor_of_ours(designer: FlaskClient, query: str) -> None:
    """Other limits and foreign cursors are 422, at the parameter."""
    answer = designer.get(f"{API}/notices?{query}")
    assert answer.status_code == 422
    assert told(answer, f"?{query.partition('=')[0]}")


# --- who asks ---------------------------------------------------------------------------------------------------------


def test_a_view_that_says_nothing_of_access_is_closed(nobody: FlaskClient, designer: FlaskClient) -> None:
    """Forgetting the decorator fails closed."""
    assert nobody.get(f"{API}/forgotten").status_code == 401
    assert designer.get(f"{API}/forgotten").status_code == 200


def test_access_is_asked_before_anything_is_read(nobody: FlaskClient) -> None:
    """Who is not signed in learns nothing of what would have been wrong with the body."""
    answer = nobody.post(f"{API}/notices", data=b"{", content_type="application/json")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_the_wrong_role_is_forbidden(nobody: FlaskClient) -> None:
    """A view that names roles admits those who hold one of them."""
    assert sign_in(nobody, person("reviewer")).post(f"{API}/notices", json=wish()).status_code == 403
    assert sign_in(nobody, person("reviewer", "lead")).post(f"{API}/notices", json=wish()).status_code == 201


def test_programs_name_their_session_in_a_header(nobody: FlaskClient) -> None:
    """`Authorization: Bearer` is as good as the cookie, and goes before it."""
    headers = {"Authorization": f"Bearer {token(person('designer'))}"}
    assert nobody.post(f"{API}/notices", json=wish(), headers=headers).status_code == 201


@pytest.mark.parametrize("flaw", ["expired", "foreign key", "none", "garbage", "changed"])
def test_a_token_that_accounts_did_not_sign_or_that_expired_is_nobodys(nobody: FlaskClient, flaw: str) -> None:
    """Only the Ed25519 key of accounts makes tokens, and they last ten minutes."""
    good = person("designer")
    claims = {"iss": "countersign", "sub": good.person, "sid": good.session, "iat": 1, "exp": 9_999_999_999}
    foreign = OKPKey.generate_key("Ed25519")
    made = {
        "expired": token(good, issued_at=clock.now() - timedelta(minutes=11)),
        "foreign key": jwt.encode({"alg": "Ed25519"}, claims, foreign, algorithms=["Ed25519"]),
        "none": "eyJhbGciOiJub25lIn0." + token(good).split(".")[1] + ".",
        "garbage": "..",
        "changed": token(good).replace(".", ".e30", 1),
    }
    nobody.set_cookie(COOKIE, made[flaw])
    assert nobody.get(f"{API}/notices").status_code == 401


def revoke(kind: str, id: str) -> None:
    with db.of("notifications").transaction() as tx:
        tx.execute(
            "INSERT INTO notifications_own.revoked (kind, id, at) VALUES (%(kind)s, %(id)s, %(at)s)",
            {"kind": kind, "id": id, "at": clock.now()},
        )


def test_a_revoked_session_ends_at_once(nobody: FlaskClient) -> None:
    """A token whose session was revoked is nobody's; the person's other session goes on."""
    actor = person("designer")
    sign_in(nobody, actor)
    assert nobody.get(f"{API}/notices").status_code == 200
    revoke("session", actor.session or "")
    assert nobody.get(f"{API}/notices").status_code == 401
    other = type(actor)(actor.person, actor.organisation, actor.roles, session=ids.new_id())
    assert sign_in(nobody, other).get(f"{API}/notices").status_code == 200


def test_a_person_whose_rights_changed_needs_a_new_token(nobody: FlaskClient) -> None:
    """Tokens issued before the person was revoked are nobody's; one issued after is good."""
    actor = person("designer")
    sign_in(nobody, actor)
    revoke("person", actor.person)
    assert nobody.get(f"{API}/notices").status_code == 401
    assert sign_in(nobody, actor).get(f"{API}/notices").status_code == 200


def test_a_magic_link_opens_its_own_thing_only(nobody: FlaskClient) -> None:
    """A scoped person passes where the path names the scope, or the view says it takes care itself."""
    mine, other = ids.new_id(), ids.new_id()
    sign_in(nobody, person("designer", scope=mine))
    assert nobody.get(f"{API}/notices/{mine}").status_code == 200
    assert nobody.get(f"{API}/notices/{other}").status_code == 403
    assert nobody.get(f"{API}/notices").status_code == 403
    assert nobody.put(f"{API}/notices/{other}", headers={"If-Match": '"3"'}).status_code == 204


def test_a_reader_without_a_session_is_sent_to_be_signed_in_and_back(nobody: FlaskClient) -> None:
    """A page is answered with a redirect that names the way back, the query too."""
    answer = nobody.get("/notifications/notice?done=sent")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/accounts/renew?next=%2Fnotifications%2Fnotice%3Fdone%3Dsent"


def test_a_public_page_knows_who_is_signed_in_and_who_is_not(nobody: FlaskClient) -> None:
    """A page for everybody is shown to everybody, with the navigation of the one who looks."""
    assert "Sign in" in nobody.get("/notifications/open").text
    assert "Consultations" in sign_in(nobody, person()).get("/notifications/open").text


@pytest.mark.parametrize("next", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_ever_sent_to_another_site(next: str) -> None:
    """The way back is a path of ours, or the start."""
    assert local_path(next) == "/"
    assert local_path("/codesign/a?b=c") == "/codesign/a?b=c"


# --- forms ------------------------------------------------------------------------------------------------------------


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


# --- once and only once -----------------------------------------------------------------------------------------------


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


def test_concurrent_twins_act_once() -> None:
    """Eight at once under one key: one effect, and every answer is the same."""
    actor, body = person("designer"), wish()
    headers = {"Authorization": f"Bearer {token(actor)}", "Idempotency-Key": "k-5"}
    answers: list[TestResponse] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        answers.append(APP.test_client().post(f"{API}/notices", json=body, headers=headers))

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
    """Committed, but the answer was never kept: the event is named, and nothing is done again."""
    headers, body = {"Idempotency-Key": "k-6"}, wish()
    monkeypatch.setattr(idempotency, "_keep", lambda *_: None)
    first = designer.post(f"{API}/notices", json=body, headers=headers).get_json()
    second = designer.post(f"{API}/notices", json=body, headers=headers)
    assert second.status_code == 200
    assert second.get_json() == {"event": first["event"]}
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


def test_a_command_that_emits_twice_claims_once() -> None:
    """The second event of one request finds its own claim, also in a second transaction."""
    actor = person("designer")
    claim = claims.Claim(actor.person, "k-8", b"hash")
    with claims.claiming(claim):
        sample.tell(actor, wish(channel="inbox"))
        sample.tell(actor, wish(channel="inbox"))
    with pytest.raises(claims.AlreadyClaimed), claims.claiming(claims.Claim(actor.person, "k-8", b"hash")):
        sample.tell(actor, wish(channel="inbox"))


# --- headers, health, documents ---------------------------------------------------------------------------------------


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
    APP.extensions.pop("broker", None)
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


def test_an_event_belongs_to_the_trace_of_its_request(designer: FlaskClient) -> None:
    """The traceparent in the outbox continues the one the request came with."""
    trace_id, about = "4bf92f3577b34da6a3ce929d0e0e4736", ids.new_id()
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    assert designer.post(f"{API}/notices", json=wish(about=about), headers=headers).status_code == 201
    assert events_about(f"00-{trace_id}-") == 1
