"""Changes name their version; lists come in pages."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from services.kernel import ids
from tests.component.http.sample import API
from tests.people import told


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


def test_a_cursor_is_good_for_its_own_list_only(designer: FlaskClient) -> None:
    """Nobody makes a cursor up, nor takes it from one list to another."""
    cursor = designer.get(f"{API}/notices?limit=3").get_json()["next"]
    assert designer.get(f"{API}/notices?cursor={cursor}").status_code == 200
    assert designer.get(f"{API}/others?cursor={cursor}").status_code == 422
    assert designer.get(f"{API}/notices?cursor=A{cursor[1:]}").status_code == 422
