"""What a design cannot say: impossible combinations, and characters that hide or overflow what they say."""

from __future__ import annotations

import copy
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalogue import examples
from services.catalogue.domain.completeness import advice, gaps
from services.catalogue.domain.document import check
from services.kernel.documents import canonical
from services.kernel.errors import Invalid

MODE = "http://data.europa.eu/snb/learning-assessment/9191af2ed9"
DRAFT = "0190f3a0-0000-7000-8000-00000000000d"


def design(**elements: Any) -> dict[str, Any]:
    """A design that is complete, with other elements in it."""
    return copy.deepcopy(dict(examples.named("lithium-batteries").document)) | elements


def refused(document: dict[str, Any]) -> dict[str, str]:
    """The places at which a document is refused, each with its sentences."""
    with pytest.raises(Invalid) as refusal:
        check(document, DRAFT)
    return {place: " ".join(said) for place, said in refusal.value.fields.items()}


def said(faults: Any) -> dict[str, str]:
    return {fault.pointer: fault.sentence for fault in faults}


def test_ninety_credits_in_three_hours_are_refused_with_what_is_possible() -> None:
    """A credit stands for 25 to 30 hours; the sentence says what the hours and what the credits would make."""
    found = refused(design(workload={"hours": "3", "ects": "90"}))
    assert found.keys() == {"/workload/ects"}
    assert "2250 to 2700 hours" in found["/workload/ects"]
    assert "0.1 to 0.1 credits" in found["/workload/ects"]


@pytest.mark.parametrize(("hours", "ects"), [("25", "1"), ("30", "1"), ("60", "2.4"), ("27.5", "1"), ("40", "0")])
def test_credits_within_the_guide_are_not_spoken_of(hours: str, ects: str) -> None:
    """25 to 30 hours a credit are as the ECTS Users' Guide says; no credits are no statement."""
    document = design(workload={"hours": hours, "ects": ects})
    check(document)
    assert "/workload/ects" not in said(advice(document)) | said(gaps(document))


@pytest.mark.parametrize(("hours", "ects"), [("20", "1"), ("100", "1")])
def test_unusual_credits_are_advice(hours: str, ects: str) -> None:
    """Some countries count 20 hours, some courses give credits for a part: said, and in nobody's way."""
    document = design(workload={"hours": hours, "ects": ects})
    check(document)
    assert "/workload/ects" in said(advice(document))
    assert gaps(document) == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("P60M", "60 months"),
        ("PT60H", "60 hours"),
        ("P1Y2M", "1 years and 2 months"),
        ("60,5", "“60.5”"),
        ("60 hours", "“60”"),
        (60, "“60”"),
        (True, "number"),
        ("many", "number"),
        ("P", "number"),
        ("PT", "number"),
    ],
)
def test_a_duration_where_a_number_belongs_is_explained(written: Any, told: str) -> None:
    """P60M is sixty months: the field says what was written and how sixty hours are."""
    assert told in refused(design(workload={"hours": written}))["/workload/hours"]


def test_more_hours_a_week_than_a_week_has() -> None:
    """A week has 168 hours."""
    assert "168" in refused(design(participation={"hours_per_week": "169"}))["/participation/hours_per_week"]


@pytest.mark.parametrize("weekly", ["61", "168", "26"])
def test_hours_a_week_that_cannot_be_keep_a_design_from_submission(weekly: str) -> None:
    """More than sixty, or more than the whole workload: two elements are saved apart, so it is a gap and no refusal."""
    document = design(workload={"hours": "25"}, participation={"mode": MODE, "hours_per_week": weekly})
    check(document)
    assert said(gaps(document)).keys() == {"/participation/hours_per_week"}


def test_a_cost_needs_its_currency_and_no_cost_needs_none() -> None:
    """50 of what? 0 is 0 in any currency."""
    assert "/value/currency" in said(gaps(design(value={"cost": "50"})))
    assert "/value/currency" not in said(gaps(design(value={"cost": "0"})))
    assert "/value/currency" not in said(gaps(design(value={"cost": "50", "currency": "EUR"})))


def test_a_review_after_the_quality_assurance_has_ended_is_advice() -> None:
    """The quality assurance is looked at again before it ends."""
    quality = design()["quality_assurance"] | {"expires": "2027-01-01"}
    late = design(quality_assurance=quality, shelf_life={"review_by": "2027-06-01"})
    assert "/shelf_life/review_by" in said(advice(late))
    assert "/shelf_life/review_by" not in said(advice(late | {"shelf_life": {"review_by": "2026-12-31"}}))


@pytest.mark.parametrize("day", ["0027-01-01", "2127-01-01"])
def test_a_day_is_one_of_this_century(day: str) -> None:
    """A slip in the year is found."""
    assert "/shelf_life/review_by" in refused(design(shelf_life={"review_by": day}))


def test_a_design_is_no_part_of_itself() -> None:
    """Its own address is refused, its own name keeps it from submission, the same address twice is refused."""
    own = {"ln-1": {"title": {"en": "X"}, "address": f"https://example.org/catalogue/drafts/{DRAFT}"}}
    assert "/stacking/part_of/ln-1/address" in refused(design(stacking={"part_of": own}))
    named = {"ln-1": {"title": design()["title"]}}
    assert "/stacking/part_of/ln-1/title" in said(gaps(design(stacking={"part_of": named})))
    twice = {key: {"title": {"en": key}, "address": "https://example.org/a"} for key in ("ln-1", "ln-2")}
    assert "/stacking/targets/ln-2/address" in refused(design(stacking={"targets": twice}))


@pytest.mark.parametrize(
    "text",
    [
        "\u0627\u0644\u0633\u0644\u0627\u0645\u0629 \u0641\u064a \u0627\u0644\u0639\u0645\u0644",  # Arabic
        "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u05d9\u05ea",  # Hebrew, with vowels
        "\u0939\u093f\u0928\u094d\u0926\u0940",  # Hindi
        "Ti\u1ebfng Vi\u1ec7t",  # Vietnamese
        "\U0001f469\u200d\U0001f52c",  # a joined emoji
        "the name \u2067\u05d0\u05d1\u05d2\u2069 in a sentence",  # turned, and turned back
        "pH < 7 and > 2, use the <table> element",
    ],
)
def test_every_script_can_be_written(text: str) -> None:
    """Right-to-left text, combining characters, joined ones and signs of mathematics are text like any other."""
    check(design(notes={"en": unicodedata.normalize("NFC", text)}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\x00b", "U+0000"),
        ("a\x1bb", "U+001B"),
        ("a\x85b", "U+0085"),
        ("a\u2028b", "U+2028"),
        ("a\ufeffb", "U+FEFF"),
        ("a\uffffb", "U+FFFF"),
        ("a\ud800b", "half"),
        ("<b>bold</b>", "HTML"),
        ('<a href="x">', "HTML"),
        ("<script>alert(1)", "HTML"),
        ("<!-- -->", "HTML"),
        ("\u202eesrever", "direction"),
        ("\u2066a\nb\u2069", "direction"),
        ("a\u2069", "direction"),
        ("\u2066a\u202c", "direction"),
        ("a" + "\u0338" * 9, "combining"),
        ("u\u0308ber", "NFC"),
    ],
)
def test_characters_that_hide_or_overflow_are_named_at_their_field(text: str, told: str) -> None:
    """The sentence says what it is, where it is and what to do."""
    assert told in refused(design(notes={"en": text}))["/notes/en"]


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_kept_or_refused_at_its_field(text: str) -> None:
    """Whatever the characters: what passes can be written as canonical JSON, and what does not is named."""
    document = {"notes": {"en": text}}
    named: set[str] = set()
    try:
        check(document)
        canonical(document).decode()
    except Invalid as refusal:
        named = set(refusal.fields)
    assert named <= {"/notes/en"}


def test_a_megabyte_of_text_is_refused_with_its_length() -> None:
    """The sentence says how long it is and how long it may be."""
    assert "1,048,576" in refused(design(notes={"en": "x" * 2**20}))["/notes/en"]
