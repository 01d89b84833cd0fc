"""The rules of co-design, without a clock, a database or a network."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.codesign.domain import answering, commenting, endorsing, opening, sealing, suggesting
from services.codesign.domain.answering import Comment, NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.consultation import Consultation, Draft, Version
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.codesign.domain.sealing import Endorsement, Submission
from services.kernel import contracts, documents, ids
from services.kernel.errors import Invalid, Refused
from services.kernel.events import Actor, Fact

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
PROVIDER, EMPLOYER, BODY = ids.new_id(), ids.new_id(), ids.new_id()
DESIGNER = Actor(ids.new_id(), PROVIDER, frozenset({"designer"}))
REVIEWER = Actor(ids.new_id(), EMPLOYER, frozenset({"reviewer"}))
DOCUMENT: dict[str, Any] = {
    "title": {"en": "Safe handling of lithium batteries", "de": "Umgang mit Lithiumbatterien"},
    "country": "DE-NW",
    "level": {"eqf": "http://data.europa.eu/snb/eqf/4", "nqf": "DQR 4"},
    "grading": {"scheme": {"en": "Passed or not passed."}},
    "outcomes": {
        "lo-store": {"text": {"en": "Store damaged cells safely"}, "skills": ["a", "b"]},
        "lo-alarm": {"text": {"en": "Raise the alarm"}},
    },
    "order": {"outcomes": ["lo-store", "lo-alarm"]},
}


def version(number: int = 1, document: Mapping[str, Any] | None = None) -> Version:
    found = DOCUMENT if document is None else document
    return Version(number, found, documents.digest(found))


def consultation(**how: Any) -> Consultation:
    usual: dict[str, Any] = {
        "id": ids.new_id(),
        "draft": ids.new_id(),
        "provider": PROVIDER,
        "opened_on": 1,
        "newest": 1,
        "closes_at": NOW + timedelta(days=14),
        "participants": frozenset({EMPLOYER, BODY}),
    }
    return Consultation(**usual | how)


def said(fact: Fact) -> Mapping[str, Any]:
    """The data of a fact, once its contract holds (private values by their own schemas)."""
    data = dict(fact.data)
    for pointer, schema in contracts.personal_pointers(fact.type):
        if (name := pointer.removeprefix("/")) in data:
            contracts.check_private(fact.type, pointer, schema, data[name])
            data[name] = {"$private": "sha256:" + 64 * "a"}
    contracts.check_sent(fact.type, data)
    return fact.data


# --- opening ----------------------------------------------------------------------------------------------------------


def opened(draft: Draft | None = None, at: Version | None = None, **wish: Any) -> list[Fact]:
    draft = draft or Draft(ids.new_id(), PROVIDER, newest=1)
    usual: dict[str, Any] = {"draft": draft.id, "closes_at": NOW + timedelta(days=14)}
    return opening.open_consultation(
        draft,
        at or version(),
        DESIGNER,
        NewConsultation(**usual | wish),
        known=frozenset({EMPLOYER, BODY, PROVIDER}),
        id=ids.new_id(),
        now=NOW,
    )


def test_a_consultation_opens_on_a_version_with_its_rule_and_its_invitations() -> None:
    """Who is invited twice in the list is invited once; nothing is shown until it closes, unless somebody says else."""
    first, *invited = opened(organisations=(EMPLOYER, BODY, EMPLOYER), question="Can your people use this?")
    data = said(first)
    assert (data["version"], data["document_hash"]) == (1, version().hash)
    assert (data["closes_at"], data["visibility"]) == ("2026-03-15T09:30:00Z", "nothing_until_closed")
    assert [said(fact)["organisation"] for fact in invited] == [EMPLOYER, BODY]


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=-1), timedelta(days=-400)])
def test_the_closing_date_is_still_to_come(late: timedelta) -> None:
    """A consultation that is over when it opens hears nobody."""
    with pytest.raises(Invalid) as refusal:
        opened(closes_at=NOW + late)
    assert list(refusal.value.fields) == ["/closes_at"]


@pytest.mark.parametrize(
    ("organisation", "words"), [(PROVIDER, "Your own organisation"), (ids.new_id(), "Register")], ids=["own", "unknown"]
)
def test_only_other_organisations_that_are_registered_are_invited(organisation: str, words: str) -> None:
    """The refusal names the place in the list."""
    with pytest.raises(Invalid) as refusal:
        opened(organisations=(EMPLOYER, organisation))
    assert words in refusal.value.fields["/organisations/1"][0]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (Draft(ids.new_id(), PROVIDER, 1, published=True, consultation=ids.new_id()), "draft-published"),
        (Draft(ids.new_id(), PROVIDER, 1, consultation=ids.new_id()), "consultation-exists"),
    ],
)
def test_a_draft_has_one_consultation_and_none_once_published(draft: Draft, code: str) -> None:
    """So there is one place to comment, and one answer to a submission."""
    with pytest.raises(Refused) as refusal:
        opened(draft)
    assert refusal.value.code == code


# --- what a consultation takes, and when ------------------------------------------------------------------------------


def comment_on(found: Consultation, at: Version | None = None, now: datetime = NOW, **wish: Any) -> Mapping[str, Any]:
    usual: dict[str, Any] = {"pointer": "/outcomes/lo-store/text/en", "kind": "concern", "text": "Which cells?"}
    newest = at or version(found.newest)
    return said(commenting.comment(found, newest, REVIEWER, NewComment(**usual | wish), id=ids.new_id(), now=now))


def endorse(found: Consultation, at: Version | None = None, **wish: Any) -> Mapping[str, Any]:
    newest = at or version(found.newest)
    return said(
        endorsing.endorse(found, newest, REVIEWER, NewEndorsement(**{"interest": "none"} | wish), id=ids.new_id())
    )


def dispose(found: Consultation, on: int = 1, **wish: Any) -> Mapping[str, Any]:
    comment = Comment(ids.new_id(), found.id, EMPLOYER, on)
    usual: dict[str, Any] = {"disposition": "accepted", "reason": "You are right."}
    return said(answering.dispose(found, comment, DESIGNER, NewDisposition(**usual | wish)))


def invite(found: Consultation) -> Mapping[str, Any]:
    return said(opening.invite(found, BODY, DESIGNER, known={BODY}))


STATES: dict[str, dict[str, Any]] = {
    "open": {},
    "closed": {"closes_at": NOW},
    "sealed": {"sealed": True},
    "closed and sealed": {"closes_at": NOW, "sealed": True},
    "published": {"sealed": True, "published": True},
}
REFUSALS = {
    # act: what each state says to it
    comment_on: [None, "consultation-closed", "consultation-sealed", "consultation-sealed", "consultation-finished"],
    endorse: [None, None, "consultation-sealed", "consultation-sealed", "consultation-finished"],
    dispose: [None, None, "consultation-sealed", "consultation-sealed", "consultation-finished"],
    invite: [None, None, "consultation-sealed", "consultation-sealed", "consultation-finished"],
}
MATRIX = [(act, state, code) for act, codes in REFUSALS.items() for state, code in zip(STATES, codes, strict=True)]


@pytest.mark.parametrize(("act", "state", "code"), MATRIX, ids=lambda v: getattr(v, "__name__", v))
def test_what_each_state_of_a_consultation_takes(act: Any, state: str, code: str | None) -> None:
    """Comments until it closes; answers and endorsements also after; nothing once sealed; each refusal its own."""
    found = consultation(**STATES[state])
    if code is None:
        assert act(found)
    else:
        with pytest.raises(Refused) as refusal:
            act(found)
        assert refusal.value.code == code


def test_the_refusal_after_closing_says_when_it_closed_and_what_is_still_possible() -> None:
    """Somebody who comes late is not left at a wall."""
    with pytest.raises(Refused, match=r"closed on 1 March 2026 at 09:30 UTC.*still endorse"):
        comment_on(consultation(closes_at=NOW))


@pytest.mark.parametrize("act", [comment_on, endorse])
@pytest.mark.parametrize("number", [1, 5])
def test_only_versions_that_the_consultation_has_reached_are_spoken_of(act: Any, number: int) -> None:
    """Opened on version 2 and at version 4 now: 1 came before it, 5 is not there."""
    found = consultation(opened_on=2, newest=4)
    with pytest.raises(Invalid) as refusal:
        act(found, version(number))
    assert "versions 2 to 4" in refusal.value.fields["/version"][0]
    assert act(found, version(3))["version"] == 3


# --- commenting -------------------------------------------------------------------------------------------------------


def test_a_comment_is_anchored_to_the_element_and_its_hash() -> None:
    """The place may lie within the element; what it spoke of can be compared later."""
    data = comment_on(consultation(), public=True)
    assert data["element"] == "/outcomes/lo-store"
    assert data["element_hash"] == documents.digest(DOCUMENT["outcomes"]["lo-store"])
    assert (data["document_hash"], data["public"]) == (version().hash, True)
    assert "suggestion" not in data


@pytest.mark.parametrize(
    "pointer",
    ["/outcomes/lo-9", "/outcomes", "/order", "/order/outcomes", "/outcomes/lo-store/text/fr", "/outcomes/lo-store/",
     "/outcomes/lo-store/skills/2", "/outcomes/lo-store/skills/-", "/", "//"],
)  # fmt: skip
def test_a_comment_needs_a_place_that_is_there(pointer: str) -> None:
    """A collection and an order are no elements; a place that is gone is named in the refusal."""
    with pytest.raises(Invalid) as refusal:
        comment_on(consultation(), pointer=pointer)
    assert list(refusal.value.fields) == ["/pointer"]


# --- suggesting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pointer", "place"),
    [
        ("/title", "/title/en"),
        ("/title/de", "/title/de"),
        ("/outcomes/lo-store", "/outcomes/lo-store/text/en"),
        ("/outcomes/lo-store/text", "/outcomes/lo-store/text/en"),
        ("/grading", "/grading/scheme/en"),
        ("/country", "/country"),
    ],
)
def test_new_words_become_a_patch_that_first_tests_the_old_ones(pointer: str, place: str) -> None:
    """A layman types what should stand there; the patch replaces exactly that text, and fails where it has changed."""
    suggestion = comment_on(consultation(), pointer=pointer, wording="Other words")["suggestion"]
    before = documents.at(DOCUMENT, place)
    assert suggestion == [
        {"op": "test", "path": place, "value": before},
        {"op": "replace", "path": place, "value": "Other words"},
    ]
    assert documents.at(documents.patched(DOCUMENT, suggestion), place) == "Other words"


@pytest.mark.parametrize("pointer", ["/level", "/outcomes/lo-store/skills"])
def test_new_words_need_one_text_to_replace(pointer: str) -> None:
    """Where a part has no single text, the person is told to say it in the comment."""
    with pytest.raises(Invalid) as refusal:
        comment_on(consultation(), pointer=pointer, wording="Other words")
    assert list(refusal.value.fields) == ["/wording"]


@given(st.sampled_from(["", " ", "\n"]), st.sampled_from(["", " ", "\r\n"]))
def test_words_left_as_they_are_suggest_nothing(before: str, after: str) -> None:
    """A form shows the present words to be edited; whoever leaves them alone only comments."""
    unchanged = before + "Store damaged  cells safely" + after
    assert "suggestion" not in comment_on(consultation(), wording=unchanged)


SOUND = [
    {"op": "test", "path": "/outcomes/lo-store", "value": DOCUMENT["outcomes"]["lo-store"]},
    {"op": "add", "path": "/outcomes/lo-store/text/de", "value": "Beschädigte Zellen sicher lagern"},
]
STORE = "/outcomes/lo-store"


def test_a_patch_of_ones_own_is_taken_as_it_is() -> None:
    """Programs send the patch itself; the element may be changed in many places, and may be taken away."""
    assert comment_on(consultation(), pointer=STORE, suggestion=SOUND)["suggestion"] == SOUND
    away = [SOUND[0], {"op": "remove", "path": STORE}]
    assert comment_on(consultation(), pointer=STORE, suggestion=away)["suggestion"] == away


@pytest.mark.parametrize(
    ("patch", "words"),
    [
        ([], "Begin with a test"),
        (SOUND[1:], "Begin with a test"),
        ([SOUND[0], SOUND[1] | {"op": "copy", "from": STORE}], "these operations only"),
        ([SOUND[0], {"op": "replace", "path": "/title/en", "value": "x"}], "Change /outcomes/lo-store only"),
        ([SOUND[0], {"op": "add", "path": "/outcomes/lo-store2", "value": {}}], "Change /outcomes/lo-store only"),
        ([SOUND[0], {"op": "move", "from": "/title/en", "path": f"{STORE}/x"}], "Change /outcomes/lo-store only"),
        ([{"op": "test", "path": "", "value": 1}], "Change /outcomes/lo-store only"),
        ([SOUND[0] | {"value": "other"}, SOUND[1]], "another text"),
        ([{"op": "test", "path": STORE}, SOUND[1]], "does not fit"),
        ([SOUND[0], {"op": "replace", "path": f"{STORE}/nowhere/x", "value": 1}], "does not fit"),
        ([SOUND[0], {"op": "add", "path": f"{STORE}/skills/99", "value": 1}], "does not fit"),
        (SOUND[:1], "as it is"),
        ([SOUND[0], {"op": "add", "path": f"{STORE}/hours", "value": 2**53}], "do not agree"),
        ([SOUND[0], {"op": "add", "path": f"{STORE}/x", "value": "a\x00b"}], "do not agree"),
    ],
)
def test_a_patch_tests_first_applies_and_changes_this_element_alone(patch: list[dict[str, Any]], words: str) -> None:
    """Whatever else a patch does is refused with a sentence at the field."""
    with pytest.raises(Invalid) as refusal:
        comment_on(consultation(), pointer=STORE, suggestion=patch)
    assert words in refusal.value.fields["/suggestion"][0]


def test_words_and_a_patch_at_once_are_refused() -> None:
    """Nobody can tell which of the two is meant."""
    with pytest.raises(Invalid):
        comment_on(consultation(), pointer=STORE, suggestion=SOUND, wording="x")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.text("a\x00é", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=6,
)
PATHS = st.sampled_from(
    [STORE, f"{STORE}/text", f"{STORE}/text/en", f"{STORE}/skills/0", f"{STORE}/skills/-", STORE + "/~2"]
)
STEPS = st.fixed_dictionaries(
    {"op": st.sampled_from([*suggesting.OPERATIONS, "copy", "?"]), "path": PATHS | st.text("/~-a0", max_size=5)},
    optional={"from": PATHS, "value": VALUES},
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=6))
def test_no_patch_at_all_breaks_more_than_itself(patch: list[dict[str, Any]]) -> None:
    """Anything is refused as Invalid, or applies and leaves every other element alone, and the document untouched."""
    before = copy.deepcopy(DOCUMENT)
    tested = [{"op": "test", "path": STORE, "value": DOCUMENT["outcomes"]["lo-store"]}, *patch]
    try:
        taken = suggesting.checked(DOCUMENT, STORE, tested)
    except Invalid:
        return
    finally:
        assert before == DOCUMENT
    after = documents.patched(DOCUMENT, taken)
    assert {k: v for k, v in documents.elements(after).items() if k != STORE} == {
        k: v for k, v in documents.elements(DOCUMENT).items() if k != STORE
    }


# --- answering --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("disposition", answering.DISPOSITIONS)
def test_every_disposition_carries_its_reason(disposition: str) -> None:
    """Seven words for what became of a comment, each with why."""
    data = dispose(consultation(newest=3), disposition=disposition, answered_in=2)
    assert (data["disposition"], data["reason"], data["answered_in"]) == (disposition, "You are right.", 2)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_change_is_carried_by_a_later_version_that_is_there(number: int) -> None:
    """Made on version 2, the newest is 4: versions 3 and 4 can carry what it led to."""
    with pytest.raises(Invalid) as refusal:
        dispose(consultation(newest=4), on=2, answered_in=number)
    assert list(refusal.value.fields) == ["/answered_in"]


# --- endorsing --------------------------------------------------------------------------------------------------------


def test_endorsing_the_whole_design_covers_every_element_with_its_hash() -> None:
    """So whatever changes afterwards can be seen."""
    assert endorse(consultation(), statement="We would hire on it.")["elements"] == documents.elements(DOCUMENT)


def test_endorsing_elements_covers_those_alone() -> None:
    """One may stand behind an outcome and say nothing of the rest."""
    data = endorse(consultation(), elements=("/title", "/outcomes/lo-alarm"))
    assert list(data["elements"]) == ["/title", "/outcomes/lo-alarm"]


@pytest.mark.parametrize(
    ("elements", "places"),
    [((), ["/elements"]), (("/title", "/outcomes", "/title/en"), ["/elements/1", "/elements/2"])],
)
def test_only_elements_that_are_there_can_be_endorsed(elements: tuple[str, ...], places: list[str]) -> None:
    """A place within an element, a collection and nothing at all are no elements."""
    with pytest.raises(Invalid) as refusal:
        endorse(consultation(), elements=elements)
    assert list(refusal.value.fields) == places


# --- sealing ----------------------------------------------------------------------------------------------------------


def endorsed(standing: str | None, **how: Any) -> Endorsement:
    usual: dict[str, Any] = {
        "id": ids.new_id(),
        "organisation": ids.new_id(),
        "elements": documents.elements(DOCUMENT),
        "interest": "none",
        "standing": standing,
        "sequence": 1,
    }
    return Endorsement(**usual | how)


def lacking(endorsements: list[Endorsement], comments: list[str] | None = None) -> list[str]:
    return [entry["code"] for entry in sealing.missing(version(), comments or [], endorsements)]


ENOUGH = [endorsed("employer"), endorsed("professional_body")]


def test_sealed_with_every_comment_answered_and_one_endorsement_of_each_side() -> None:
    """The seal names the endorsements it rests on, and the submission it answers."""
    found, submission = consultation(), Submission(ids.new_id(), 1, version().hash)
    fact = sealing.answer(found, submission, version(), [], ENOUGH)
    assert fact.type == "codesign.consultation.sealed.v1"
    assert said(fact)["endorsements"] == [e.id for e in ENOUGH]
    assert said(fact)["submission"] == submission.id


def test_everything_that_is_missing_is_said_at_once() -> None:
    """Nobody has to submit three times to learn of three things."""
    open_comment = ids.new_id()
    fact = sealing.answer(consultation(), Submission(ids.new_id(), 1, version().hash), version(), [open_comment], [])
    assert said(fact)["missing"] == [
        {"code": "open_comments", "comments": [open_comment]},
        {"code": "no_employer_endorsement"},
        {"code": "no_professional_body_endorsement"},
    ]


@pytest.mark.parametrize("copy_of", [None, version(1, {"title": {"en": "Other"}})])
def test_a_version_that_we_do_not_hold_is_never_sealed(copy_of: Version | None) -> None:
    """Endorsed and commented was what we hold; a document of another hash is another document."""
    fact = sealing.answer(consultation(), Submission(ids.new_id(), 1, version().hash), copy_of, [], ENOUGH)
    assert said(fact)["missing"] == [{"code": "unknown_version"}]


def test_so_many_open_comments_that_an_event_cannot_name_them_all() -> None:
    """An event has at most 65,535 bytes: it names the oldest two hundred."""
    comments = [ids.new_id() for _ in range(3000)]
    assert sealing.missing(version(), comments, ENOUGH)[0]["comments"] == comments[:200]


@pytest.mark.parametrize(
    ("how", "counts"),
    [
        ({}, True),
        ({"standing": None}, False),
        ({"standing": "trade_union"}, False),
        ({"interest": "customer_or_supplier"}, True),
        ({"interest": "owner_or_group"}, False),
        ({"interest": "paid"}, False),
        ({"elements": {"/title": documents.digest(DOCUMENT["title"])}}, True),
        ({"elements": {"/title": 64 * "0"}}, False),
        ({"elements": {"/outcomes/lo-gone": 64 * "0"}}, False),
    ],
)
def test_which_endorsements_count(how: dict[str, Any], counts: bool) -> None:
    """Of a confirmed standing, by no related party, and for elements that are word by word what was endorsed."""
    employer = endorsed(**{"standing": "employer"} | how)
    assert (lacking([employer, ENOUGH[1]]) == []) is counts


@pytest.mark.parametrize("order", [1, -1])
def test_the_newest_endorsement_of_an_organisation_replaces_the_older(order: int) -> None:
    """Also where the newer one does not count: the organisation declared an interest meanwhile."""
    older = endorsed("employer", organisation=EMPLOYER, sequence=3)
    newer = endorsed("employer", organisation=EMPLOYER, sequence=7, interest="paid")
    assert lacking([older, newer, ENOUGH[1]][::order]) == ["no_employer_endorsement"]
    again = endorsed("employer", organisation=EMPLOYER, sequence=9)
    assert lacking([older, newer, again, ENOUGH[1]][::order]) == []


@given(
    st.sets(st.sampled_from(sorted(documents.elements(DOCUMENT))), min_size=1),
    st.sampled_from(["lo-store", "lo-alarm"]),
)
def test_an_endorsement_goes_stale_only_when_an_element_it_covers_changes(covered: set[str], changed: str) -> None:
    """Editing one outcome leaves the endorsements of everything else alone."""
    document = copy.deepcopy(DOCUMENT)
    document["outcomes"][changed]["text"]["en"] += " at once"
    elements = {pointer: documents.elements(DOCUMENT)[pointer] for pointer in covered}
    holds = endorsed("employer", elements=elements).counts_for(documents.elements(document))
    assert holds is (f"/outcomes/{changed}" not in covered)
