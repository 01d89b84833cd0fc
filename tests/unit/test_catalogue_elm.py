"""Reading a design out of a file of the European Learning Model."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.catalogue.domain.document import check
from services.catalogue.elm import LIMIT, read
from services.kernel.errors import Invalid, TooLarge

OFFICIAL = Path(__file__).parents[3] / "shared/data/elm/Sample-MC-Annex1-unsigned.jsonld"


def sample(**spec: Any) -> bytes:
    """Return a small file with one learning achievement."""
    claim = {"type": "LearningAchievement", "specifiedBy": {"title": {"en": "Welding"}, **spec}}
    subject = {"type": "Person", "givenName": {"en": "Ana"}, "hasClaim": claim}
    context = ["http://data.europa.eu/snb/model/context/edc-ap"]
    return json.dumps({"@context": context, "credentialSubject": subject}).encode()


def test_what_the_model_says_becomes_a_sound_document() -> None:
    """Outcomes get ids of their own in order, hours and level are taken, and the document is sound."""
    level = {"id": "http://data.europa.eu/snb/eqf/4"}
    document, _ = read(sample(learningOutcome=[{"title": {"en": "Weld"}}], volumeOfLearning="PT60H", eqfLevel=level))
    check(document)
    assert document["order"] == {"outcomes": ["lo-1"]}
    assert document["workload"] == {"hours": "60"}
    assert document["level"] == {"eqf": level["id"]}


def test_months_are_never_taken_for_hours() -> None:
    """P60M is months, so it is reported with what was probably meant, and not taken."""
    document, notes = read(sample(volumeOfLearning="P60M"))
    assert "workload" not in document
    assert any("PT60H" in note.sentence and not note.taken for note in notes)


def test_a_learner_is_named_only_by_the_place_in_the_report() -> None:
    """Words about a learner stand neither in the document nor in the report."""
    document, notes = read(sample())
    assert "Ana" not in json.dumps(document) + repr(notes)
    assert any(note.pointer == "/credentialSubject/givenName" for note in notes)


def test_what_is_in_none_of_our_lists_is_left_out() -> None:
    """An unknown level goes into the report, not into the document."""
    document, notes = read(sample(eqfLevel={"id": "http://data.europa.eu/snb/eqf/11"}))
    assert "level" not in document
    assert any(note.pointer.endswith("/eqfLevel") and not note.taken for note in notes)


def test_markup_is_taken_out_and_text_composed() -> None:
    """Text is kept without HTML and in the form NFC, and the report says so."""
    document, notes = read(sample(title={"de": "<b>Schwei\u00dfen u\u0308ben</b>"}))
    assert document["title"] == {"de": "Schwei\u00dfen \u00fcben"}
    assert any("HTML" in note.sentence for note in notes)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"no json", "no JSON"),
        (b"{}", "not of the European Learning Model"),
        (b'{"@context": "http://data.europa.eu/snb/model/context/edc-ap"}', "no learning achievement"),
        (sample(title={}), "Nothing could be taken"),
    ],
)
def test_a_file_without_a_design_is_refused_with_the_reason(body: bytes, sentence: str) -> None:
    """Each way in which a file holds no design has a sentence of its own."""
    with pytest.raises(Invalid, match=sentence):
        read(body)


def test_a_file_that_is_too_large_is_not_read() -> None:
    """Past the limit nothing is read at all."""
    with pytest.raises(TooLarge):
        read(b" " * (LIMIT + 1))


def test_the_official_sample_of_annex_one_is_read() -> None:
    """The Commission's own sample gives 60 hours, two outcomes, and the slip in its activity is reported."""
    if not OFFICIAL.exists():
        pytest.skip("the official sample is not on this machine")
    document, notes = read(OFFICIAL.read_bytes())
    check(document)
    assert document["workload"] == {"hours": "60", "ects": "2"}
    assert document["order"]["outcomes"] == ["lo-1", "lo-2"]
    assert any("PT60H" in note.sentence for note in notes)
