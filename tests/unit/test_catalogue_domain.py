"""The rules of the catalogue, without a database: documents, changes, and the life of a draft."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalogue import examples
from services.catalogue.domain import acts, changes
from services.catalogue.domain.acts import Opening, Revision
from services.catalogue.domain.annex import ELEMENTS
from services.catalogue.domain.completeness import gaps
from services.catalogue.domain.document import LIMIT, check
from services.catalogue.domain.draft import Answer, Draft, Submission
from services.catalogue.domain.policy import Organisation
from services.catalogue.domain.vocabulary import LANGUAGES
from services.kernel.documents import at, canonical, digest, patched
from services.kernel.errors import Forbidden, Invalid, NotFound, Refused, Stale, TooLarge
from services.kernel.events import Actor

HOME = "0190f3a0-0000-7000-8000-000000000001"
PROVIDER = Organisation(HOME, "Rheinhafen Vocational College", "provider")
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def actor(*roles: str, person: str = "ada", organisation: str = HOME) -> Actor:
    return Actor(person, organisation, frozenset(roles))


LEAD, SECOND, DESIGNER = actor("lead"), actor("lead", person="bo"), actor("designer", person="cy")


def lithium() -> dict[str, Any]:
    """A document that is complete."""
    return copy.deepcopy(dict(examples.named("lithium-batteries").document))


def draft(document: dict[str, Any] | None = None, **changed: Any) -> Draft:
    document = document or lithium()
    start = Draft("d", HOME, 3, document, digest(document), NOW, consultation="c", submission=None, credential=None)
    return replace(start, **changed)


def submitted(answer: bool | None = None, **changed: Any) -> Draft:
    """A draft whose version 3 ada submitted; answer True is sealed, False unready."""
    base = draft()
    told = None if answer is None else Answer(answer, "seal", "c", base.document_hash)
    submission = Submission("s", 3, base.document_hash, "ada", NOW, recalled=False, answer=told)
    return replace(base, submission=replace(submission, **changed))


def faults_of(document: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        check(document)
    return {pointer: list(sentences) for pointer, sentences in refusal.value.fields.items()}


# --- the document -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", examples.every(), ids=lambda e: e.name)
def test_every_example_is_sound_complete_and_in_two_languages(example: examples.Example) -> None:
    """An example can be opened and, after a consultation, be submitted as it is."""
    check(example.document)
    assert gaps(example.document) == []
    assert set(example.document["title"]) == {"en", "de"}


def test_a_draft_may_be_incomplete() -> None:
    """A title alone is a document; what it lacks is asked for when it is submitted, not when it is saved."""
    check({"title": {"en": "Bees"}})
    assert [gap.pointer for gap in gaps({"title": {"en": "Bees"}})] == [
        "/country",
        "/awarding_body",
        "/outcomes",
        "/workload",
        "/level",
        "/assessments",
        "/participation",
        "/quality_assurance",
    ]


def put(pointer: str, value: Any) -> dict[str, Any]:
    """The complete document with one value set."""
    return patched(lithium(), [{"op": "add", "path": pointer, "value": value}])


@pytest.mark.parametrize(
    ("pointer", "value", "at"),
    [
        ("/colour", "red", "/colour"),
        ("/title", "Bees", "/title"),
        ("/title", {}, "/title"),
        ("/title/en", "", "/title/en"),
        ("/title/en", "   ", "/title/en"),
        ("/title/en", "x" * 201, "/title/en"),
        ("/title/en", "two\nlines", "/title/en"),
        ("/title/en", "nul\x00", "/title/en"),
        ("/title/en", None, "/title/en"),
        ("/title/english", "Bees", "/title/english"),
        ("/country", "Austria", "/country"),
        ("/awarding_body/logo", "x", "/awarding_body/logo"),
        ("/awarding_body/website", "javascript:alert(1)", "/awarding_body/website"),
        ("/workload/hours", 25, "/workload/hours"),
        ("/workload/hours", 25.5, "/workload/hours"),
        ("/workload/hours", "1e3", "/workload/hours"),
        ("/workload/hours", "-1", "/workload/hours"),
        ("/level/eqf", "http://data.europa.eu/snb/eqf/9", "/level/eqf"),
        ("/level/isced_f", "logistics", "/level/isced_f"),
        ("/outcomes/lo-classify/kind", "knowledge", "/outcomes/lo-classify/kind"),
        ("/outcomes/lo-classify/skills", ["welding"], "/outcomes/lo-classify/skills/0"),
        ("/outcomes/lo-classify/text", None, "/outcomes/lo-classify/text"),
        ("/outcomes", [], "/outcomes"),
        ("/assessments/as-written/supervised", "yes", "/assessments/as-written/supervised"),
        ("/assessments/as-written/covers", ["lo-nowhere"], "/assessments/as-written/covers/0"),
        ("/assessments/as-written/covers", ["lo-alarm", "lo-alarm"], "/assessments/as-written/covers/1"),
        ("/quality_assurance/expires", "2027-02-30", "/quality_assurance/expires"),
        ("/quality_assurance/expires", "2027-2-3", "/quality_assurance/expires"),
        ("/use", ["prestige"], "/use/0"),
        ("/order/outcomes/-", "lo-nowhere", "/order/outcomes/5"),
        ("/order/outcomes/-", "lo-store", "/order/outcomes/5"),
        ("/order/outcomes", ["lo-store"], "/order/outcomes"),
        ("/order/notes", [], "/order/notes"),
        ("/order", [], "/order"),
    ],
)
def test_each_fault_is_named_by_its_place_with_a_sentence(pointer: str, value: Any, at: str) -> None:
    """What is wrong in a document is said at the very place, in words."""
    found = faults_of(put(pointer, value))
    assert at in found, found
    assert all(sentence.endswith((".", "?")) for sentences in found.values() for sentence in sentences)


def test_an_order_is_missing_for_a_collection() -> None:
    """A collection without its order is refused: nobody could tell which element comes first."""
    assert "/order/outcomes" in faults_of({"outcomes": {"lo-1": {"text": {"en": "Fly"}}}})


def test_two_elements_never_share_an_id() -> None:
    """An id names one element of the whole document, so a prerequisite cannot be called like an outcome."""
    document = put("/prerequisites/lo-store", {"text": {"en": "Bees"}})
    document["order"]["prerequisites"].append("lo-store")
    assert "/prerequisites/lo-store" in faults_of(document)


def test_a_document_past_48_kib_is_refused_with_its_size_and_the_largest_elements() -> None:
    """The refusal says how large it is and what to shorten first."""
    document = lithium()
    document["outcomes"] |= {f"lo-{n}": {"text": {"en": "x" * 1000, "de": "y" * 1000}} for n in range(24)}
    document["order"]["outcomes"] = list(document["outcomes"])
    with pytest.raises(TooLarge) as refusal:
        check(document)
    assert f"{len(canonical(document)):,} bytes" in refusal.value.message
    assert f"{LIMIT:,}" in refusal.value.message
    assert "/outcomes/lo-" in refusal.value.message


def test_the_smallest_document_that_is_too_large() -> None:
    """48 KiB of canonical JSON are possible, one byte more is not."""
    document: dict[str, Any] = {"notes": {}}
    languages = list(LANGUAGES)
    for language in languages:
        document["notes"][language] = "x" * 4000
        if len(canonical(document)) > LIMIT:
            document["notes"][language] = "x" * (4000 - (len(canonical(document)) - LIMIT))
            break
    assert len(canonical(document)) == LIMIT
    check(document)
    document["notes"][language] += "x"
    with pytest.raises(TooLarge):
        check(document)


# --- completeness -----------------------------------------------------------------------------------------------------


def test_every_outcome_is_assessed_before_submission() -> None:
    """Each outcome that no assessment covers is named (R9)."""
    document = put("/assessments/as-written/covers", ["lo-classify"])
    assert [gap.pointer for gap in gaps(document)] == ["/outcomes/lo-alarm"]


def test_fields_needed_within_an_element_are_named() -> None:
    """An assessment without its type keeps the design from being submitted."""
    document = lithium()
    del document["assessments"]["as-written"]["type"]
    del document["level"]["eqf"]
    assert {gap.pointer for gap in gaps(document)} == {"/assessments/as-written/type", "/level/eqf"}


# --- changes ----------------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab/~é", max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~", max_size=3), inner, max_size=3),
    max_leaves=12,
)
documents = st.dictionaries(st.text("abc/~", max_size=3), values, max_size=4)


@given(documents, documents)
@settings(max_examples=400, deadline=None)
def test_the_patch_between_two_documents_leads_from_one_to_the_other(before: Any, after: Any) -> None:
    """Whatever the two are, the patch makes the one of the other, byte for byte."""
    patch = changes.between(before, after)
    assert canonical(patched(before, patch)) == canonical(after)
    assert (patch == []) == (canonical(before) == canonical(after))


@given(documents, documents)
@settings(max_examples=200, deadline=None)
def test_the_tests_of_a_patch_come_first_and_name_what_is_replaced(before: Any, after: Any) -> None:
    """All tests lead, and there is one for each place that is replaced or removed, and no other."""
    patch = changes.between(before, after)
    kinds = [step["op"] for step in patch]
    tests = [step["path"] for step in patch if step["op"] == "test"]
    assert kinds == sorted(kinds, key=lambda op: op != "test")
    assert tests == [step["path"] for step in patch if step["op"] in ("replace", "remove")]


@given(documents, documents, documents)
@settings(max_examples=200, deadline=None)
def test_a_patch_fails_where_what_it_replaces_has_changed(before: Any, after: Any, other: Any) -> None:
    """A patch made for one document either fits another in every place it replaces, or is refused."""
    patch = changes.between(before, after)
    try:
        result = patched(other, patch)
    except Refused:
        return
    for step in patch:
        if step["op"] == "test":
            assert canonical(at(other, step["path"])) == canonical(step["value"])
    assert isinstance(result, dict)


def test_a_new_order_touches_no_other_pointer() -> None:
    """Moving an outcome replaces one list and leaves every element's place as it is."""
    before, after = lithium(), lithium()
    after["order"]["outcomes"].reverse()
    assert {step["path"] for step in changes.between(before, after)} == {"/order/outcomes"}


def test_a_patch_that_doubles_the_document_again_and_again_is_stopped() -> None:
    """Copying the whole into itself is noticed before memory is."""
    bomb = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(20)]
    with pytest.raises(TooLarge):
        changes.applied(lithium(), bomb)
    with pytest.raises(Invalid):
        changes.applied(lithium(), bomb + bomb)


def test_a_patch_that_leaves_no_document_is_refused() -> None:
    """The whole can be replaced by an object only."""
    with pytest.raises(Invalid):
        changes.applied(lithium(), [{"op": "replace", "path": "", "value": [1]}])


steps = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": st.sampled_from(
            ["", "/", "/title", "/title/en", "/order/outcomes/0", "/order/outcomes/-", "/x/y", "/use/9"]
        ),
        "from": st.sampled_from(["", "/title", "/order/outcomes", "/order/outcomes/1", "/nowhere"]),
        "value": values,
    }
)


@given(st.lists(steps, max_size=4))
@settings(max_examples=300, deadline=None)
def test_any_patch_is_applied_or_refused(patch: list[dict[str, Any]]) -> None:
    """However odd a patch is, it makes a document or a refusal, never an accident."""
    with suppress(Refused):
        assert isinstance(changes.applied(lithium(), patch), dict)


# --- opening and revising ---------------------------------------------------------------------------------------------


def test_only_the_staff_of_a_provider_opens_drafts() -> None:
    """A designer of a provider may; a reviewer, an employer's lead and an organisation nobody has heard of may not."""
    wish = Opening({"title": {"en": "Bees"}})
    assert acts.open_draft(DESIGNER, PROVIDER, "d", wish).data["version"] == 1
    with pytest.raises(Forbidden):
        acts.open_draft(actor("reviewer"), PROVIDER, "d", wish)
    with pytest.raises(Forbidden):
        acts.open_draft(LEAD, replace(PROVIDER, standing="employer"), "d", wish)
    with pytest.raises(Refused) as refusal:
        acts.open_draft(LEAD, None, "d", wish)
    assert refusal.value.code == "organisation-unknown"


def test_a_revision_carries_a_patch_that_tests_what_it_replaces() -> None:
    """A whole document sent becomes the patch that leads to it, with the hash of the result."""
    after = lithium() | {"country": "AT"}
    fact = acts.revise(DESIGNER, draft(), 3, Revision(document=after, summary="Moved to Austria"), {})
    assert fact.data["version"] == 4
    assert fact.data["document_hash"] == digest(after)
    assert fact.data["patch"] == [
        {"op": "test", "path": "/country", "value": "DE-NW"},
        {"op": "replace", "path": "/country", "value": "AT"},
    ]


def test_a_revision_of_another_version_is_stale() -> None:
    """Who saw version 2 cannot overwrite version 3."""
    with pytest.raises(Stale):
        acts.revise(DESIGNER, draft(), 2, Revision(document=lithium()), {})


def test_a_revision_that_changes_nothing_is_refused() -> None:
    """A version is a change; the same words again are none."""
    with pytest.raises(Refused) as refusal:
        acts.revise(DESIGNER, draft(), 3, Revision(document=lithium()), {})
    assert refusal.value.code == "unchanged"


def test_an_id_once_used_is_never_given_to_another_element() -> None:
    """The id of a removed outcome stays taken, also for a prerequisite."""
    ever = {"lo-gone": "outcomes"}
    document = put("/outcomes/lo-gone", {"text": {"en": "Fly"}})
    document["order"]["outcomes"].append("lo-gone")
    with pytest.raises(Invalid) as refusal:
        acts.revise(DESIGNER, draft(), 3, Revision(document=document), ever)
    assert set(refusal.value.fields) == {"/outcomes/lo-gone"}


def test_a_change_too_large_for_one_event_is_refused_with_its_size() -> None:
    """A patch carries what it replaces, so a change of everything can be twice the document."""

    def twenty(letter: str) -> dict[str, Any]:
        words = {"en": letter * 1000, "de": letter * 1000}
        outcomes = {f"lo-{n}": {"text": words} for n in range(20)}
        return {"outcomes": outcomes, "order": {"outcomes": list(outcomes)}}

    with pytest.raises(TooLarge) as refusal:
        acts.revise(DESIGNER, draft(twenty("a")), 3, Revision(document=twenty("b")), {})
    assert "Save it in two or three steps" in refusal.value.message


def test_another_organisation_does_not_learn_that_a_draft_exists() -> None:
    """For the lead of another provider, for a reviewer and for a person with a link the draft is not there."""
    for stranger in (
        actor("lead", organisation="other"),
        actor("reviewer"),
        actor("auditor"),
        replace(LEAD, scope="consultation"),
    ):
        with pytest.raises(NotFound):
            acts.revise(stranger, draft(), 3, Revision(document=lithium()), {})


# --- the life of a draft ----------------------------------------------------------------------------------------------


def test_the_status_is_read_off_the_facts() -> None:
    """Each fact moves the draft on; an answer counts for the submission that stands and for the very same words."""
    assert draft(consultation=None).status == "drafting"
    assert draft().status == "in_consultation"
    assert submitted().status == "submitted"
    assert submitted(True).status == "sealed"
    assert submitted(False).status == "unready"
    assert submitted(True, recalled=True).status == "in_consultation"
    assert replace(submitted(False), version=4).status == "in_consultation"
    assert replace(submitted(True), document_hash="of other words").status == "submitted"
    assert replace(submitted(True), credential="k").status == "published"


@pytest.mark.parametrize("locked", [submitted(), submitted(True), replace(submitted(True), credential="k")])
def test_words_stay_as_they_are_while_submitted_sealed_or_published(locked: Draft) -> None:
    """Nobody revises or submits what lies with co-design, is sealed or is published."""
    with pytest.raises(Refused):
        acts.revise(DESIGNER, locked, 3, Revision(document=lithium() | {"country": "AT"}), {})
    with pytest.raises(Refused):
        acts.submit(LEAD, locked, 3, "s2")


def test_an_unready_version_can_be_revised_and_submitted_again_at_once() -> None:
    """What was missing may lie in the words or with others, so both are possible without a recall."""
    assert acts.revise(DESIGNER, submitted(False), 3, Revision(document=lithium() | {"country": "AT"}), {})
    assert acts.submit(LEAD, submitted(False), 3, "s2").data["submission"] == "s2"


def test_only_a_lead_submits_and_only_what_others_were_asked_about() -> None:
    """A designer may not; and without a consultation nobody may."""
    with pytest.raises(Forbidden):
        acts.submit(DESIGNER, draft(), 3, "s")
    with pytest.raises(Refused) as refusal:
        acts.submit(LEAD, draft(consultation=None), 3, "s")
    assert refusal.value.code == "unheard"


def test_an_incomplete_design_is_not_submitted() -> None:
    """Every gap is named at its place."""
    with pytest.raises(Invalid) as refusal:
        acts.submit(LEAD, draft({"title": {"en": "Bees"}}), 3, "s")
    assert "/outcomes" in refusal.value.fields


def test_a_recall_names_the_submission_and_needs_one() -> None:
    """Submitted and sealed versions can be taken back; others were never given."""
    assert acts.recall(LEAD, submitted(True), 3, "A typo").data["submission"] == "s"
    for nothing in (draft(), submitted(False), submitted(recalled=True), replace(submitted(True), credential="k")):
        with pytest.raises(Refused) as refusal:
            acts.recall(LEAD, nothing, 3)
        assert refusal.value.code == "nothing-submitted"


def test_four_eyes() -> None:
    """Who submitted a version does not publish it; a second lead does, and a designer never."""
    with pytest.raises(Refused) as refusal:
        acts.publish(LEAD, submitted(True), 3, "k")
    assert refusal.value.code == "four-eyes"
    with pytest.raises(Forbidden):
        acts.publish(DESIGNER, submitted(True), 3, "k")
    data = acts.publish(SECOND, submitted(True), 3, "k").data
    assert (data["seal"], data["consultation"], data["submission"]) == ("seal", "c", "s")


@pytest.mark.parametrize(
    "unsealed",
    [
        draft(),
        submitted(),
        submitted(False),
        submitted(True, recalled=True),
        submitted(True, version=2),
        replace(submitted(True), document_hash="of other words"),
    ],
)
def test_only_the_sealed_version_is_published(unsealed: Draft) -> None:
    """Nothing else is, however near it came."""
    with pytest.raises(Refused) as refusal:
        acts.publish(SECOND, unsealed, 3, "k")
    assert refusal.value.code == "not-sealed"


def test_the_document_has_every_element_of_annex_i() -> None:
    """The mandatory and optional design-time elements are known, and those the seed asks for beyond it."""
    assert {"title", "country", "awarding_body", "outcomes", "workload", "level", "assessments", "participation"} < set(
        ELEMENTS
    )
