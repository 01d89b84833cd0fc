"""The record: who reads which entries, and what they are told; over HTTP, on a log with a whole round in it."""

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from typer.testing import CliRunner

from services.audit.directory import following
from services.audit.recording.entering import record
from services.cli.audit import app
from services.kernel import clock, config, db, ids
from services.kernel.events import Actor
from tests.component.audit_house import Round, whole_round
from tests.people import browse, person, sign_in

pytestmark = pytest.mark.usefixtures("database")


def of(actor: Actor | None) -> FlaskClient:
    """A browser of somebody, or of nobody."""
    client = browse("audit")
    return sign_in(client, actor) if actor else client


def entries(reader: Actor | None, /, **asked: Any) -> list[dict[str, Any]]:
    answer = of(reader).get("/audit/api/v1/entries", query_string={"limit": 100, **asked})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json["items"] if answer.json else []
    return found


def seen(actor: Actor | None, round: Round) -> set[str]:
    """The names of what somebody sees of a round."""
    idxs = {entry["idx"] for entry in entries(actor)}
    return {name for name in round.said if round.number(name) in idxs and name}


@pytest.fixture
def round(database: str) -> Round:
    """A consultation that is open, two comments in it, one of them answered, one endorsement."""
    del database
    round = Round()
    round.opens()
    round.consults()
    first = round.comments(round.amina, "Say which distances.", "Amina comments", public=True)
    round.comments(round.emil, "No sprinklers here.", "Emil comments")
    round.answers(first, "accepted", "We will.", "answer to Amina")
    round.endorses(round.greta, "Greta endorses")
    return round


EVERYBODYS = {"consults"}


class TestWhoReadsWhat:
    def test_an_auditor_reads_everything(self, round: Round) -> None:
        """All entries, with names and words."""
        assert len(entries(round.auditor)) == len(round.entries)
        assert all(not entry["said"].startswith("Somebody") for entry in entries(round.auditor))

    def test_the_provider_reads_its_designs_and_consultations(self, round: Round) -> None:
        """What others say there, too, with the names of the persons; nothing of others' people."""
        assert seen(round.lena, round) >= {"opened", "consults", "Amina comments", "Emil comments", "Greta endorses"}
        (comment,) = entries(round.lena, type="codesign.comment.submitted.v1", organisation=round.nordhafen)
        assert comment["said"].startswith("Amina Rahman of Nordhafen Logistik commented on outcome “")
        assert comment["words"] == "Say which distances."
        assert round.emil.person not in {entry["subject"] for entry in entries(round.lena)}

    def test_a_reviewer_reads_nothing_of_others_until_it_closes(self, round: Round) -> None:
        """R28: nothing until closed; one's own, the answers to it, and what everybody knows."""
        asked = f"asked {round.nordhafen}"
        assert seen(round.amina, round) == EVERYBODYS | {"Amina comments", "answer to Amina", asked}

    def test_a_reviewer_reads_the_others_once_it_has_closed(
        self, round: Round, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Their words and organisations, and still not which person it was."""
        later = clock.now() + timedelta(days=15)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert seen(round.amina, round) >= {"Emil comments", "Greta endorses", f"asked {round.spedition}"}
        (comment,) = entries(round.amina, type="codesign.comment.submitted.v1", organisation=round.spedition)
        assert comment["said"].startswith("Spedition Ulm commented on")
        assert comment["words"] == "No sprinklers here."

    @pytest.mark.parametrize(("visibility", "sees"), [("everything", True), ("words_without_organisation", False)])
    def test_what_reviewers_see_of_each_other_follows_the_consultation(self, visibility: str, sees: bool) -> None:
        """An entry tells whose words they are: where that must stay hidden, it is not shown, even afterwards."""
        round = Round()
        round.opens()
        round.consults(visibility, days=-1)
        round.comments(round.emil, "No sprinklers here.", "Emil comments")
        assert ("Emil comments" in seen(round.amina, round)) is sees

    def test_a_link_for_one_consultation_opens_that_one_only(self, round: Round) -> None:
        """Who came by it reads what their organisation may read there, and nothing beside."""
        guest = person("reviewer", organisation=round.nordhafen, scope=round.consultation)
        assert {entry["subject"] for entry in entries(guest)} == {round.consultation}
        elsewhere = person("reviewer", organisation=round.nordhafen, scope=ids.new_id())
        assert entries(elsewhere) == []
        assert entries(person("auditor", scope=round.consultation)) == []

    @pytest.mark.usefixtures("round")
    def test_others_read_nothing_before_publication(self) -> None:
        """Neither nobody in particular nor another organisation's people."""
        assert entries(None) == []
        assert entries(person("lead")) == []

    def test_entries_that_are_not_for_one_are_not_there(self, round: Round) -> None:
        """Neither as a page nor over REST, and the same answer as for an entry that does not exist."""
        for path in ("/audit/entries/{}", "/audit/api/v1/entries/{}"):
            for idx in (round.number("Emil comments"), 99_999):
                assert of(round.amina).get(path.format(idx)).status_code == 404
        assert of(round.amina).get(f"/audit/drafts/{round.draft}").status_code == 404
        assert of(None).get(f"/audit/api/v1/drafts/{round.draft}").status_code == 404

    def test_links_and_sessions_are_for_auditors(self, round: Round) -> None:
        """Not for colleagues: who signed in when is nobody's business in an organisation."""
        token = {"token": ids.new_id(), "person": round.amina.person, "purpose": "sign_in"}
        token |= {"expires_at": clock.rfc3339(clock.now())}
        round.says("accounts.token.issued.v1", round.amina.person, token, round.amina, name="link")
        colleague = person("reviewer", organisation=round.nordhafen)
        assert "link" not in seen(colleague, round)
        assert "link" in seen(round.auditor, round)


class TestOncePublished:
    @pytest.fixture
    def published(self) -> Round:
        return whole_round()

    def test_everybody_reads_the_design_and_the_comments_agreed_to(self, published: Round) -> None:
        """A comment without consent stays hidden with its answer; no person is named; own words need no consent."""
        public = {"opened", "consults", "first", "accepts", "version 2", "submitted", "sealed", "published"}
        endorsed = {f"endorsed by {actor.person}" for actor in (published.amina, published.greta)}
        assert seen(None, published) == public | endorsed
        told = {entry["idx"]: entry for entry in entries(None)}
        assert told[published.number("first")]["words"] == "Say which distances: our insurer asks for metres."
        assert told[published.number("version 2")]["words"] is None
        assert not any("Amina" in entry["said"] or "Lena" in entry["said"] for entry in told.values())

    def test_what_follows_the_publication_is_not_public_yet(self, published: Round) -> None:
        """A further version is the provider's until it is published too."""
        published.revises("/country", "AT")
        assert "version 3" in seen(published.lena, published)
        assert "version 3" not in seen(None, published)

    def test_the_story_is_open_to_everybody(self, published: Round) -> None:
        """With the comments agreed to, and without the other."""
        page = of(None).get(f"/audit/drafts/{published.draft}").text
        assert "our insurer asks for metres" in page
        assert "sprinklers" not in page
        assert "Amina" not in page


class TestTimeline:
    def test_pages_follow_each_other_without_gap_or_repeat(self, round: Round) -> None:
        """By cursor, newest first and oldest first, the filters kept in the address."""
        for order, expected in (("oldest", list(range(len(round.entries)))), ("newest", [])):
            found, address = [], f"/audit/api/v1/entries?limit=4&order={order}"
            while address:
                answer = of(round.auditor).get(address)
                found += [entry["idx"] for entry in (answer.json or {})["items"]]
                address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
            assert found == (expected or list(range(len(round.entries)))[::-1])

    def test_a_page_keeps_its_filters_on_the_way_to_the_next(self, round: Round) -> None:
        """The link to earlier entries asks for the same ones."""
        page = of(round.auditor).get("/audit/?about=consultations&limit=2").text
        assert page.count('class="deed"') == 2
        further = re.search(r'href="(/audit/\?[^"]*cursor[^"]*)"', page)
        assert further
        assert "about=consultations" in further.group(1)
        second = of(round.auditor).get(further.group(1).replace("&amp;", "&")).text
        assert second.count('class="deed"') == 2

    def test_each_filter_narrows(self, round: Round) -> None:
        """Topic, type, subject, organisation, person, and days."""
        today = f"{clock.now():%Y-%m-%d}"

        def count(**asked: str) -> int:
            return len(entries(round.auditor, **asked))

        assert count(about="comments") == 2
        assert count(type="codesign.disposition.recorded.v1") == 1
        assert count(about="comments", type="codesign.disposition.recorded.v1") == 0
        assert count(subject=round.consultation) == 8
        assert count(organisation=round.nordhafen) == 2
        assert count(actor=round.emil.person) == 2
        assert count(since=today, until=today) == len(round.entries)
        assert count(until="2020-01-01") == 0
        assert count(since="2020-01-01T00:00:00Z") == len(round.entries)

    @pytest.mark.parametrize("query", ["about=nonsense", "since=yesterday", "limit=0", "order=up", "cursor=x", "x=1"])
    def test_a_wish_that_cannot_be_read_is_named(self, query: str) -> None:
        """422 and the parameter."""
        answer = of(None).get(f"/audit/api/v1/entries?{query}")
        assert answer.status_code == 422
        assert query.partition("=")[0] in answer.text

    def test_the_home_of_the_record_is_public(self, round: Round) -> None:
        """Size and root, for everybody."""
        with db.of("audit").transaction() as tx:
            head = tx.one("SELECT size, root FROM head") or {}
        found = of(None).get("/audit/api/v1/head").json
        assert found == {"size": len(round.entries), "root": head["root"].hex(), "published": None}
        assert head["root"].hex() in of(None).get("/audit/").text


class TestEntry:
    def test_an_entry_shows_bytes_hash_and_private_words(self, round: Round) -> None:
        """Everything that is kept of it, and that it fits together."""
        idx = round.number("Amina comments")
        whole = of(round.auditor).get(f"/audit/api/v1/entries/{idx}").json or {}
        assert whole["body"].encode() == round.entries[idx].body
        assert whole["fits"]
        (private,) = whole["private"]
        assert (private["pointer"], private["state"], private["value"]) == (
            "/data/text",
            "kept",
            "Say which distances.",
        )
        page = of(round.auditor).get(f"/audit/entries/{idx}").text
        assert "Unchanged" in page
        assert whole["leaf"] in page

    def test_erased_words_are_said_to_be_erased(self, round: Round) -> None:
        """The entry stays, the words are gone, and nothing breaks."""
        tamper("DELETE FROM audit.private")
        idx = round.number("Amina comments")
        assert "erased" in of(round.auditor).get(f"/audit/entries/{idx}").text
        assert "somebody whose name was erased" in of(round.auditor).get("/audit/").text.lower()
        assert of(round.auditor).get(f"/audit/drafts/{round.draft}").status_code == 200

    def test_a_changed_entry_is_shown_as_changed(self, round: Round) -> None:
        """Other bytes, other private words: both are told of, and no page breaks, even where the bytes are rubbish."""
        idx = round.number("Amina comments")
        tamper("UPDATE audit.private SET value = '\"Nothing to say\"'")
        assert "Changed" in of(round.auditor).get(f"/audit/entries/{idx}").text
        tamper(f"UPDATE audit.entry SET body = 'rubbish' WHERE idx = {idx}")
        page = of(round.auditor).get(f"/audit/entries/{idx}").text
        assert "Somebody has changed them since" in page
        assert "cannot be read any more" in of(round.auditor).get("/audit/").text
        assert of(round.auditor).get(f"/audit/drafts/{round.draft}").status_code == 200


class TestStory:
    def test_a_design_is_as_it_was_at_any_entry(self) -> None:
        """Document, comments, answers, endorsements and seal as of each step, from the log alone."""
        round = whole_round()

        def at(name: str) -> dict[str, Any]:
            answer = of(round.auditor).get(f"/audit/api/v1/drafts/{round.draft}?at={round.number(name)}")
            return answer.json or {}

        before, after = at("second"), at("version 2")
        assert before["document"]["outcomes"]["lo-store"] != after["document"]["outcomes"]["lo-store"]
        assert after["document"] == round.document
        assert [version["whole"] for version in after["versions"]] == [True, True]
        (consultation,) = before["consultations"]
        assert [comment["disposition"] for comment in consultation["comments"]] == [None, None]
        (consultation,) = at("declines")["consultations"]
        assert [comment["disposition"] for comment in consultation["comments"]] == ["accepted", "out_of_scope"]
        assert not consultation["sealed"]
        assert at("sealed")["consultations"][0]["sealed"]
        assert [at(name)["published"] for name in ("sealed", "published")] == [False, True]

    def test_steps_lead_through_the_story_and_back(self) -> None:
        """Each step is one entry of the design or its consultation; nothing is skipped."""
        round = whole_round()
        address, walked = f"/audit/api/v1/drafts/{round.draft}", []
        step: int | None = round.number("opened")
        while step is not None:
            found = of(round.auditor).get(f"{address}?at={step}").json or {}
            walked.append(found["at"])
            step = found["next"]
        assert walked == list(range(round.number("opened"), len(round.entries)))

    def test_an_endorsement_stands_only_for_the_words_it_covers(self) -> None:
        """After a revision of an element it covers, it does not stand any more."""
        round = whole_round()
        round.revises("/outcomes/lo-alarm/text/en", "Raise the alarm.")
        found = of(round.auditor).get(f"/audit/api/v1/drafts/{round.draft}").json or {}
        assert [given["stands"] for given in found["consultations"][0]["endorsements"]] == [False, False]

    def test_a_document_that_does_not_add_up_is_an_alarm(self, round: Round) -> None:
        """A version whose hash is another is told of on the page, with its entry."""
        data = {"draft": round.draft, "version": 2, "patch": [{"op": "remove", "path": "/country"}]}
        data |= {"document_hash": "0" * 64}
        round.says("catalogue.draft.revised.v1", round.draft, data, round.lena, name="wrong")
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}").text
        assert "The record does not add up" in page
        assert f"/audit/entries/{round.number('wrong')}" in page

    def test_there_is_no_story_before_its_first_entry(self, round: Round) -> None:
        """404, and the entry it begins with."""
        answer = of(round.auditor).get(f"/audit/drafts/{round.draft}?at=1")
        assert answer.status_code == 404
        assert f"begins with entry {round.number('opened')}" in answer.text


def test_strange_payloads_hold_up_neither_the_directory_nor_the_pages(round: Round) -> None:
    """The recorder takes any payload; what the directory cannot read it passes over, and goes on behind it."""
    odd: list[dict[str, Any]] = [
        {},
        {"name": "a\x00b", "organisation": "o" * 5000, "draft": 7, "document": [1], "patch": {"op": 1}},
        {"version": 2**52, "comment": [], "elements": [], "endorsements": 1, "missing": [None], "answers": 3},
        {"closes_at": "0001-01-01T00:00:00+14:00", "roles": "x", "display_name": "no commitment", "first": "x"},
    ]
    types = {event.type for event in round.entries} | {"audit.gap.closed.v1", "codesign.consultation.unready.v1"}
    for type in sorted(types):
        for data in odd:
            subject = ids.new_id()
            event = round.speaker.say(type, subject, data, Actor(ids.new_id(), ids.new_id()), checked=False)
            enter(round, event)
    round.comments(round.emil, "Still here.", "last")
    assert "last" in seen(round.lena, round)
    assert of(round.auditor).get("/audit/?limit=100").status_code == 200
    with db.of("audit").transaction() as tx:
        designs = [row["id"] for row in tx.all("SELECT id FROM design")]
    assert all(of(round.auditor).get(f"/audit/drafts/{id}").status_code == 200 for id in designs)


def enter(round: Round, event: Any) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, [round.speaker.message(event)])
    round.entries.append(event)


def tamper(statement: str) -> None:
    """Change the tables as an administrator who has switched the triggers off."""
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement.encode())


def test_the_directory_can_be_folded_anew(round: Round) -> None:
    """After a change of its rules; it comes to the same, and the pages have it at once."""
    before = seen(round.amina, round)
    with db.of("audit").transaction() as tx:
        tx.execute("DELETE FROM audience")
    assert seen(round.amina, round) == set()
    assert CliRunner().invoke(app, ["refold"]).exit_code == 0
    assert seen(round.amina, round) == before


def test_the_directory_goes_on_past_any_size() -> None:
    """A number is sent as the smallest type that holds it: sums of two of them are not left to the database."""
    for size in (32_500, 2**31 - 100):
        with db.of("audit").transaction() as tx:
            tx.execute("UPDATE followed SET size = %(size)s", {"size": size})
            assert following.follow(tx) == 0
            tx.execute("UPDATE followed SET size = 0")
