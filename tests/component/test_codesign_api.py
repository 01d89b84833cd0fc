"""The REST doors of co-design on the real database: a round, every kind of bad input, and who sees whose words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.codesign.domain.opening import VISIBILITIES
from services.kernel import clock, db, ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.codesign_house import Draft, House, Watch, emitted, house
from tests.people import browse, person, sign_in, told

pytestmark = pytest.mark.usefixtures("module_database")

ROOT = "/codesign/api/v1"
COMMENT: dict[str, Any] = {"pointer": "/outcomes/lo-store/text/en", "kind": "concern", "text": "Which distances?"}


@pytest.fixture(scope="module")
def app(module_database: str) -> Flask:
    del module_database
    return create_app(["codesign"])


@pytest.fixture
def here(app: Flask) -> House:
    del app
    return house()


@pytest.fixture
def as_(app: Flask) -> Callable[[Actor], FlaskClient]:
    return lambda actor: sign_in(browse(app=app), actor)


As = Callable[[Actor], FlaskClient]


def count() -> tuple[int, ...]:
    """How many events there are, and rows that they could have made."""
    with db.of("codesign").transaction(read_only=True) as tx:
        tables = ("codesign_own.outbox", "consultation", "participant", "comment", "disposition", "endorsement")
        return tuple(tx.value(f"SELECT count(*) FROM {table}") for table in tables)


@pytest.fixture
def nothing_saved() -> Iterator[None]:
    """Fails where the test leaves an event or a row behind."""
    before = count()
    yield
    assert count() == before


# --- a round ----------------------------------------------------------------------------------------------------------


def test_a_round_over_the_doors(here: House, as_: As) -> None:
    """Opened, invited, commented with new words, answered, endorsed: every answer leads on to what it made."""
    designer, employer = as_(here.designer), as_(here.employer)
    draft = Draft(here.world, here.draft.provider)
    closes = clock.now() + timedelta(days=7)
    wish = {"draft": draft.id, "closes_at": closes.isoformat(), "organisations": [here.employer.organisation]}
    opened = designer.post(f"{ROOT}/consultations", json=wish)
    assert opened.status_code == 201, opened.text
    place = opened.headers["Location"]
    found = employer.get(place)
    assert found.get_json() | {"status": "open", "side": "reviewer", "waits_for": "review"} == found.get_json()
    assert found.get_json()["title"] == "Safe handling of lithium batteries in logistics"
    assert found.headers["ETag"] == '"2"'

    guest = designer.post(f"{place}/participants", json={"organisation": here.body.organisation})
    again = designer.post(f"{place}/participants", json={"organisation": here.body.organisation})
    assert (guest.status_code, again.status_code) == (201, 200)
    assert guest.get_json() == again.get_json()

    design = employer.get(f"{place}/document").get_json()
    assert design["document"] == draft.document
    made = employer.post(f"{place}/comments", json=COMMENT | {"wording": "Store them 2.5 m apart.", "version": 1})
    assert made.status_code == 201
    comment = designer.get(made.headers["Location"]).get_json()
    assert comment | {"person": "Ute Krämer", "text": "Which distances?", "disposition": None} == comment
    assert comment["suggestion"][1] == {
        "op": "replace",
        "path": "/outcomes/lo-store/text/en",
        "value": "Store them 2.5 m apart.",
    }
    assert designer.get(f"{place}/readiness").get_json()["missing"][0] == {
        "code": "open_comments",
        "comments": [comment["id"]],
    }

    draft.revise("/outcomes/lo-store/text/en", "Store them 2.5 m apart.", answers=[comment["id"]])
    taken = {"disposition": "accepted", "reason": "Taken as you wrote it.", "answered_in": 2}
    assert designer.post(f"{ROOT}/comments/{comment['id']}/disposition", json=taken).status_code == 201
    told_employer = employer.get(made.headers["Location"]).get_json()
    assert told_employer["disposition"]["reason"] == "Taken as you wrote it."
    assert (told_employer["changed"], told_employer["named_in"]) == (True, [2])

    for actor in (here.employer, here.body):
        given = as_(actor).post(
            f"{place}/endorsements", json={"interest": "none", "statement": "We would send people."}
        )
        assert given.status_code == 201, given.text
    ready = designer.get(f"{place}/readiness").get_json()
    assert (ready["ready"], ready["missing"], len(ready["endorsements"])) == (True, [], 2)
    assert [e["whole"] for e in designer.get(f"{place}/endorsements").get_json()["items"]] == [True, True]


def test_lists_come_in_pages(here: House, as_: As) -> None:
    """A cursor leads to the next page, and the last has none."""
    for number in range(5):
        here.comment(text=f"Comment {number}")
    client, seen, path = as_(here.designer), [], f"{ROOT}/consultations/{here.consultation}/comments?limit=2"
    pages = 0
    cursor = ""
    while True:
        page = client.get(path + cursor).get_json()
        seen += [item["text"] for item in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert (pages, seen) == (3, [f"Comment {number}" for number in range(5)])
    first = client.get(f"{ROOT}/consultations?limit=1")
    assert first.get_json()["items"][0]["id"] == here.consultation


def test_each_sees_the_consultations_of_their_side(here: House, as_: As) -> None:
    """Providers those they run, reviewers those they are invited to, a link its own one, auditors all; others none."""
    second = house()
    linked = here.world.member(str(here.employer.organisation), "reviewer", scope=here.consultation)

    def listed(actor: Actor) -> set[str]:
        items = as_(actor).get(f"{ROOT}/consultations?limit=100").get_json()["items"]
        return {item["id"] for item in items} & {here.consultation, second.consultation}

    assert listed(here.designer) == listed(here.employer) == listed(linked) == {here.consultation}
    assert listed(second.body) == {second.consultation}
    assert listed(here.auditor) == {here.consultation, second.consultation}
    assert listed(person("administrator")) == listed(person("designer", "lead")) == set()


def test_the_same_key_acts_once_and_never_for_another_body(here: House, as_: As) -> None:
    """Sent twice it is one comment and one answer; with another body the key is refused."""
    client, path = as_(here.employer), f"{ROOT}/consultations/{here.consultation}/comments"
    key = {"Idempotency-Key": ids.new_id()}
    first, again = (client.post(path, json=COMMENT, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, first.get_json()) == (201, 201, again.get_json())
    assert client.post(path, json=COMMENT | {"text": "Other"}, headers=key).status_code == 422
    assert len(as_(here.designer).get(path).get_json()["items"]) == 1


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared(app: Flask) -> House:
    del app
    found = house()
    found.comment()
    return found


class TestBadInput:
    """The right status, a sentence at the field, and nothing half-saved."""

    @pytest.fixture
    def here(self, shared: House, nothing_saved: None) -> House:
        del nothing_saved
        return shared

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"pointer": None}, "/pointer"),
            ({"pointer": "outcomes"}, "/pointer"),
            ({"pointer": "/outcomes/lo-none"}, "/pointer"),
            ({"pointer": "/" + 300 * "x"}, "/pointer"),
            ({"kind": "rant"}, "/kind"),
            ({"text": ""}, "/text"),
            ({"text": "  \n "}, "/text"),
            ({"text": 5001 * "x"}, "/text"),
            ({"text": "a\x00b"}, "/text"),
            ({"text": 7}, "/text"),
            ({"version": 0}, "/version"),
            ({"version": 2}, "/version"),
            ({"version": 2**40}, "/version"),
            ({"version": "one"}, "/version"),
            ({"public": "perhaps"}, "/public"),
            ({"wording": 5001 * "x"}, "/wording"),
            ({"suggestion": []}, "/suggestion"),
            ({"suggestion": [{"op": "replace", "path": "/title/en", "value": "x"}]}, "/suggestion"),
            ({"suggestion": [{"op": "test"}]}, "/suggestion/0/path"),
            ({"suggestion": [{"op": "copy", "path": "/x", "from": "/y"}]}, "/suggestion/0/op"),
            ({"suggestion": [{"op": "test", "path": "/x", "value": 1, "why": "x"}]}, "/suggestion/0/why"),
            ({"suggestion": "replace it"}, "/suggestion"),
            ({"anonymous": True}, "/anonymous"),
        ],
    )
    def test_comments(self, here: House, as_: As, change: dict[str, Any], place: str) -> None:
        """Each field of a comment that cannot be taken is named."""
        wish = {name: value for name, value in (COMMENT | change).items() if value is not None}
        answer = as_(here.employer).post(f"{ROOT}/consultations/{here.consultation}/comments", json=wish)
        self.refused(answer, 422, place)

    @pytest.mark.parametrize(
        ("change", "place"),
        [
            ({"draft": None}, "/draft"),
            ({"draft": "draft-1"}, "/draft"),
            ({"version": 9}, "/version"),
            ({"closes_at": None}, "/closes_at"),
            ({"closes_at": "next week"}, "/closes_at"),
            ({"closes_at": "2031-01-01T12:00:00"}, "/closes_at"),
            ({"closes_at": "2020-01-01T12:00:00Z"}, "/closes_at"),
            ({"visibility": "secret"}, "/visibility"),
            ({"organisations": ["x"]}, "/organisations/0"),
            ({"organisations": [ids.new_id()]}, "/organisations/0"),
            ({"organisations": [ids.new_id() for _ in range(201)]}, "/organisations"),
            ({"question": 1001 * "x"}, "/question"),
        ],
    )
    def test_openings(self, here: House, as_: As, change: dict[str, Any], place: str) -> None:
        """Each field of an opening that cannot be taken is named."""
        draft = Draft(here.world, here.draft.provider)
        usual: dict[str, Any] = {"draft": draft.id, "closes_at": "2031-01-01T12:00:00Z"}
        wish = {name: value for name, value in (usual | change).items() if value is not None}
        self.refused(as_(here.designer).post(f"{ROOT}/consultations", json=wish), 422, place)

    @pytest.mark.parametrize(
        ("wish", "place"),
        [
            ({"reason": "So."}, "/disposition"),
            ({"disposition": "ignored", "reason": "So."}, "/disposition"),
            ({"disposition": "accepted"}, "/reason"),
            ({"disposition": "accepted", "reason": " "}, "/reason"),
            ({"disposition": "accepted", "reason": "So.", "answered_in": 1}, "/answered_in"),
        ],
    )
    def test_dispositions(self, here: House, as_: As, wish: dict[str, Any], place: str) -> None:
        """No disposition without its reason."""
        comment = (
            as_(here.designer).get(f"{ROOT}/consultations/{here.consultation}/comments").get_json()["items"][0]["id"]
        )
        self.refused(as_(here.designer).post(f"{ROOT}/comments/{comment}/disposition", json=wish), 422, place)

    @pytest.mark.parametrize(
        ("wish", "place"),
        [
            ({}, "/interest"),
            ({"interest": "friend"}, "/interest"),
            ({"interest": "none", "elements": []}, "/elements"),
            ({"interest": "none", "elements": ["/title", "/outcomes"]}, "/elements/1"),
            ({"interest": "none", "version": 3}, "/version"),
            ({"interest": "none", "statement": 2001 * "x"}, "/statement"),
        ],
    )
    def test_endorsements(self, here: House, as_: As, wish: dict[str, Any], place: str) -> None:
        """No endorsement without its declaration of interest, and only of what is there."""
        path = f"{ROOT}/consultations/{here.consultation}/endorsements"
        self.refused(as_(here.employer).post(path, json=wish), 422, place)

    def test_whole_requests(self, here: House, as_: As) -> None:
        """Not JSON, no object, twice the same key, too large, nobody there, no such thing, of another's business."""
        path = f"{ROOT}/consultations/{here.consultation}/comments"
        client = as_(here.employer)
        json = {"Content-Type": "application/json"}
        assert client.post(path, data="text=x").status_code == 415
        assert client.post(path, data="{", headers=json).status_code == 400
        assert client.post(path, data='{"kind":"praise","kind":"error"}', headers=json).status_code == 400
        assert client.post(path, json=[]).status_code == 422
        assert client.post(path, json=COMMENT | {"text": 1_100_000 * "x"}).status_code == 413
        nobody = f"{ROOT}/consultations/{ids.new_id()}/comments"
        assert client.post(nobody, json=COMMENT).status_code == 404
        assert client.post(f"{ROOT}/consultations/1/comments", json=COMMENT).status_code == 404
        assert as_(here.designer).post(f"{ROOT}/comments/{ids.new_id()}/disposition", json={}).status_code == 422
        wish = {"disposition": "accepted", "reason": "So."}
        assert as_(here.designer).post(f"{ROOT}/comments/{ids.new_id()}/disposition", json=wish).status_code == 404
        elsewhere = {"draft": here.draft.id, "closes_at": "2031-01-01T12:00:00Z"}
        assert as_(person("designer", "lead")).post(f"{ROOT}/consultations", json=elsewhere).status_code == 404
        again = as_(here.designer).post(f"{ROOT}/consultations", json=elsewhere)
        assert (again.status_code, again.get_json()["code"]) == (409, "consultation-exists")

    def test_a_suggestion_too_large_to_travel(self, here: House, as_: As) -> None:
        """Words beside an event have at most 60 KiB: 413 with the figures, and nothing saved."""
        at = "/outcomes/lo-store/text/en"
        now = here.draft.document["outcomes"]["lo-store"]["text"]["en"]
        patch = [{"op": "test", "path": at, "value": now}, {"op": "replace", "path": at, "value": 70_000 * "x"}]
        path = f"{ROOT}/consultations/{here.consultation}/comments"
        answer = as_(here.employer).post(path, json=COMMENT | {"suggestion": patch})
        self.refused(answer, 413)

    def test_who_may_not(self, here: House, as_: As) -> None:
        """Signed out, of the wrong role, of another consultation's link, not invited: 401 or 403, each its sentence."""
        path = f"{ROOT}/consultations/{here.consultation}"
        linked = person("reviewer", organisation=str(here.employer.organisation), scope=ids.new_id())
        stranger = person("reviewer")
        assert browse("codesign").post(f"{path}/comments", json=COMMENT).status_code == 401
        assert as_(here.designer).post(f"{path}/comments", json=COMMENT).status_code == 403
        assert as_(linked).post(f"{path}/comments", json=COMMENT).status_code == 403
        refused = as_(stranger).post(f"{path}/comments", json=COMMENT)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "not-invited")
        assert as_(stranger).get(path).status_code == 403
        assert as_(here.employer).post(f"{path}/participants", json={"organisation": ids.new_id()}).status_code == 403
        assert as_(here.employer).get(f"{path}/readiness").status_code == 403
        assert as_(here.auditor).get(f"{path}/readiness").status_code == 200
        assert as_(person("designer", "lead")).get(path).status_code == 404
        assert as_(person("administrator")).get(path).status_code == 404

    def refused(self, answer: TestResponse, status: int, *places: str) -> None:
        assert answer.status_code == status, answer.text
        assert answer.mimetype == "application/problem+json"
        assert all(told(answer, *places) if places else [answer.get_json()["detail"]])


def test_a_comment_after_closing_and_after_the_seal(here: House, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """409 with a word for programs and a sentence for people; the comment is not there afterwards."""
    client, path = as_(here.employer), f"{ROOT}/consultations/{here.consultation}/comments"
    here.endorsed()
    here.draft.submit()
    before = count()
    sealed = client.post(path, json=COMMENT)
    assert (sealed.status_code, sealed.get_json()["code"]) == (409, "consultation-sealed")
    here.draft.recall()
    watch = Watch(clock.now() + timedelta(days=15))
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    closed = as_(here.employer).post(path, json=COMMENT)
    assert (closed.status_code, closed.get_json()["code"]) == (409, "consultation-closed")
    assert count() == before


# --- who sees whose words (R28), end to end ---------------------------------------------------------------------------


@pytest.mark.parametrize("rule", VISIBILITIES)
@pytest.mark.parametrize("closed", [False, True])
def test_who_sees_whose_words(as_: As, app: Flask, rule: str, closed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over every door that shows words: what a reviewer gets of others is what the rule says, and not a name more."""
    del app
    watch = Watch(clock.now())
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    here = house(rule)
    theirs = here.comment(here.other, text="WORDS-OF-OTHERS", wording="SUGGESTED-BY-OTHERS")
    here.comment(text="OUR-WORDS")
    here.answer(theirs, "rejected", "REASON-TO-OTHERS")
    here.endorse(here.other, statement="STATEMENT-OF-OTHERS")
    watch.forward(days=15 if closed else 0)
    words = rule != "nothing_until_closed" or closed
    names = rule == "everything" or (rule == "nothing_until_closed" and closed)
    place = f"{ROOT}/consultations/{here.consultation}"
    paths = [place, f"{place}/comments", f"{place}/endorsements", f"{ROOT}/comments/{theirs}", f"{ROOT}/consultations"]

    def read(actor: Actor) -> str:
        client = as_(actor)
        return "\n".join(client.get(path).text for path in paths)

    for other in (here.designer, here.auditor, here.other):
        everything = read(other)
        for word in (
            "WORDS-OF-OTHERS",
            "SUGGESTED-BY-OTHERS",
            "REASON-TO-OTHERS",
            "STATEMENT-OF-OTHERS",
            "Piet Jansen",
        ):
            assert word in everything
    seen = read(here.employer)
    assert "OUR-WORDS" in seen
    for word in ("WORDS-OF-OTHERS", "SUGGESTED-BY-OTHERS", "REASON-TO-OTHERS", "STATEMENT-OF-OTHERS"):
        assert (word in seen) is words, word
    assert ("Nordlager" in seen) is names
    assert (str(here.other.organisation) in seen) is names
    assert "Piet Jansen" not in seen
    assert here.other.person not in seen
    assert emitted()


def test_the_description_names_every_door(app: Flask) -> None:
    """The OpenAPI document is served, for programs and for people."""
    client = browse(app=app)
    described = client.get(f"{ROOT}/openapi.json").get_json()
    assert f"{ROOT}/consultations/{{consultation_id}}/comments" in described["paths"]
    assert client.get(f"{ROOT}/").status_code == 200
