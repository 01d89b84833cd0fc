"""Who asks: tokens, roles, revocation, and links that are good for one thing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.kernel import clock, db, ids
from services.kernel.http import COOKIE, local_path
from tests.component.http.sample import API, wish
from tests.people import person, sign_in, token


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


def test_a_part_of_a_page_is_not_redirected(nobody: FlaskClient) -> None:
    """A fragment without a session is 401: the page of accounts must not be put into its place."""
    answer = nobody.get("/notifications/notice", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "Location" not in answer.headers
