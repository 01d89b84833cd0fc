"""The audit's own reading of designs: its patches, elements and hashes against the ones the other services use."""

import copy
from collections.abc import Callable
from typing import Any, TypeVar

import jsonpatch
import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from services.audit.reading import elements
from services.audit.reading.canonical import Written, canonical
from services.audit.reading.designs import design
from services.audit.reading.entries import Entry
from services.audit.reading.outline import outline
from services.audit.reading.patching import Misfit, patched
from services.kernel import documents, ids
from services.kernel.events import Actor, Event
from tests.component.audit_house import lithium
from tests.said import Speaker

keys = st.sampled_from(["a", "b", "a/b", "m~n", "0", "é"])
leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "x", "y"])
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))
places = st.lists(st.sampled_from(["a", "b", "a~1b", "m~0n", "0", "1", "-", "01", "é"]), max_size=3)
operations = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]),
        "path": places.map(lambda steps: "".join(f"/{step}" for step in steps)),
        "from": places.map(lambda steps: "".join(f"/{step}" for step in steps)),
        "value": values,
    }
)


Text = TypeVar("Text")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    [":1.5", "[9e9", ",123456789012345678"]
)
numbers = st.integers(-(2**53) - 5, 2**53 + 5) | st.floats() | st.sampled_from([1e16, 1e21, 1.0, -0.0, 5e-324])
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(anything)
@example({"\U0001f600": 1, "\uffff": 2})
@example([10**15, -(10**16)])
def test_the_quick_canonical_json_is_that_of_the_library(value: Any) -> None:
    """Byte for byte, and what has none there has none here."""
    assert written(canonical, value) == written(rfc8785.dumps, value)
    assert written(Written().hash, value) == written(documents.digest, value)
    assert not isinstance(value, dict) or written(Written().hash_of_members, value) == written(documents.digest, value)


def written(write: Callable[[Any], Text], value: Any) -> Text | None:
    try:
        return write(value)
    except ValueError:
        return None


@given(values, values)
def test_a_patch_made_by_another_library_leads_to_the_very_document(before: Any, after: Any) -> None:
    """Whatever jsonpatch writes between two documents, our own code follows."""
    if not isinstance(before, dict | list) or not isinstance(after, dict | list):
        return
    assert patched(before, jsonpatch.make_patch(before, after)) == after


@given(values, st.lists(operations, max_size=3))
def test_any_patch_is_followed_as_the_library_follows_it_or_refused(document: Any, patch: list[dict[str, Any]]) -> None:
    """Where both take a patch, they come to the same; and nothing but Misfit is ever raised."""
    kept = copy.deepcopy(document)
    try:
        ours = patched(document, patch)
    except Misfit:
        return
    assert document == kept
    try:
        theirs = jsonpatch.apply_patch(copy.deepcopy(document), patch)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError):
        return
    if not any(operation["op"] == "move" for operation in patch):  # it moves a place into itself; RFC 6902 forbids it
        assert documents.canonical(ours) == documents.canonical(theirs)


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"op": "remove", "path": "/c"}, "'c'"),
        ({"op": "replace", "path": "/c", "value": 1}, "'c'"),
        ({"op": "replace", "path": "/list/-", "value": 1}, "no place in a list"),
        ({"op": "add", "path": "/list/4", "value": 1}, "no place 4"),
        ({"op": "add", "path": "/list/01", "value": 1}, "no place in a list"),
        ({"op": "add", "path": "/text/x", "value": 1}, "plain value"),
        ({"op": "test", "path": "/one", "value": True}, "another value"),
        ({"op": "invent", "path": "/one"}, "no such operation"),
        ({"op": "add", "path": "one", "value": 1}, "begins with /"),
        ({"op": "add", "path": "/one"}, "value"),
    ],
)
def test_an_operation_that_does_not_fit_is_named(operation: dict[str, Any], why: str) -> None:
    """The sentence says which operation, and why."""
    document = {"list": [1, 2], "text": "x", "one": 1}
    with pytest.raises(Misfit, match=why) as refusal:
        patched(document, [{"op": "test", "path": "/one", "value": 1}, operation])
    assert "operation 2" in str(refusal.value)


def test_elements_and_hashes_are_those_of_the_other_services() -> None:
    """Two rules, written apart: the same elements, in the same order, with the same hashes."""
    document = lithium()
    assert elements.hashes(document) == documents.elements(document)
    assert list(elements.hashes(document)) == list(documents.elements(document))
    assert elements.document_hash(document) == documents.digest(document)


@given(st.dictionaries(keys, values, max_size=4), st.dictionaries(keys, st.lists(keys, max_size=3), max_size=3))
def test_any_document_has_the_elements_of_the_other_rule(document: dict[str, Any], order: dict[str, Any]) -> None:
    """Also where the order lists what is not there, or what is no collection."""
    assert elements.hashes(document | {"order": order}) == documents.elements(document | {"order": order})


def test_every_element_has_a_name_one_can_say() -> None:
    """By its words where it has some, by its kind where it is alone, by its id where nothing is known of it."""
    document = lithium()
    assert elements.label(document, "/workload") == "the workload"
    assert elements.label(document, "/outcomes/lo-alarm").startswith("outcome “In the first minutes of a battery fire")
    assert elements.label(None, "/outcomes/lo-alarm") == "outcome lo-alarm"
    assert elements.label(document, "/outcomes/lo-gone") == "outcome lo-gone"
    assert all(elements.label(document, pointer) for pointer in elements.hashes(document))


def test_a_design_is_set_out_from_its_title_to_its_notes() -> None:
    """In the order one reads in, whatever order its bytes have; every element is there once."""
    document = {key: lithium()[key] for key in sorted(lithium())}
    found = outline(document)
    assert [heading for heading, _ in found][:3] == ["Title", "Outcomes", "Assessments"]
    assert sorted(part.pointer for _, parts in found for part in parts) == sorted(elements.hashes(document))


DRAFT = ids.new_id()
LENA = Actor(ids.new_id(), ids.new_id())


def entries(*said: Event) -> list[Entry]:
    return [Entry(idx, event) for idx, event in enumerate(said)]


def opened(speaker: Speaker, document: Any, **otherwise: Any) -> Event:
    hash = documents.digest(document)
    data = {"draft": DRAFT, "version": 1, "organisation": LENA.organisation, "document": document}
    return speaker.say("catalogue.draft.opened.v1", DRAFT, data | {"document_hash": hash} | otherwise, LENA)


def revised(speaker: Speaker, version: int, patch: list[dict[str, Any]], document: Any) -> Event:
    data = {"draft": DRAFT, "version": version, "patch": patch, "document_hash": documents.digest(document)}
    return speaker.say("catalogue.draft.revised.v1", DRAFT, data, LENA)


def test_versions_are_made_again_patch_by_patch_and_checked() -> None:
    """Each version is whole where its document has the hash that its entry states."""
    speaker, after = Speaker(), lithium() | {"country": "AT"}
    patch = [{"op": "replace", "path": "/country", "value": "AT"}]
    read = design(DRAFT, entries(opened(speaker, lithium()), revised(speaker, 2, patch, after)))
    assert [version.whole for version in read.versions] == [True, True]
    assert read.newest
    assert read.newest.document == after


def test_a_version_that_is_not_what_its_entry_states_is_an_alarm() -> None:
    """A wrong hash, a patch that leads elsewhere, a patch that does not fit: each is told of, and nothing is raised."""
    speaker = Speaker()
    elsewhere = revised(speaker, 2, [{"op": "remove", "path": "/country"}], lithium())
    misfit = revised(speaker, 3, [{"op": "remove", "path": "/country"}], lithium())
    lost = revised(speaker, 4, [{"op": "remove", "path": "/level"}], lithium())
    read = design(DRAFT, entries(opened(speaker, lithium(), document_hash="0" * 64), elsewhere, misfit, lost))
    assert [version.whole for version in read.versions] == [False] * 4
    assert read.versions[1].problem is None
    assert "'country'" in (read.versions[2].problem or "")
    assert "cannot be made again" in (read.versions[3].problem or "")


def test_a_submission_brings_back_a_document_that_was_lost() -> None:
    """It carries the whole document; from there the reading goes on."""
    speaker = Speaker()
    said = opened(speaker, lithium())
    lost = revised(speaker, 2, [{"op": "remove", "path": "/nowhere"}], lithium())
    data = {"draft": DRAFT, "version": 2, "submission": ids.new_id(), "document": lithium()}
    data |= {"document_hash": documents.digest(lithium())}
    submitted = speaker.say("catalogue.draft.submitted.v1", DRAFT, data, LENA)
    read = design(DRAFT, entries(said, lost, submitted))
    assert read.newest
    assert read.newest.whole
    assert read.submissions[0].whole
