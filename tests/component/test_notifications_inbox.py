"""The inbox: a person's own notices in plain words, new ones first, marked as read, by page and by REST."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from services.kernel import ids
from services.kernel.events import Actor
from tests.component.notifications_house import Round
from tests.people import browse, hidden_fields, post, sign_in

pytestmark = pytest.mark.usefixtures("database")

API = "/notifications/api/v1/notices"


@pytest.fixture
def round() -> Round:
    """Two comments, the first of them answered."""
    round = Round().opened()
    first = round.comments(round.emil)
    round.answers(first)
    round.comments(round.bo)
    return round.tell()


def at(actor: Actor) -> FlaskClient:
    return sign_in(browse("notifications"), actor)


def items(client: FlaskClient, **query: object) -> list[dict[str, str]]:
    found: list[dict[str, str]] = client.get(API, query_string=query).get_json()["items"]
    return found


def test_a_notice_says_what_happened_and_where_to_go(round: Round) -> None:
    """In a sentence, with the page and the event it is about."""
    comment = round.said[-1]
    notice = items(at(round.dora))[0]
    assert notice["text"] == (
        "Institute of Roofers has a concern about a learning outcome of “Solar roofs, safely” (version 1)."
    )
    assert notice["link"] == f"/codesign/consultations/{round.consultation}#comment-{comment.data['comment']}"
    assert notice["event"] == comment.id
    assert notice["kind"] == "codesign.comment.submitted.v1"
    assert notice["read_at"] is None


def test_everybody_sees_their_own_notices_and_nobody_elses(round: Round) -> None:
    """Neither in the list, nor by a notice's id."""
    assert [n["kind"].split(".")[1] for n in items(at(round.emil))] == ["disposition", "participant"]
    theirs = items(at(round.dora))[0]["notice"]
    for path in (f"/notifications/notices/{theirs}", f"/notifications/notices/{ids.new_id()}"):
        assert at(round.emil).get(path).status_code == 404
    assert at(round.emil).post(f"{API}/{theirs}/read", json={}).status_code == 404
    assert all(n["read_at"] is None for n in items(at(round.dora)))


def test_nobody_who_is_not_signed_in_sees_an_inbox() -> None:
    """The page leads to the sign-in, the REST door says so, and the part of a page is not given."""
    client = browse("notifications")
    assert client.get(API).status_code == 401
    assert client.get("/notifications/fragments/count").status_code in (302, 303, 401)
    assert client.get("/notifications/").status_code in (302, 303, 401)


def test_who_came_by_a_link_for_one_consultation_has_an_inbox_too(round: Round) -> None:
    """The inbox shows only what was said to them anyway."""
    scoped = Actor(round.emil.person, round.employer, frozenset({"reviewer"}), session="s", scope=round.consultation)
    client = at(scoped)
    assert client.get("/notifications/").status_code == 200
    assert len(items(client)) == 2


def test_following_a_notice_leads_to_the_page_and_marks_it_as_read(round: Round) -> None:
    """And what was read goes below what is new."""
    client = at(round.dora)
    newest, older = (notice["notice"] for notice in items(client))
    response = client.get(f"/notifications/notices/{newest}")
    assert response.status_code == 303
    assert response.location.startswith(f"/codesign/consultations/{round.consultation}#comment-")
    assert [notice["notice"] for notice in items(client)] == [older, newest]
    assert items(client)[1]["read_at"]


def test_marking_one_as_read_twice_is_as_good_as_once(round: Round) -> None:
    """The first moment stays."""
    client = at(round.dora)
    notice = items(client)[0]["notice"]
    assert client.post(f"{API}/{notice}/read", json={}).status_code == 204
    read_at = items(client)[-1]["read_at"]
    assert client.post(f"{API}/{notice}/read", json={}).status_code == 204
    assert items(client)[-1]["read_at"] == read_at


def test_marking_all_as_read_leaves_what_came_after_the_page_was_shown(round: Round) -> None:
    """A comment that arrives between looking and pressing stays new."""
    client = at(round.dora)
    shown = client.get("/notifications/")
    round.comments(round.emil)
    round.tell()
    sent = client.post("/notifications/read", data=hidden_fields(shown))
    assert sent.status_code == 303
    assert [bool(notice["read_at"]) for notice in items(client)] == [False, True, True]
    assert "Everything you had seen is marked as read." in client.get(sent.location).text


def test_all_as_read_by_rest_needs_to_know_up_to_where(round: Round) -> None:
    """An unknown field, or none, is refused by name."""
    client = at(round.dora)
    assert client.post(f"{API}/read", json={}).status_code == 422
    assert client.post(f"{API}/read", json={"until": "yesterday"}).status_code == 422
    assert client.post(f"{API}/read", json={"until": items(client)[0]["notice"]}).status_code == 204
    assert client.get(API).get_json()["unread"] == 0


def test_a_long_inbox_comes_in_pages_that_miss_nothing(round: Round) -> None:
    """New ones first, each part newest first, over page borders; the next page is named in the Link header."""
    for _ in range(5):
        round.comments(round.emil)
    client = at(round.tell().dora)
    for notice in items(client)[::2]:
        client.post(f"{API}/{notice['notice']}/read", json={})
    everything = items(client)
    found, address = [], f"{API}?limit=3"
    while address:
        answer = client.get(address)
        found += answer.get_json()["items"]
        link = re.match('<(.*)>; rel="next"', answer.headers.get("Link", ""))
        address = link[1] if link else ""
    assert found == everything
    assert [bool(n["read_at"]) for n in found] == [False] * 3 + [True] * 4


def test_a_cursor_that_is_none_of_ours_is_refused_or_harmless(round: Round) -> None:
    """Never an error of ours."""
    client = at(round.dora)
    for cursor in ("x", "MQ", "Im5ldyI", "Im5ldzp4Ig", "e30"):
        for path in (API, "/notifications/"):
            assert client.get(path, query_string={"cursor": cursor}).status_code in (200, 422)


def test_the_count_is_a_part_for_other_pages(round: Round) -> None:
    """A link with the number of new notices, good without any script too."""
    client = at(round.dora)
    assert '2<span class="spoken"> new' in client.get("/notifications/fragments/count").text
    client.post(f"{API}/read", json={"until": items(client)[0]["notice"]})
    text = client.get("/notifications/fragments/count").text
    assert "new" not in text
    assert 'href="/notifications/"' in text


def test_an_empty_inbox_says_what_will_come() -> None:
    """A person of whom nothing was told yet."""
    page = at(Actor(ids.new_id(), ids.new_id(), frozenset({"reviewer"}), session=ids.new_id())).get("/notifications/")
    assert "Nothing new" in page.text
    assert "Here you will find what concerns you" in page.text


def test_one_notice_is_marked_as_read_from_the_page(round: Round) -> None:
    """By its button, which works without any script."""
    client = at(round.dora)
    notice = items(client)[0]["notice"]
    sent = post(client, f"/notifications/notices/{notice}/read", form="/notifications/")
    assert sent.status_code == 303
    assert [bool(n["read_at"]) for n in items(client)] == [False, True]


def test_names_that_are_not_known_leave_the_sentence_whole(round: Round) -> None:
    """The organisation of a commenter may be heard of later than its comment."""
    stranger = Actor(ids.new_id(), ids.new_id(), frozenset({"reviewer"}), session=ids.new_id())
    round.comments(stranger)
    assert items(at(round.tell().dora))[0]["text"].startswith("An organisation has a concern about")
