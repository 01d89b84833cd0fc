"""What co-design hears and says: versions, the handshake from its side, invitations by address, and the fold."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.codesign import commands, reading, store
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.opening import NewConsultation
from services.kernel import clock, db, ids
from services.kernel.db import Transaction
from services.kernel.errors import Forbidden, Malformed, NotFound, Refused
from services.kernel.events import Event
from tests.component.codesign_house import Draft, House, Watch, World, emitted, hear, house, lithium

pytestmark = pytest.mark.usefixtures("database")

FOLD = (
    "draft",
    "version",
    "submission",
    "publication",
    "organisation",
    "person",
    "invited_person",
    "consultation",
    "participant",
    "comment",
    "disposition",
    "endorsement",
    "answer",
)


@pytest.fixture
def here() -> House:
    return house()


def missing(event: Event) -> list[str]:
    return [entry["code"] for entry in event.data["missing"]]


# --- versions ---------------------------------------------------------------------------------------------------------


def test_every_version_is_kept_as_the_catalogue_wrote_it(here: House) -> None:
    """Patched from the events alone, byte for byte the canonical document whose hash the event names."""
    here.draft.revise("/workload/hours", "30")
    here.draft.revise("/title/en", "Lithium batteries in the warehouse")
    for number in (1, 2, 3):
        with db.of("codesign").transaction(read_only=True) as tx:
            found = store.version(tx, here.draft.id, number)
        assert found is not None
        assert found.document["workload"]["hours"] == ("25" if number == 1 else "30")
    shown = reading.document(here.employer, here.consultation)
    assert (shown["version"], shown["document"]) == (3, here.draft.document)


@pytest.mark.parametrize("what", ["draft.opened", "draft.revised", "draft.submitted"])
def test_a_document_that_is_not_the_one_its_event_names_is_an_alarm(here: House, what: str) -> None:
    """It is Malformed, so the bus parks it at once; nothing of it is kept."""
    draft = {"draft": ids.new_id() if what == "draft.opened" else here.draft.id, "document_hash": 64 * "0"}
    more: dict[str, dict[str, Any]] = {
        "draft.opened": {"version": 1, "document": lithium(), "organisation": here.draft.provider},
        "draft.revised": {"version": 2, "patch": [{"op": "replace", "path": "/title/en", "value": "x"}]},
        "draft.submitted": {"version": 1, "submission": ids.new_id(), "document": lithium()},
    }
    with pytest.raises(Malformed, match="its event says 0000"):
        here.world.says(f"catalogue.{what}.v1", draft["draft"], **draft, **more[what])
    assert here.world.heard.pop().subject == draft["draft"]
    assert reading.document(here.employer, here.consultation)["version"] == 1


def test_a_revision_of_a_version_that_is_not_here_or_that_does_not_fit_is_an_alarm(here: House) -> None:
    """Neither is guessed at: an operator redrives what is missing first."""
    change: dict[str, Any] = {
        "patch": [{"op": "replace", "path": "/title/en", "value": "x"}],
        "document_hash": 64 * "0",
    }
    with pytest.raises(Malformed, match="the version before it is not here"):
        here.world.says("catalogue.draft.revised.v1", here.draft.id, draft=here.draft.id, version=7, **change)
    change["patch"] = [{"op": "test", "path": "/title/en", "value": "y"}]
    with pytest.raises(Malformed, match="made for another text"):
        here.world.says("catalogue.draft.revised.v1", here.draft.id, draft=here.draft.id, version=2, **change)


# --- the handshake, from this side ------------------------------------------------------------------------------------


def test_a_submission_is_answered_with_everything_it_lacks(here: House) -> None:
    """An open comment and no endorsement: all three are said, and the consultation goes on."""
    comment = here.comment()
    submission = here.draft.submit()
    assert missing(here.answered) == ["open_comments", "no_employer_endorsement", "no_professional_body_endorsement"]
    assert here.answered.data["missing"][0]["comments"] == [comment]
    assert here.answered.data["submission"] == submission
    assert here.comment() != comment


def test_answered_and_endorsed_it_is_sealed_and_from_then_on_silent(here: House) -> None:
    """Comments, answers, endorsements and invitations are refused until the catalogue recalls; then all go on."""
    comment = here.comment()
    here.answer(comment, "rejected", "ADR says otherwise.")
    here.endorsed()
    here.draft.submit()
    assert here.answered.type == "codesign.consultation.sealed.v1"
    new_employer = here.world.organisation("Hafenlogistik", "employer")
    acts: list[Callable[[], object]] = [
        lambda: here.comment(),
        lambda: here.answer(comment),
        lambda: here.endorse(here.other),
        lambda: commands.invite_organisation(here.designer, here.consultation, new_employer),
    ]
    for act in acts:
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "consultation-sealed"
    here.draft.recall()
    for act in acts:
        act()


def test_published_it_is_finished_for_good(here: House) -> None:
    """No recall comes after a publication, and no second consultation."""
    here.endorsed()
    here.draft.submit()
    here.draft.publish(here.answered)
    with pytest.raises(Refused) as refusal:
        here.comment()
    assert refusal.value.code == "consultation-finished"
    assert reading.consultation(here.employer, here.consultation)["status"] == "published"
    with pytest.raises(Refused) as refusal:
        commands.open_consultation(here.designer, NewConsultation(here.draft.id, clock.now().replace(year=2040)))
    assert refusal.value.code == "draft-published"


def test_an_endorsement_holds_over_a_revision_that_leaves_its_elements_alone(here: House) -> None:
    """The employer covers one outcome, the body the title; the outcome changes, and the employer is missing."""
    here.endorse(here.employer, elements=("/outcomes/lo-store",))
    here.endorse(here.body, elements=("/title",))
    here.draft.revise("/workload/hours", "30")
    here.draft.submit()
    assert here.answered.type == "codesign.consultation.sealed.v1"
    here.draft.recall()
    here.draft.revise("/outcomes/lo-store/text/en", "Store them at a distance of 2.5 m.")
    here.draft.submit()
    assert missing(here.answered) == ["no_employer_endorsement"]
    here.endorse(here.employer, elements=("/outcomes/lo-store",))
    here.draft.submit()
    assert here.answered.type == "codesign.consultation.sealed.v1"


def test_a_standing_counts_from_when_it_is_confirmed(here: House) -> None:
    """What is decided is decided by what is known then; the seal stands as the fact it is."""
    claimed = here.world.organisation("Werkstatt Ost", "employer", confirmed=False)
    commands.invite_organisation(here.designer, here.consultation, claimed)
    here.endorse(here.world.member(claimed, "reviewer"))
    here.endorse(here.body)
    here.draft.submit()
    assert missing(here.answered) == ["no_employer_endorsement"]
    shown = reading.endorsements(here.designer, here.consultation)[0]
    assert (shown["organisation"]["standing"], shown["organisation"]["confirmed"]) == ("employer", False)
    here.world.confirm(claimed, "employer")
    here.draft.submit()
    assert here.answered.type == "codesign.consultation.sealed.v1"


def test_a_draft_without_a_consultation_gets_no_answer(here: House) -> None:
    """The catalogue lets nobody submit one; if it happened, nothing would be said."""
    before = len(emitted())
    Draft(here.world, here.draft.provider).submit()
    assert len(emitted()) == before


# --- invitations ------------------------------------------------------------------------------------------------------


def invited(here: House, organisation: str, by: House | World | None = None, **how: str | None) -> None:
    actor = here.designer if by is None else here.other
    who = ids.new_id()
    usual = {"consultation": here.consultation, "expires_at": "2030-01-01T00:00:00Z"}
    data = {"person": who, "organisation": organisation, "roles": ["reviewer"]} | usual | how
    here.world.says("accounts.person.invited.v1", who, actor, **data)


def participants(here: House) -> list[str]:
    shown = reading.consultation(here.designer, here.consultation)["participants"]
    return [entry["organisation"]["id"] for entry in shown]


def test_inviting_somebody_by_address_invites_their_organisation(here: House) -> None:
    """Also where the news of the organisation itself comes later; twice is once, and by hand afterwards is no error."""
    new = ids.new_id()
    invited(here, new)
    invited(here, new)
    assert participants(here).count(new) == 1
    assert commands.invite_organisation(here.designer, here.consultation, new).new is False
    here.world.says("accounts.organisation.registered.v1", new, organisation=new, name="Hafen AG", standing="employer")
    shown = reading.consultation(here.designer, here.consultation)["participants"]
    assert {e["organisation"]["name"]: e["people"] for e in shown}["Hafen AG"] == 2
    assert here.comment(here.world.member(new, "reviewer", scope=here.consultation))


@pytest.mark.parametrize("how", ["somebody else's wish", "another consultation", "no consultation", "the provider"])
def test_only_the_provider_lets_an_organisation_in_by_address(here: House, how: str) -> None:
    """An invitation that others asked for, or that is for something else, changes nothing here."""
    before, new = participants(here), ids.new_id()
    if how == "somebody else's wish":
        invited(here, new, by=here)
    elif how == "another consultation":
        invited(here, new, consultation=ids.new_id())
    elif how == "no consultation":
        invited(here, new, consultation=None)
    else:
        here.endorsed()
        here.draft.submit()
        invited(here, new)  # sealed meanwhile: nobody is let in any more
    assert participants(here) == before


# --- people -----------------------------------------------------------------------------------------------------------


def test_an_older_name_never_overwrites_a_newer_one() -> None:
    """News of one organisation or person may overtake each other; the highest sequence holds."""
    world, id, who = World(), ids.new_id(), ids.new_id()
    said = [
        world.elsewhere.says("accounts.organisation.registered.v1", id, organisation=id, name="A", standing="employer"),
        world.elsewhere.says("accounts.organisation.changed.v1", id, organisation=id, name="B"),
        world.elsewhere.says(
            "accounts.organisation.confirmed.v1",
            id,
            organisation=id,
            standing="employer",
            ground="web_domain",
            evidence="a.example",
        ),
        world.elsewhere.says("accounts.person.joined.v1", who, person=who, organisation=id, roles=[], display_name="A"),
        world.elsewhere.says("accounts.person.changed.v1", who, person=who, display_name="B"),
    ]
    hear(*reversed(said))
    with db.of("codesign").transaction() as tx:
        row = tx.one("SELECT name, claimed, confirmed FROM organisation WHERE organisation_id = %(id)s", {"id": id})
        assert row == {"name": "B", "claimed": "employer", "confirmed": "employer"}
        assert tx.value("SELECT display_name FROM person WHERE person_id = %(id)s", {"id": who}) == "B"


def test_sessions_end_with_rights(here: House) -> None:
    """A session that was ended, a role taken back and a person who left are written where the web asks."""
    people = [ids.new_id() for _ in range(3)]
    session = ids.new_id()
    here.world.says("accounts.session.revoked.v1", people[0], person=people[0], session=session)
    org = {"organisation": here.draft.provider}
    here.world.says("accounts.role.revoked.v1", people[1], person=people[1], role="designer", **org)
    here.world.says("accounts.person.left.v1", people[2], person=people[2], **org)
    with db.of("codesign").transaction() as tx:
        rows = tx.all("SELECT kind, id FROM codesign_own.revoked")
    assert {(row["kind"], row["id"]) for row in rows} == {
        ("session", session),
        ("person", people[1]),
        ("person", people[2]),
    }


def test_erased_words_leave_the_fact_and_no_words(here: House) -> None:
    """Where the private value is gone, the row says so by NULL; everything else of the comment stands."""
    here.comment(wording="Store them 2.5 m apart.")
    spoken = emitted()[-1]
    bare = Event(**{name: getattr(spoken, name) for name in Event.__slots__} | {"private": ()})
    with elsewhere() as tx:
        store.project(tx, bare)
        row = tx.one("SELECT words, suggestion, element, kind FROM comment")
    assert row == {"words": None, "suggestion": None, "element": "/outcomes/lo-store", "kind": "concern"}


# --- rebuilding -------------------------------------------------------------------------------------------------------


@contextmanager
def elsewhere() -> Iterator[Transaction]:
    """A transaction in which the tables of the fold are empty copies that vanish with it."""
    with db.of("codesign").transaction() as tx:
        for table in FOLD:
            tx.execute(f"CREATE TEMPORARY TABLE {table} (LIKE codesign.{table} INCLUDING ALL) ON COMMIT DROP")
        tx.execute("SET LOCAL search_path = pg_temp, codesign, codesign_own")
        yield tx


def rows(tx: Transaction) -> dict[str, list[str]]:
    return {t: [r["line"] for r in tx.all(f"SELECT t::text AS line FROM {t} t ORDER BY 1")] for t in FOLD}


def folded(events: list[Event]) -> dict[str, list[str]]:
    with elsewhere() as tx:
        for event in events:
            store.project(tx, event)
        return rows(tx)


def interleaved(events: list[Event], seed: int) -> list[Event]:
    """The same events, each subject in its order, the subjects mixed otherwise."""
    chance, mixed = random.Random(seed), list[Event]()
    streams: dict[str, list[Event]] = {}
    for event in events:
        streams.setdefault(event.subject, []).append(event)
    while streams:
        subject = chance.choice(sorted(streams))
        mixed.append(streams[subject].pop(0))
        if not streams[subject]:
            del streams[subject]
    return mixed


def test_folding_every_event_anew_makes_the_same_rows(here: House) -> None:
    """A round with all that can happen, folded in order and shuffled: the same rows, to the letter."""
    world, organisation = here.world, str(here.employer.organisation)
    first, second = here.comment(wording="Store them 2.5 m apart.", public=True), here.comment(here.body)
    here.answer(first, "rejected")
    here.draft.revise("/workload/hours", "30", answers=[first])
    here.answer(first, answered_in=2)
    here.draft.submit()
    here.answer(second, "out_of_scope")
    here.endorse(here.other, interest="paid", statement="Good.", elements=("/title",))
    here.endorsed()
    here.draft.submit()
    here.draft.recall()
    here.draft.revise("/title/en", "Lithium batteries")
    here.endorsed()
    invited(here, ids.new_id())
    world.says("accounts.organisation.changed.v1", organisation, organisation=organisation, name="Krämer & Sohn")
    world.says("accounts.person.changed.v1", here.body.person, person=here.body.person, display_name="A. Haddad")
    here.draft.submit()
    here.draft.publish(here.answered)

    everything = world.heard + emitted()
    with db.of("codesign").transaction(read_only=True) as tx:
        live = rows(tx)
    assert all(live.values()), "every table has rows"
    assert folded(everything) == live
    for seed in range(6):
        assert folded(interleaved(everything, seed)) == live


# --- refusals that save nothing ---------------------------------------------------------------------------------------


def test_after_closing_comments_are_refused_and_endorsements_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words that answer the comments come after them, and only then there is something to endorse."""
    watch = Watch(clock.now())
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    here = house()
    watch.forward(days=14, seconds=-1)
    comment = here.comment()
    watch.forward(seconds=2)
    with pytest.raises(Refused) as refusal:
        here.comment()
    assert refusal.value.code == "consultation-closed"
    here.answer(comment)
    here.endorsed()
    here.draft.submit()
    assert here.answered.type == "codesign.consultation.sealed.v1"


def test_who_is_refused_leaves_no_trace(here: House) -> None:
    """Not invited, another's link, no such consultation: each its own refusal, and neither event nor row."""
    stranger = here.world.member(here.world.organisation("Far away", "employer"), "reviewer")
    linked = here.world.member(here.employer.organisation or "", "reviewer", scope=ids.new_id())
    before = len(emitted())
    wish = NewComment("/title", "praise", "Good.")
    for actor, place, error, code in (
        (stranger, here.consultation, Forbidden, "not-invited"),
        (linked, here.consultation, Forbidden, "other-consultation"),
        (here.designer, here.consultation, Forbidden, "not-a-reviewer"),
        (here.auditor, here.consultation, Forbidden, "not-a-reviewer"),
        (here.employer, ids.new_id(), NotFound, "not-found"),
    ):
        with pytest.raises(error) as refusal:
            commands.submit_comment(actor, place, wish)
        assert refusal.value.code == code
    assert len(emitted()) == before
    assert reading.comments(here.designer, here.consultation) == []
