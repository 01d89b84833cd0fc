"""The controlled lists: whole, in two languages, those of the Commission where its files are at hand."""

from __future__ import annotations

import copy
import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from services.catalogue import examples
from services.catalogue.domain import vocabulary
from services.kernel.concepts import Label, concepts

OFFICIAL = Path(__file__).parents[3] / "shared/data/elm"
LISTS = {
    "accreditation-types": "cv-europass-accreditation-types.xsd",
    "assessment-types": "cv-europass-learning-assessment-types.xsd",
    "eqf": "cv-eqf.xsd",
    "isced-f": "cv-isced-f.xsd",
    "modes": "cv-europass-modes.xsd",
    "reuse-levels": "cv-skill-reuse-levels.xsd",
    "schedules": "cv-europass-learning-schedule-types.xsd",
    "settings": "cv-europass-learning-setting-types.xsd",
    "skill-types": "cv-skill-types.xsd",
    "target-groups": "cv-europass-target-groups.xsd",
}
EVERY = sorted(f.name.removesuffix(".json") for f in files("contracts").joinpath("vocabularies").iterdir())


def read(name: str) -> Any:
    return json.loads(files("contracts").joinpath("vocabularies", f"{name}.json").read_text("utf-8"))


def official(file: str) -> dict[str, str]:
    """The addresses of an official list with their English words."""
    xs = "{http://www.w3.org/2001/XMLSchema}"
    entries = ElementTree.parse(OFFICIAL / file).iter(f"{xs}enumeration")
    return {
        entry.attrib["value"]: " ".join((entry.findtext(f".//{xs}documentation") or "").split()) for entry in entries
    }


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_has_the_very_addresses_of_the_official_one(name: str) -> None:
    """No address is missing, none is made up."""
    if not OFFICIAL.is_dir():
        pytest.skip("the Commission's files are not on this machine")
    assert read(name)["concepts"].keys() == official(LISTS[name]).keys()


def test_the_fields_of_education_bear_their_official_names() -> None:
    """A field of ISCED-F is called as UNESCO calls it."""
    if not OFFICIAL.is_dir():
        pytest.skip("the Commission's files are not on this machine")
    assert dict(vocabulary.FIELDS) == official("cv-isced-f.xsd")


@pytest.mark.parametrize("name", EVERY)
def test_every_list_says_where_it_is_from(name: str) -> None:
    """Source, version and licence stand in the head of each file."""
    told = read(name)
    assert all(told[word] for word in ("$comment", "source", "version", "licence", "concepts"))


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"esco-starter"}))
def test_every_concept_has_words_in_english_and_german(name: str) -> None:
    """A page in either language finds words for each."""
    assert [
        key for key, found in read(name)["concepts"].items() if not (found["en"].strip() and found["de"].strip())
    ] == []


def test_codes_have_an_address_in_the_authority_tables() -> None:
    """A country, a language and a currency is known to others by an address."""
    for name in ("countries", "languages", "currencies"):
        for found in read(name)["concepts"].values():
            assert re.fullmatch(r"http://publications\.europa\.eu/resource/authority/[a-z]+/[A-Z]{3}", found["uri"])


def test_every_skill_of_the_examples_has_words_in_both_languages() -> None:
    """Whoever looks at an example reads skills, not addresses."""
    words = read("esco-starter")["concepts"]
    used = {
        skill
        for example in examples.every()
        for outcome in example.document["outcomes"].values()
        for skill in outcome.get("skills", ())
    }
    assert used
    assert [skill for skill in used if words.get(skill, {}).keys() < {"en", "de"}] == []


def test_a_label_knows_its_words() -> None:
    """A concept is plain English, in German where there is German, and English where there is none."""
    label = concepts()["http://data.europa.eu/snb/eqf/4"]
    assert isinstance(label, Label)
    assert (label, label.said_in("de"), label.said_in("fr")) == ("EQF level 4", "EQR-Niveau 4", "EQF level 4")
    assert copy.deepcopy(label).said_in("de") == "EQR-Niveau 4"


@pytest.mark.parametrize(
    ("found", "written", "meant"),
    [
        (vocabulary.FIELDS, "1041", "http://data.europa.eu/snb/isced-f/1041"),
        (vocabulary.FIELDS, "https://data.europa.eu/snb/isced-f/1041/", "http://data.europa.eu/snb/isced-f/1041"),
        (vocabulary.FIELDS, "transport services", "http://data.europa.eu/snb/isced-f/104"),
        (vocabulary.FIELDS, "Krankenpflege und Geburtshilfe", "http://data.europa.eu/snb/isced-f/0913"),
        (vocabulary.FIELDS, "Nursing and midwifry", "http://data.europa.eu/snb/isced-f/0913"),
        (vocabulary.COUNTRIES, "Germany", "DE"),
        (vocabulary.COUNTRIES, "Österreich", "AT"),
        (vocabulary.COUNTRIES, "at", "AT"),
        (vocabulary.COUNTRIES, "UK", "GB"),
        (vocabulary.COUNTRIES, "AUT", "AT"),
        (vocabulary.LANGUAGES, "deutsch", "de"),
        (vocabulary.LANGUAGES, "DEU", "de"),
        (vocabulary.LANGUAGES, "http://publications.europa.eu/resource/authority/language/DEU", "de"),
        (vocabulary.CURRENCIES, "euro", "EUR"),
        (vocabulary.EQF, "4", "http://data.europa.eu/snb/eqf/4"),
        (vocabulary.MODES, "blended", "http://data.europa.eu/snb/learning-assessment/e92d221e4d"),
        (vocabulary.FIELDS, "logistics", None),
        (vocabulary.COUNTRIES, "QQ", None),
        (vocabulary.LANGUAGES, "x" * 1_000_000, None),
    ],
)
def test_what_was_nearly_meant(found: vocabulary.Vocabulary, written: str, meant: str | None) -> None:
    """A code, a name in either language, another address of it or a slip of a finger leads to the concept."""
    assert vocabulary.nearest(found, written) == meant
