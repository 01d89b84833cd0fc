"""Designs and consultations at a point of the record, their trace, and the whole list as a stream; over HTTP."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.audit.telling import streaming
from services.kernel import clock, documents, ids
from services.kernel.events import Actor
from tests.component.audit_house import Round, published, whole_round
from tests.people import browse, person, sign_in

pytestmark = pytest.mark.usefixtures("database")

API = "/audit/api/v1"
NDJSON = "application/x-ndjson"


def of(actor: Actor | None) -> FlaskClient:
    """A browser of somebody, or of nobody."""
    client = browse("audit")
    return sign_in(client, actor) if actor else client


def get(actor: Actor | None, path: str, **query: Any) -> dict[str, Any]:
    answer = of(actor).get(f"{API}{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def status(actor: Actor | None, path: str, **query: Any) -> int:
    answer = of(actor).get(f"{API}{path}", query_string=query)
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code


@pytest.fixture
def round(database: str) -> Round:
    del database
    return whole_round()


class TestPoint:
    def test_a_moment_means_the_largest_tree_that_was_published_by_then(self, round: Round) -> None:
        """And the answer says which; later entries are not in it."""
        checkpoint = published(clock.now() - timedelta(hours=1))
        round.revises("/country", "AT")
        published()
        asked = clock.rfc3339(clock.now() - timedelta(minutes=30))
        found = get(round.lena, f"/drafts/{round.draft}", at=asked)
        assert (found["version"], found["at"]) == (2, checkpoint.size - 1)
        assert found["as_of"]["size"] == checkpoint.size
        assert get(round.lena, f"/drafts/{round.draft}")["version"] == 3
        assert get(round.lena, f"/drafts/{round.draft}")["as_of"] is None

    def test_a_moment_without_a_checkpoint_has_no_answer(self, round: Round) -> None:
        """Not yet, before the first; not there, for a moment before it."""
        asked = clock.rfc3339(clock.now() - timedelta(days=1))
        assert status(round.lena, f"/drafts/{round.draft}", at=asked) == 409
        published()
        assert status(round.lena, f"/drafts/{round.draft}", at=asked) == 404

    @pytest.mark.parametrize("at", ["yesterday", "-1", "1.5", "2026-03-01T09:00:00", "2026-03-01", "9" * 30])
    def test_a_point_that_is_none_is_named(self, round: Round, at: str) -> None:
        """422: neither a number of an entry nor a moment with its zone."""
        assert status(round.lena, f"/drafts/{round.draft}", at=at) == 422

    @pytest.mark.parametrize("path", ["/drafts/{draft}", "/drafts/{draft}/trace", "/consultations/{consultation}"])
    def test_an_entry_beyond_the_record_is_not_there(self, round: Round, path: str) -> None:
        """404, everywhere the same."""
        path = path.format(draft=round.draft, consultation=round.consultation)
        assert status(round.auditor, path, at=99_999) == 404
        assert status(round.auditor, path, at=0) == 404


class TestConsultation:
    def test_it_is_shown_as_it_was(self, round: Round) -> None:
        """What was said up to an entry, and nothing of what came later."""
        path = f"/consultations/{round.consultation}"
        before = get(round.auditor, path, at=round.number("first"))
        assert [comment["disposition"] for comment in before["comments"]] == [None]
        assert (before["draft"], before["endorsements"], before["sealed"]) == (round.draft, [], False)
        after = get(round.auditor, path)
        assert [comment["disposition"] for comment in after["comments"]] == ["accepted", "out_of_scope"]
        assert (after["sealed"], after["at"]) == (True, len(round.entries) - 1)
        assert all(given["stands"] for given in after["endorsements"])

    def test_a_reviewer_sees_it_without_the_drafts(self, database: str) -> None:
        """Before publication: what they said themselves, nothing of others, and not the design."""
        del database
        round = Round()
        round.opens()
        round.consults()
        round.comments(round.amina, "Say which distances.", "first")
        round.comments(round.emil, "No sprinklers here.", "second")
        found = get(round.amina, f"/consultations/{round.consultation}")
        assert [comment["text"] for comment in found["comments"]] == ["Say which distances."]
        assert status(round.amina, f"/drafts/{round.draft}") == 404
        for stranger in (None, person("reviewer")):
            assert status(stranger, f"/consultations/{round.consultation}") == 404
        assert status(round.auditor, f"/consultations/{ids.new_id()}") == 404


class TestTrace:
    def test_it_leads_both_ways(self, round: Round) -> None:
        """From the published element back to the comment, and from the comment forward to the publication."""
        (row,) = get(None, f"/drafts/{round.draft}/trace", element="/outcomes/lo-store")["rows"]
        assert row["comment"]["entry"] == round.number("first")
        assert [change["entry"] for change in row["changes"]] == [round.number("version 2")]
        assert row["publications"] == [round.number("published")]
        forward = get(None, f"/drafts/{round.draft}/trace", comment=row["comment"]["id"])
        assert forward["rows"] == [row]
        assert {edge["kind"] for edge in forward["edges"]} == {"answered", "changed", "endorsed", "sealed", "published"}

    def test_it_shows_what_the_reader_may_know(self, round: Round) -> None:
        """A comment without consent is in it for the provider, and not for everybody."""
        assert len(get(round.lena, f"/drafts/{round.draft}/trace")["rows"]) == 2
        assert len(get(None, f"/drafts/{round.draft}/trace")["rows"]) == 1
        for asked in ({"comment": ids.new_id()}, {"element": "/outcomes/lo-nowhere"}):
            assert status(None, f"/drafts/{round.draft}/trace", **asked) == 404

    def test_it_can_be_asked_for_as_of_an_entry(self, round: Round) -> None:
        """Before the answer the comment is open."""
        rows = get(round.auditor, f"/drafts/{round.draft}/trace", at=round.number("second"))["rows"]
        assert [row["became"] for row in rows] == ["open", "open"]


class TestWhatIf:
    def test_a_suggestion_is_shown_beside_the_version_it_was_made_for(self, round: Round) -> None:
        """Both documents, and nothing else is different in them."""
        place, here = "/country", round.document["country"]
        suggestion = [{"op": "test", "path": place, "value": here}, {"op": "replace", "path": place, "value": "AT"}]
        comment = round.comments(round.amina, "Why only there?", "suggests", suggestion=suggestion)
        found = get(round.lena, f"/drafts/{round.draft}/what-if/{comment}")
        assert (found["document"]["country"], found["suggested"]["country"]) == (here, "AT")
        assert documents.difference(found["document"], found["suggested"]) == suggestion[1:]
        assert found["version"] == 2

    def test_where_there_is_none_it_says_so(self, round: Round) -> None:
        """404 for a comment that suggests nothing, and for one that is not there."""
        (row,) = get(None, f"/drafts/{round.draft}/trace")["rows"]
        for comment in (row["comment"]["id"], ids.new_id()):
            assert status(None, f"/drafts/{round.draft}/what-if/{comment}") == 404


class TestStream:
    @pytest.mark.parametrize("order", ["newest", "oldest"])
    def test_it_has_the_very_entries_of_the_pages(
        self, round: Round, order: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All of them whatever the limit, line by line, a few read at a time."""
        monkeypatch.setattr(streaming, "AT_ONCE", 7)
        answer = of(round.auditor).get(f"{API}/entries?limit=1&order={order}", headers={"Accept": NDJSON})
        assert (answer.status_code, answer.mimetype) == (200, NDJSON)
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert len(lines) == len(round.entries) > 7
        assert lines == get(round.auditor, "/entries", limit=100, order=order)["items"]

    def test_its_filters_and_rights_are_those_of_the_pages(self, round: Round) -> None:
        """Everybody streams what was published, and a wish that cannot be read is refused before the first line."""
        client = of(None)
        answer = client.get(f"{API}/entries?about=comments", headers={"Accept": NDJSON})
        assert [json.loads(line)["idx"] for line in answer.text.splitlines()] == [round.number("first")]
        assert client.get(f"{API}/entries?about=nonsense", headers={"Accept": NDJSON}).status_code == 422
        assert client.get(f"{API}/entries?subject={ids.new_id()}", headers={"Accept": NDJSON}).text == ""
