"""The pages of the record: who sees what on them, what they say, and how they answer what cannot be answered."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.audit.pages import travel
from services.audit.signing import log_folder
from services.audit.tlog import tree
from services.audit.tlog.notes import COSIGNATURE, SigningKey
from services.audit.tlog.policies import Policy
from services.audit.tlog.proof_files import ProofFile
from services.audit.verifier import build
from services.kernel import clock, db, ids
from services.kernel.events import Actor
from tests.component.audit_house import KEY, WITNESSED_POLICY, Round, whole_round, witnessed
from tests.people import browse, person, sign_in

pytestmark = pytest.mark.usefixtures("database")


def of(actor: Actor | None) -> FlaskClient:
    """A browser of somebody, or of nobody."""
    client = browse("audit")
    return sign_in(client, actor) if actor else client


def said(page: TestResponse, status: int = 200) -> str:
    """What a page says, without its markup."""
    assert page.status_code == status, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def see(actor: Actor | None, path: str, status: int = 200) -> str:
    return said(of(actor).get(f"/audit{path}"), status)


@pytest.fixture
def round(database: str) -> Round:
    """A whole round: two comments, one agreed to be public, a version that answers, endorsements, publication."""
    del database
    return whole_round()


@pytest.fixture
def open_round(database: str) -> Round:
    """A consultation that is open, with a comment of two employers each."""
    del database
    round = Round()
    round.opens()
    round.consults()
    round.comments(round.amina, "Say which distances.", "Amina comments", public=True)
    round.comments(round.emil, "No sprinklers here.", "Emil comments")
    return round


class TestTimeline:
    def test_one_chooses_a_design_with_its_consultations(self, round: Round) -> None:
        """And nothing of another design, or of the people around it."""
        other = Round(round.speaker, entries=round.entries, said=round.said)
        other.opens()
        page = of(round.auditor).get(f"/audit/?design={round.draft}&limit=100")
        shown = {int(idx) for idx in re.findall(r'id="entry-(\d+)"', page.text)}
        names = {name for name in round.said if round.number(name) in shown}
        assert names >= {"consults", "first", "version 2", "sealed", "published"}
        assert all(round.entries[idx].subject in (round.draft, round.consultation) for idx in shown)

    def test_one_chooses_among_what_one_may_know(self, open_round: Round) -> None:
        """An auditor among all; a reviewer among colleagues and designs of own consultations; nobody else anything."""
        choices = re.compile(r"<option value=\"[0-9a-f-]{36}\"[^>]*>([^<]+)<")
        everything = set(choices.findall(of(open_round.auditor).get("/audit/").text))
        assert everything >= {"Spedition Ulm", "Emil Braun", "Safe handling of lithium batteries in logistics"}
        mine = set(choices.findall(of(open_round.amina).get("/audit/").text))
        assert mine == {"Amina Rahman", "Safe handling of lithium batteries in logistics"}
        guest = person("reviewer", organisation=open_round.nordhafen, scope=open_round.consultation)
        assert set(choices.findall(of(guest).get("/audit/").text)) == {
            "Safe handling of lithium batteries in logistics"
        }
        assert choices.findall(of(None).get("/audit/").text) == []
        assert choices.findall(of(person("reviewer")).get("/audit/").text) == []

    def test_what_is_chosen_stands_in_the_address_and_each_part_can_be_left(self, round: Round) -> None:
        """The link of a part leads to the same list without it."""
        page = of(round.auditor).get(f"/audit/?about=comments&organisation={round.nordhafen}&since=2026-01-01")
        chosen = page.text[page.text.index("You see only") : page.text.index("Show everything")]
        assert "comments" in chosen
        assert "Nordhafen Logistik" in chosen
        assert f"/audit/?organisation={round.nordhafen}&amp;since=2026-01-01" in chosen
        assert "/audit/?about=comments&amp;since=2026-01-01" in chosen

    def test_what_merely_went_along_is_gathered_in_a_line(self, round: Round) -> None:
        """Unless it is asked for; every entry keeps its link all the same."""
        for actor in (round.amina, round.emil):
            token = {"token": ids.new_id(), "person": actor.person, "purpose": "sign_in"}
            token |= {"expires_at": clock.rfc3339(clock.now())}
            round.says("accounts.token.issued.v1", actor.person, token, actor, name=f"link {actor.person}")
        page = of(round.auditor).get("/audit/")
        assert "Two links to sign in were sent" in page.text
        assert f"/audit/entries/{len(round.entries) - 1}" in page.text
        assert "Two links" not in of(round.auditor).get("/audit/?about=links").text

    def test_a_title_that_is_not_published_yet_is_not_told(self, round: Round) -> None:
        """After publication the provider works on; others read the title under which the design was published."""
        round.revises("/title/en", "A secret new name")
        assert "A secret new name" in see(round.lena, "/")
        assert "A secret new name" in see(round.auditor, "/")
        for reader in (None, round.amina):
            for path in ("/", f"/drafts/{round.draft}", f"/drafts/{round.draft}/trace", f"/?design={round.draft}"):
                assert "A secret new name" not in see(reader, path)

    @pytest.mark.parametrize("query", ["about=gossip", "since=tomorrow", "design=1", "actor=me", "order=up", "limit=0"])
    def test_what_cannot_be_asked_is_said_so(self, query: str) -> None:
        """422, and a sentence for the very field."""
        assert "This must be" in see(None, f"/?{query}", 422) or "Ask for 1 to 100" in see(None, f"/?{query}", 422)


class TestEntry:
    def test_its_proof_comes_when_it_is_witnessed(self, round: Round) -> None:
        """Before, the page says so and the file is refused with when to ask again; then it names witness and moment."""
        idx = round.number("first")
        assert "Being witnessed" in see(round.auditor, f"/entries/{idx}")
        early = of(round.auditor).get(f"/audit/entries/{idx}.tlog-proof")
        assert (early.status_code, "Retry-After" in early.headers) == (409, True)
        at = clock.now()
        checkpoint = witnessed(at)
        page = see(round.auditor, f"/entries/{idx}")
        assert f"place {idx} of the record since {at.day} {at:%B %Y, %H:%M} UTC at the latest" in page
        assert f"the first {checkpoint.size} entries was co-signed, by agency" in page
        assert checkpoint.root.hex() in page
        file = of(round.auditor).get(f"/audit/entries/{idx}.tlog-proof")
        assert file.headers["Content-Disposition"] == f'attachment; filename="entry-{idx}.tlog-proof"'
        found = ProofFile.parse(file.data).check(tree.leaf(round.entries[idx].body), Policy.parse(WITNESSED_POLICY))
        assert found.cosigned == {"agency": int(at.timestamp())}

    def test_it_was_there_since_the_first_checkpoint_over_it(self, round: Round) -> None:
        """However many follow; the proof itself is against the newest."""
        first = clock.now() - timedelta(days=3, hours=5)
        witnessed(first)
        round.comments(round.amina, "One more thing.", "third")
        witnessed()
        page = see(round.auditor, f"/entries/{round.number('first')}")
        assert f"since {first.day} {first:%B %Y, %H:%M} UTC at the latest" in page
        assert see(round.auditor, f"/entries/{round.number('third')}").count(f"{first:%H:%M} UTC at the latest") == 0

    def test_neither_page_nor_proof_is_for_those_who_may_not_read_it(self, open_round: Round) -> None:
        """The same answer as for an entry that does not exist."""
        witnessed()
        for idx in (open_round.number("Emil comments"), 99_999):
            for path in (f"/entries/{idx}", f"/entries/{idx}.tlog-proof"):
                assert "it is not open to you" in see(open_round.amina, path, 404)

    def test_words_that_are_gone_say_under_which_entry(self, round: Round) -> None:
        """Erased with their author, withheld by two, or missing without a word: that must not be."""
        event = round.said["second"]
        about = {"type": event.type, "subject": event.subject, "sequence": event.sequence}
        data = {"event": event.id, "pointer": "/data/text", "ground": "confidential", "about": about}
        data["proposed_by"] = round.lena.person
        round.says("audit.text.withheld.v1", f"text:{event.id}", data, round.jonas, name="withholds")
        erased = {"person": round.amina.person, "organisation": round.nordhafen}
        round.says("accounts.person.erased.v1", round.amina.person, erased, round.amina, name="erases")
        withheld, gone = (see(round.auditor, f"/entries/{round.number(name)}") for name in ("second", "first"))
        assert f"Withheld Withheld, as entry {round.number('withholds')} says." in withheld
        assert f"Erased Erased at the wish of the person, as entry {round.number('erases')} says." in gone
        assert "Half of our depots" not in withheld
        assert "must not be" not in withheld + gone
        with db.of("audit").transaction() as tx:
            tx.execute("DELETE FROM private WHERE event_id = %(id)s", {"id": round.said["declines"].id})
        assert "no entry says why. That must not be." in see(round.auditor, f"/entries/{round.number('declines')}")

    def test_what_was_done_to_words_is_told_in_words(self, round: Round) -> None:
        """An erasure and a withholding are acts like others, and have a topic."""
        erased = {"person": round.amina.person, "organisation": round.nordhafen}
        round.says("accounts.person.erased.v1", round.amina.person, erased, round.amina, name="erases")
        page = see(round.auditor, "/?about=erasures")
        assert "Somebody whose name was erased of Nordhafen Logistik had their name, address and words erased" in page


class TestTravel:
    def test_a_step_leads_to_its_entry(self, round: Round) -> None:
        """The slider counts the moments of the story from 1; one that it has not is answered with how many it has."""
        answer = of(round.auditor).get(f"/audit/drafts/{round.draft}?step=1")
        assert answer.headers["Location"].endswith(f"?at={round.number('opened')}")
        assert "15 moments" in see(round.auditor, f"/drafts/{round.draft}?step=16", 404)
        assert "counted from 1" in see(round.auditor, f"/drafts/{round.draft}?step=0", 422)

    def test_a_moment_in_time_means_what_was_co_signed_by_then(self, round: Round) -> None:
        """The page says which checkpoint; before the first there is nothing to be shown."""
        tells = f"/drafts/{round.draft}?at="
        assert "No checkpoint has been co-signed yet" in see(round.auditor, f"{tells}2026-03-01", 409)
        at = clock.now() + timedelta(minutes=1)
        size = witnessed(at).size
        round.comments(round.amina, "After all that.", "late")
        witnessed(at + timedelta(hours=2))
        page = see(round.auditor, f"{tells}{at + timedelta(hours=1):%Y-%m-%dT%H:%M}")
        assert f"the record had {size} entries under a checkpoint that the witnesses co-signed" in page
        assert f"Moment 15 of 16: entry {round.number('published')}" in page
        assert "Moment 16 of 16" in see(round.auditor, f"{tells}{at + timedelta(days=1):%Y-%m-%d}")
        assert "Nothing had been co-signed by 1 March 2001" in see(round.auditor, f"{tells}2001-03-01T09:30", 404)

    @pytest.mark.parametrize(
        ("at", "status", "words"),
        [
            ("99999", 404, "There is no entry 99999 yet"),
            ("0", 404, "this design was not in the record yet: it begins with entry"),
            ("yesterday", 422, "the number of an entry, or a moment"),
            ("-1", 422, "the number of an entry, or a moment"),
            ("2026-02-30", 422, "the number of an entry, or a moment"),
        ],
    )
    def test_points_that_are_none_have_their_answer(self, round: Round, at: str, status: int, words: str) -> None:
        """Unknown, before its time, or no point at all."""
        assert words in see(round.auditor, f"/drafts/{round.draft}?at={at}", status)

    def test_the_page_says_where_the_moment_shows(self, round: Round) -> None:
        """A comment and its answer at the comment, a version at what it changed, an endorsement at itself."""
        for name, place in (
            ("first", f"comment-{round.said['first'].data['comment']}"),
            ("accepts", f"comment-{round.said['first'].data['comment']}"),
            ("version 2", "outcomes-lo-store"),
        ):
            page = of(round.auditor).get(f"/audit/drafts/{round.draft}?at={round.number(name)}").text
            assert f'href="#{place}">See where it shows' in page
            assert f'id="{place}" data-now' in page
        assert "See where it shows" not in see(round.auditor, f"/drafts/{round.draft}?at={round.number('sealed')}")

    def test_all_moments_of_the_story_are_told_those_to_come_apart(self, round: Round) -> None:
        """So one sees how it went on, and none of them counts yet."""
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}?at={round.number('first')}").text
        assert page.count("data-later") == 15 - 6
        assert "Half of our depots" in page[page.index("The whole story") :]
        assert "Half of our depots" not in page[: page.index("The whole story")]

    def test_of_a_long_story_those_around_are_told(self, round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
        """A page of five thousand moments is nobody's; the way to all of them stands there."""
        monkeypatch.setattr(travel, "AROUND", 2)
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}?at={round.number('first')}").text
        shown = [int(idx) for idx in re.findall(r'id="entry-(\d+)"', page)]
        assert shown == [round.number("first") + number for number in (-1, 0, 1, 2)]
        assert f"/audit/?design={round.draft}&amp;order=oldest" in page
        assert 'data-moments="4"' in page


class TestCompare:
    def test_two_moments_stand_beside_each_other(self, round: Round) -> None:
        """The words that went and came, what was said and answered between, what was endorsed."""
        first, last = round.number("first"), round.number("published")
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}/compare?from={first}&to={last}")
        assert "<del>and stack </del>packages" in page.text
        assert "<ins>at least 2.5 metres apart</ins>" in page.text
        words = said(page)
        assert "One part of 26 in the design differs." in words
        assert (
            "One comment was made, one comment was answered and two endorsements were given between the two." in words
        )
        assert "Before: no answer yet" in words
        assert "25 parts are the same in both" in words

    def test_an_endorsement_that_fell_is_named(self, open_round: Round) -> None:
        """It stood for its words in the earlier moment, and they changed since."""
        open_round.endorses(open_round.greta, "endorses")
        open_round.revises("/outcomes/lo-store/text/en", "Store them 2.5 metres apart.")
        first, last = open_round.number("endorses"), open_round.number("version 2")
        page = see(open_round.auditor, f"/drafts/{open_round.draft}/compare?from={first}&to={last}")
        assert "Chamber of Logistics What it covers has changed since" in page
        same = see(open_round.auditor, f"/drafts/{open_round.draft}/compare?from={first - 1}&to={first}")
        assert "The design is the same in both, word for word." in same

    def test_a_change_in_another_language_is_seen_too(self, open_round: Round) -> None:
        """Words in one language changed, those in the other did not: it is shown under its name."""
        open_round.revises("/outcomes/lo-store/text/de", "Pakete mit Abstand lagern.")
        last = open_round.number("version 2")
        page = see(open_round.auditor, f"/drafts/{open_round.draft}/compare?from={last - 1}&to={last}")
        assert "Words (German):" in page
        assert "Pakete mit Abstand lagern" in page

    def test_crossed_unknown_and_missing_moments_have_their_answer(self, round: Round) -> None:
        """422 for crossed ones and for none, 404 for what the record has not."""
        here, first, last = f"/drafts/{round.draft}/compare", round.number("first"), round.number("published")
        assert "Put the earlier one first" in see(round.auditor, f"{here}?from={last}&to={first}", 422)
        assert "This is needed" in see(round.auditor, here, 422)
        assert "There is no entry 99999 yet" in see(round.auditor, f"{here}?from={first}&to=99999", 404)
        assert "As it was after entry" in see(round.auditor, f"{here}?from={first}")

    def test_who_may_not_know_of_the_design_compares_nothing(self, open_round: Round) -> None:
        """Neither a reviewer before publication nor anybody else; afterwards only what was agreed to."""
        here = f"/drafts/{open_round.draft}/compare?from={open_round.number('opened')}"
        for reader in (open_round.amina, person("lead"), None):
            assert "not open to you" in see(reader, here, 404)

    def test_the_public_compares_what_is_public(self, round: Round) -> None:
        """A comment whose organisation did not agree is neither shown nor counted."""
        page = see(None, f"/drafts/{round.draft}/compare?from={round.number('opened')}")
        assert "Say which distances: our insurer asks for metres." in page
        assert "Half of our depots" not in page
        assert "One comment was made" in page
        assert "Amina Rahman" not in page


class TestTrace:
    def test_each_step_names_its_entry(self, round: Round) -> None:
        """From the comment by way of its answer and the change to endorsement and publication."""
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}/trace").text
        row = page[page.index("As a table") :]
        row = row[row.index("our insurer asks for metres") : row.index("Half of our depots")]
        for name in ("accepts", "version 2", "published", f"endorsed by {round.amina.person}"):
            assert f"/audit/entries/{round.number(name)}" in row

    def test_the_picture_has_a_box_for_each_entry_and_a_number_on_each_line(self, round: Round) -> None:
        """And whoever cannot see it hears the same."""
        page = of(round.auditor).get(f"/audit/drafts/{round.draft}/trace").text
        picture = page[page.index("<svg") : page.index("</svg>")]
        first, accepts = round.number("first"), round.number("accepts")
        assert '<text class="number"' in picture
        assert f"Leads to entry {accepts}, as entry {accepts} says." in picture
        assert set(map(int, re.findall(r'href="/audit/entries/(\d+)"', picture))) == {
            round.number(name)
            for name in ("first", "second", "accepts", "declines", "version 2", "sealed", "published")
        } | {round.number(f"endorsed by {one.person}") for one in (round.amina, round.greta)}
        assert f'href="/audit/entries/{first}" aria-label="Entry {first}: Amina Rahman' in picture

    def test_one_begins_with_a_part_or_with_a_comment(self, round: Round) -> None:
        """Back from an element: how it came to be; forward from a comment: what became of it alone."""
        here = f"/drafts/{round.draft}/trace"
        back = see(round.auditor, f"{here}?element=/outcomes/lo-store")
        assert "Put in in version 1" in back
        assert f"Changed in version 2, {round.entries[16].time.day}" in back
        assert "Nothing was said of this" in see(round.auditor, f"{here}?element=/workload")
        forward = see(round.auditor, f"{here}?comment={round.said['second'].data['comment']}")
        assert "Half of our depots" in forward
        assert "our insurer asks" not in forward
        assert "no such comment" in see(round.auditor, f"{here}?comment={ids.new_id()}", 404)
        assert "No version of this design has such an element" in see(round.auditor, f"{here}?element=/nothing", 404)
        assert "JSON Pointer" in see(round.auditor, f"{here}?element=nothing", 422)

    def test_the_public_traces_what_is_public(self, round: Round) -> None:
        """Nothing of the comment that was not agreed to, and no person; before publication nothing at all."""
        page = see(None, f"/drafts/{round.draft}/trace")
        assert "our insurer asks for metres" in page
        for hidden in ("Half of our depots", "Spedition Ulm", "Amina", "Lena", "Jonas"):
            assert hidden not in page

    @pytest.mark.parametrize("reader", ["amina", "nobody"])
    def test_there_is_no_trace_before_one_may_know_of_the_design(self, open_round: Round, reader: str) -> None:
        """Nor a what-if of anybody's words."""
        actor = getattr(open_round, reader, None)
        comment = open_round.said["Emil comments"].data["comment"]
        for path in ("trace", f"what-if/{comment}"):
            assert "not open to you" in see(actor, f"/drafts/{open_round.draft}/{path}", 404)


class TestWhatIf:
    def suggest(self, round: Round) -> str:
        comment = round.suggests(round.emil, "Store them three metres apart.", "Make it three.", "suggests")
        round.answers(comment, "rejected", "The law says 2.5.", "rejects")
        return comment

    def test_a_suggestion_stands_beside_the_version_it_was_made_for(self, open_round: Round) -> None:
        """With what became of it, and nothing else imagined."""
        comment = self.suggest(open_round)
        trace = of(open_round.auditor).get(f"/audit/drafts/{open_round.draft}/trace").text
        assert f"/audit/drafts/{open_round.draft}/what-if/{comment}" in trace
        page = of(open_round.auditor).get(f"/audit/drafts/{open_round.draft}/what-if/{comment}")
        assert "<ins>" in page.text
        assert "three metres apart" in page.text
        assert "Not accepted" in said(page)
        assert "The law says 2.5." in said(page)

    def test_what_suggests_nothing_or_was_erased_has_its_answer(self, open_round: Round) -> None:
        """404 where there is no suggestion, 410 where its words are gone."""
        comment, here = self.suggest(open_round), f"/drafts/{open_round.draft}/what-if"
        plain = open_round.said["Emil comments"].data["comment"]
        assert "suggests no other words" in see(open_round.auditor, f"{here}/{plain}", 404)
        assert "no such comment" in see(open_round.auditor, f"{here}/{ids.new_id()}", 404)
        erased = {"person": open_round.emil.person, "organisation": open_round.spedition}
        open_round.says("accounts.person.erased.v1", open_round.emil.person, erased, open_round.emil)
        assert "were erased" in see(open_round.auditor, f"{here}/{comment}", 410)


class TestHealth:
    def test_a_log_without_a_checkpoint_says_so(self) -> None:
        """And everybody may know it."""
        page = see(None, "/health")
        assert "No checkpoint has been published yet" in page
        assert "This log asks no witness" in page

    @pytest.mark.parametrize(("age", "stale"), [(149, False), (151, True)])
    def test_a_witness_that_is_silent_for_150_seconds_is_an_alarm(self, round: Round, age: int, stale: bool) -> None:
        """Two and a half minutes: idle heads are co-signed every minute."""
        del round
        witnessed(clock.now() - timedelta(seconds=age - 0.5))
        page = see(None, "/health")
        assert ("The witnesses co-signed last" in page) is stale
        assert ("Too long ago" in page) is stale
        assert ("Awake" in page) is not stale

    def test_what_is_missing_and_what_was_let_go_is_counted(self, round: Round) -> None:
        """Holes, what waits, what is parked, what the signer found wrong, and what was erased."""
        witnessed()
        erased = {"person": round.amina.person, "organisation": round.nordhafen}
        round.says("accounts.person.erased.v1", round.amina.person, erased, round.amina, name="erases")
        with db.of("audit").transaction() as tx:
            tx.execute(
                "INSERT INTO audit_own.hole (source, first, last, since) VALUES ('/codesign', 3, 4, %(at)s)",
                {"at": clock.now()},
            )
            tx.execute("INSERT INTO missing (source, subject, first, last) VALUES ('/codesign', 'x', 1, 1)")
        log_folder.of_settings().keep_alarms(["The head file is ahead of the database."])
        page = see(None, "/health")
        assert "2 numbers are missing in what the services sent" in page
        assert "One event that should be there never came" in page
        assert "The head file is ahead of the database." in page
        assert "People erased 1" in page

    def test_a_new_log_is_well_and_one_where_nobody_looks_is_not(
        self, round: Round, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Reconciliation looks every minute; that it has not yet is an alarm after five."""
        del round
        witnessed()
        assert "Well Nothing is missing, and the witnesses are awake" in see(None, "/health")
        later = clock.now() + timedelta(minutes=6)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert "Nobody has looked yet whether something is missing." in see(None, "/health")

    def test_a_policy_of_before_does_not_break_the_page(self, round: Round) -> None:
        """What was co-signed under other keys cannot be verified now: it counts as silence, and the page stands."""
        witnessed()
        other = SigningKey.generate("other.test/witness", COSIGNATURE)
        policy = f"log {KEY.verifier}\nwitness other {other.verifier}\nquorum other\n".encode()
        log_folder.of_settings().keep_policy(policy)
        assert "have not co-signed what is published" in see(None, "/health")
        assert "It can be proven" in see(round.auditor, f"/entries/{round.number('first')}")


class TestVerify:
    def test_it_shows_the_three_lines_to_keep(self, round: Round) -> None:
        """As they are signed, and who has co-signed them; before, that there are none yet."""
        del round
        assert "Nothing is published yet" in see(None, "/verify")
        checkpoint = witnessed()
        page = see(None, "/verify")
        assert " ".join(checkpoint.text().decode().split()) in page
        assert "Co-signed by agency" in page

    def test_the_verifier_is_the_one_file_whose_hash_the_page_names(self) -> None:
        """Byte for byte the one that the sources make."""
        file = of(None).get(f"/audit/{build.NAME}")
        assert file.data == build.built()
        assert build.digest() in see(None, "/verify")


class TestReceipts:
    def test_it_waits_and_then_is_a_download(self, round: Round) -> None:
        """As a page with a link, and as a part of other pages that looks again by itself, more and more seldom."""
        event = round.said["first"].id
        client = of(round.amina)
        part = client.get(f"/audit/receipts/{event}", headers={"HX-Request": "true"}).text
        assert "<html" not in part
        assert f'hx-get="/audit/receipts/{event}?look=1"' in part
        late = client.get(f"/audit/receipts/{event}?look=30", headers={"HX-Request": "true"}).text
        assert "hx-get" not in late
        assert "Look again" in late
        assert "It is entry" in see(round.amina, f"/receipts/{event}")
        assert client.get(f"/audit/receipts/{event}.tlog-proof").status_code == 409
        witnessed()
        part = client.get(f"/audit/receipts/{event}", headers={"HX-Request": "true"}).text
        assert f'href="/audit/receipts/{event}.tlog-proof" download' in part
        assert "hx-get" not in part
        file = client.get(f"/audit/receipts/{event}.tlog-proof")
        assert "attachment" in file.headers["Content-Disposition"]
        assert ProofFile.parse(file.data).index == round.number("first")

    def test_what_is_on_its_way_is_waited_for(self) -> None:
        """An act of this moment whose event has not arrived yet; a made-up one of long ago will not come any more."""
        assert "on its way into the record" in see(person("reviewer"), f"/receipts/{ids.new_id()}")
        assert "no such act" in see(person("reviewer"), "/receipts/01800000-0000-7000-8000-000000000000", 404)

    def test_an_act_is_found_by_its_place_in_the_consultation(self, open_round: Round) -> None:
        """By those who may read it; for others it is as if there were none."""
        mine, theirs = (open_round.said[f"{name} comments"].sequence for name in ("Amina", "Emil"))
        here = f"/receipts/{open_round.consultation}"
        assert "Say which distances." in see(open_round.amina, f"{here}/{mine}")
        assert "Say which distances." in see(open_round.lena, f"{here}/{mine}")
        for sequence in (theirs, 99):
            assert "no such act in the record, or it is not open to you" in see(
                open_round.amina, f"{here}/{sequence}", 404
            )

    def test_receipts_of_others_are_not_for_one(self, open_round: Round) -> None:
        """Neither the page nor the file, nor for somebody who is not signed in."""
        witnessed()
        event = open_round.said["Emil comments"].id
        for reader in (open_round.amina, None):
            for path in (event, f"{event}.tlog-proof"):
                assert "not open to you" in see(reader, f"/receipts/{path}", 404)

    def test_my_receipts_are_of_my_own_acts(self, round: Round) -> None:
        """Each with its download once it is witnessed; who comes by a link sees those of its consultation."""
        witnessed()
        round.comments(round.amina, "One more thing.", "third")
        page = of(round.amina).get("/audit/receipts").text
        assert page.count("Download the receipt") == 2
        assert page.count("Being witnessed") == 1
        for hidden in ("Half of our depots", "published version"):
            assert hidden not in page
        colleague = see(round.jonas, "/receipts")
        assert ("published version" in colleague, "opened the design" in colleague) == (True, False)
        guest = Actor(round.amina.person, round.nordhafen, frozenset({"reviewer"}), ids.new_id(), ids.new_id())
        assert "You have not done anything yet" in see(guest, "/receipts")
        assert of(None).get("/audit/receipts").status_code in (302, 303, 401)


def test_the_age_of_things_is_told_in_words() -> None:
    """In the largest unit that fits."""
    from services.audit.words.phrases import ago

    now = clock.now()
    ages = {0: "just now", 1: "one second ago", 119: "119 seconds ago", 120: "two minutes ago", 7200: "two hours ago"}
    ages |= {86_400: "one day ago", 30 * 86_400: "30 days ago", -5: "just now"}
    assert {age: ago(now - timedelta(seconds=age), now) for age in ages} == ages
