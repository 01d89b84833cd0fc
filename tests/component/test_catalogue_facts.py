"""How facts become rows: heard in any order, twice, at once, and folded anew to the very same rows."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import permutations

import pytest

from services.catalogue import commands, store
from services.catalogue.domain.acts import Revision
from services.kernel import db, ids
from services.kernel.db import Transaction
from services.kernel.errors import Refused, Stale
from services.kernel.events import Actor, Event
from tests.component.catalogue_house import (
    Consultation,
    Elsewhere,
    emitted,
    hear,
    in_consultation,
    lithium,
    member,
    opened,
    provider,
    rows,
    sealed,
)

pytestmark = pytest.mark.usefixtures("database")

FOLD = (
    "draft",
    "version",
    "used_element_id",
    "submission",
    "credential",
    "consultation",
    "answer",
    "organisation",
    "person",
)


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


def as_it_stands() -> dict[str, list[str]]:
    with db.of("catalogue").transaction(read_only=True) as tx:
        return {table: rows(tx, table) for table in FOLD}


@contextmanager
def elsewhere() -> Iterator[Transaction]:
    """A transaction in which the tables of the fold are empty copies that vanish with it."""
    with db.of("catalogue").transaction() as tx:
        for table in FOLD:
            tx.execute(f"CREATE TEMPORARY TABLE {table} (LIKE catalogue.{table} INCLUDING ALL) ON COMMIT DROP")
        tx.execute("SET LOCAL search_path = pg_temp, catalogue, catalogue_own")
        yield tx


def folded(events: list[Event]) -> dict[str, list[str]]:
    with elsewhere() as tx:
        for event in events:
            store.project(tx, event)
        return {table: rows(tx, table) for table in FOLD}


def interleaved(events: list[Event], seed: int) -> list[Event]:
    """The same events, each subject in its order, the subjects mixed otherwise."""
    chance = random.Random(seed)
    streams: dict[str, list[Event]] = {}
    for event in events:
        streams.setdefault(event.subject, []).append(event)
    mixed = []
    while streams:
        subject = chance.choice(sorted(streams))
        mixed.append(streams[subject].pop(0))
        if not streams[subject]:
            del streams[subject]
    return mixed


# --- rebuilding -------------------------------------------------------------------------------------------------------


def test_folding_every_event_anew_makes_the_same_rows() -> None:
    """Two rounds with all that can happen, folded in order and shuffled: the same rows, to the letter."""
    heard: list[Event] = []

    def hears(event: Event) -> None:
        hear(event)
        heard.append(event)

    accounts = Elsewhere()
    home = ids.new_id()
    hears(accounts.says("accounts.organisation.registered.v1", home, organisation=home, name="A", standing="provider"))
    hears(accounts.says("accounts.organisation.changed.v1", home, organisation=home, name="Rheinhafen College"))
    proof = {"standing": "provider", "ground": "web_domain", "evidence": "rheinhafen.example"}
    hears(accounts.says("accounts.organisation.confirmed.v1", home, organisation=home, **proof))
    leads = [Actor(ids.new_id(), home, frozenset({"lead"})) for _ in range(2)]
    for number, lead in enumerate(leads):
        who = {"person": lead.person, "organisation": home, "roles": ["lead"], "display_name": f"Person {number}"}
        hears(accounts.says("accounts.person.joined.v1", lead.person, **who))
    renamed = {"person": leads[0].person, "display_name": "Jana Hofmann-Özil"}
    hears(accounts.says("accounts.person.changed.v1", leads[0].person, **renamed))

    for _ in range(2):
        draft_id = opened(leads[0])
        consultation = Consultation(commands.draft(leads[0], draft_id))
        hears(consultation.opening)
        hears(consultation.finds_unready(commands.submit(leads[0], draft_id, 1)))
        document = lithium()
        del document["target_groups"], document["order"]["target_groups"]
        answers = [ids.new_id(), ids.new_id()]
        commands.revise(leads[0], draft_id, 1, Revision(document=document, summary="Für alle", answers=answers))
        commands.submit(leads[0], draft_id, 2)
        commands.recall(leads[0], draft_id, 2, "A typo")
        hears(consultation.seals(commands.submit(leads[0], draft_id, 2)))
        commands.publish(leads[1], draft_id, 2)

    everything = heard + emitted()
    live = as_it_stands()
    assert all(live.values()), "every table has rows"
    assert folded(everything) == live
    for seed in range(5):
        assert folded(interleaved(everything, seed)) == live


def test_a_version_that_is_not_the_document_it_names_is_never_folded(lead: Actor) -> None:
    """The hash of the event is checked against the patched document, so a wrong patch is noticed at once."""
    draft_id = opened(lead)
    commands.revise(lead, draft_id, 1, Revision(document=lithium() | {"country": "AT"}))
    opening, revision = emitted()[-2:]
    broken = Event(**{f: getattr(revision, f) for f in Event.__slots__} | {"data": dict(revision.data)})
    broken.data["patch"][-1]["value"] = "FR"
    with pytest.raises(Exception, match="is not the document it names"):
        folded([opening, broken])


# --- order of arrival -------------------------------------------------------------------------------------------------


def test_the_answer_may_come_before_the_news_of_the_consultation(lead: Actor) -> None:
    """Whatever of co-design's comes first, in the end the version is sealed."""
    for first, second in ((0, 1), (1, 0)):
        draft_id = opened(lead)
        in_consultation(lead, draft_id)  # an earlier one, so that it can be submitted
        later = Consultation(commands.draft(lead, draft_id))
        news = [later.opening, later.seals(commands.submit(lead, draft_id, 1))]
        hear(news[first])
        hear(news[second])
        assert commands.draft(lead, draft_id).status == "sealed"


def test_a_draft_is_known_before_or_after_its_consultation(lead: Actor) -> None:
    """The consultation's row hangs on its own id, so it may be folded before the draft is there."""
    draft_id = opened(lead)
    consultation = Consultation(commands.draft(lead, draft_id))
    opening = emitted()[-1]
    assert folded([opening, consultation.opening]) == folded([consultation.opening, opening])


def test_an_answer_to_a_recalled_or_older_submission_is_ignored(lead: Actor) -> None:
    """Recalled and submitted again: the seal of the first submission counts for nothing, that of the second for all."""
    draft_id = opened(lead)
    consultation = in_consultation(lead, draft_id)
    first = consultation.seals(commands.submit(lead, draft_id, 1))
    commands.recall(lead, draft_id, 1)
    hear(first)
    assert commands.draft(lead, draft_id).status == "in_consultation"
    again = commands.submit(lead, draft_id, 1)
    assert commands.draft(lead, draft_id).status == "submitted"
    hear(consultation.seals(again))
    assert commands.draft(lead, draft_id).status == "sealed"


def test_the_first_answer_of_a_consultation_counts_whichever_arrives_first(lead: Actor) -> None:
    """A second answer to the same submission changes nothing, whether it overtakes the first or not."""
    draft_id = opened(lead)
    consultation = in_consultation(lead, draft_id)
    submission = commands.submit(lead, draft_id, 1)
    first, second = consultation.finds_unready(submission), consultation.seals(submission)
    hear(second)
    hear(first)
    assert commands.draft(lead, draft_id).status == "unready"


def test_an_event_heard_twice_acts_once(lead: Actor) -> None:
    """The broker may deliver again; the rows stay as they are."""
    draft_id = opened(lead)
    consultation = in_consultation(lead, draft_id)
    answer = consultation.seals(commands.submit(lead, draft_id, 1))
    hear(answer)
    before = as_it_stands()
    hear(answer)
    hear(consultation.opening)
    assert as_it_stands() == before


def test_the_newest_name_wins_in_any_order_of_arrival() -> None:
    """An older name never overwrites a newer one, of an organisation as of a person."""
    id, who = ids.new_id(), ids.new_id()
    accounts = Elsewhere()
    news = [
        accounts.says("accounts.organisation.registered.v1", id, organisation=id, name="Old", standing="provider"),
        accounts.says("accounts.organisation.changed.v1", id, organisation=id, name="Newer"),
        accounts.says("accounts.organisation.changed.v1", id, organisation=id, name="Newest"),
        accounts.says(
            "accounts.person.joined.v1", who, person=who, organisation=id, roles=["lead"], display_name="Old"
        ),
        accounts.says("accounts.person.changed.v1", who, person=who, display_name="Newest"),
    ]
    for some in permutations(news[:3]):
        with elsewhere() as tx:
            for event in (*some, *news[:2:-1]):
                store.project(tx, event)
            organisation = store.organisation(tx, id)
            assert organisation is not None
            assert (organisation.name, organisation.standing) == ("Newest", "provider")
            assert store.names(tx, [who]) == {who: "Newest"}


def test_a_name_that_was_erased_is_no_name() -> None:
    """Where the words are gone the commitment is no name: the row says nothing."""
    id, who = ids.new_id(), ids.new_id()
    joined = Elsewhere().says(
        "accounts.person.joined.v1", who, person=who, organisation=id, roles=["lead"], display_name="Gone"
    )
    erased = Event(**{f: getattr(joined, f) for f in Event.__slots__} | {"private": ()})
    hear(erased)
    with db.of("catalogue").transaction(read_only=True) as tx:
        assert store.names(tx, [who]) == {}


def test_a_session_that_ended_opens_nothing(lead: Actor) -> None:
    """What accounts says of ended sessions and lost roles is known at the doors of the catalogue."""
    session = ids.new_id()
    accounts = Elsewhere()
    hear(accounts.says("accounts.session.revoked.v1", lead.person, person=lead.person, session=session))
    gone = {"person": lead.person, "organisation": lead.organisation}
    hear(accounts.says("accounts.person.left.v1", lead.person, **gone))
    with db.of("catalogue").transaction(read_only=True) as tx:
        found = tx.all("SELECT kind, id FROM catalogue_own.revoked ORDER BY kind")
    assert [(row["kind"], row["id"]) for row in found] == [("person", lead.person), ("session", session)]


# --- at once ----------------------------------------------------------------------------------------------------------


def test_of_many_who_edit_one_version_one_wins_and_none_is_lost(lead: Actor) -> None:
    """Eight at once: one makes the next version, the others are told; versions stay dense, no change vanishes."""
    draft_id = opened(lead)

    def edit(number: int) -> int:
        for _ in range(200):
            draft = commands.draft(lead, draft_id)
            document = dict(draft.document) | {"notes": {**draft.document["notes"], f"en-a{chr(97 + number)}": "here"}}
            try:
                return int(commands.revise(lead, draft_id, draft.version, Revision(document=document)).data["version"])
            except Stale:
                continue
        raise AssertionError("never won")

    with ThreadPoolExecutor(8) as at_once:
        made = list(at_once.map(edit, range(8)))
    assert sorted(made) == list(range(2, 10))
    assert {f"en-a{c}" for c in "abcdefgh"} < set(commands.draft(lead, draft_id).document["notes"])


def test_of_two_who_publish_at_once_one_does(lead: Actor) -> None:
    """The draft's row is locked: the second finds it published."""
    assert lead.organisation is not None
    second = member(lead.organisation, "lead")
    draft_id, _ = sealed(lead)

    def publish(_: int) -> str:
        try:
            commands.publish(second, draft_id, 1)
        except Refused as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(4) as at_once:
        assert sorted(at_once.map(publish, range(4))) == ["done", "published", "published", "published"]
    assert [e.type for e in emitted()].count("catalogue.credential.published.v1") == 1
