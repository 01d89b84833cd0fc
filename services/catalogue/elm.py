"""A design out of a file of the European Learning Model (JSON-LD with its plain context): what was taken, what not.

Nothing is fetched: the names of the model's own context are read as they stand. Words about a learner are never taken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from unicodedata import normalize

from services.catalogue.domain.annex import ELEMENTS, KEYED
from services.catalogue.domain.shapes import LANGUAGE, escaped
from services.catalogue.domain.vocabulary import COUNTRIES, LANGUAGES, Vocabulary, nearest
from services.kernel.documents import Document
from services.kernel.errors import Invalid, Malformed, TooLarge
from services.kernel.language import say
from services.kernel.strict_json import strict_json

LIMIT = 700 * 1024  # bytes of a file: in a form it travels a second time, a third longer
NOTES = 300  # entries of a report
ACHIEVEMENT = "LearningAchievement"
SPECIFICATIONS = ("Qualification", "LearningAchievementSpecification")
HOURS = re.compile(r"PT(\d{1,6})H")
MARKUP = re.compile(r"</?[A-Za-z][^<>]*>")
SILENT = ("id", "type", "@context")


@dataclass(frozen=True, slots=True)
class Note:
    """One entry of the report: where in the file, whether it was taken, and a sentence."""

    pointer: str
    taken: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """A value of the file and its JSON Pointer there; each step leads to another, or to nothing."""

    value: Any
    at: str

    def __getitem__(self, name: str) -> "Found":
        inside = self.value.get(name) if isinstance(self.value, Mapping) else None
        return Found(inside, f"{self.at}/{escaped(name)}")

    def each(self) -> "list[Found]":
        """Return the values of a list, or the one value: JSON-LD writes a list of one as the thing itself."""
        if isinstance(self.value, list):
            return [Found(value, f"{self.at}/{place}") for place, value in enumerate(self.value)]
        return [] if self.value is None else [self]

    def step(self, name: str) -> "Found":
        """Return the first value of a property."""
        inside = self[name]
        return next(iter(inside.each()), inside)


@dataclass(slots=True)
class Reading:
    """What has been read so far."""

    document: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def told(self, found: Found, sentence: str, taken: bool = False) -> None:
        """Put an entry into the report."""
        self.notes.append(Note(found.at, taken, sentence))

    def words(self, found: Found) -> dict[str, str] | None:
        """Return a language map without markup, composed (NFC)."""
        found = found if found["noteLiteral"].value is None else found["noteLiteral"]
        if not isinstance(found.value, Mapping):
            return None
        plain = {
            code: text[0] if isinstance(text, list) and text else text
            for code, text in found.value.items()
            if LANGUAGE.fullmatch(code)
        }
        texts = {code: self._clean(found[code], text) for code, text in plain.items() if isinstance(text, str)}
        return {code: text for code, text in texts.items() if text} or None

    def concept(self, found: Found, known: Vocabulary) -> str | None:
        """Return the key of a concept of one of our lists, by its address."""
        address = found["id"].value
        if not isinstance(address, str):
            return None
        if address in known or any(getattr(label, "address", None) == address for label in known.values()):
            return nearest(known, address)
        self.told(found, say("This is none of the entries of our list, so it was left out."))
        return None

    def put(self, name: str, found: Found, value: Any, inside: str | None = None) -> None:
        """Take a value into an element, or into one field of it, where its shape allows it."""
        if value is None:
            return
        faults = list(ELEMENTS[name].faults({inside: value} if inside else value, f"/{name}"))
        if faults:
            self.told(found, faults[0].sentence)
        elif inside:
            self.document.setdefault(name, {})[inside] = value
            self.told(found, say("Taken."), taken=True)
        else:
            self.document[name] = value
            self.told(found, say("Taken."), taken=True)

    def add(self, name: str, prefix: str, found: Found, item: dict[str, Any]) -> None:
        """Take one of several, under an id of its own."""
        faults = list(KEYED[name].item.faults(item, f"/{name}"))
        if faults or len(self.document.get(name, {})) >= KEYED[name].max:
            self.told(found, faults[0].sentence if faults else say("There are too many of these; it was left out."))
            return
        order = self.document.setdefault("order", {}).setdefault(name, [])
        order.append(key := f"{prefix}-{len(order) + 1}")
        self.document.setdefault(name, {})[key] = item
        self.told(found, say("Taken."), taken=True)

    def _clean(self, found: Found, text: str) -> str:
        bare = normalize("NFC", unescape(MARKUP.sub("", text)) if MARKUP.search(text) else text).strip()
        if MARKUP.search(text):
            self.told(found, say("The text holds markup (HTML); the marks were taken out."))
        return bare


def read(body: bytes) -> tuple[Document, list[Note]]:
    """Return the document that a file holds, and the report; raise Invalid or TooLarge where it holds none."""
    if len(body) > LIMIT:
        raise TooLarge(say("The file is too large: at most {limit:,} bytes are possible.", limit=LIMIT))
    try:
        whole = Found(strict_json(body), "")
    except Malformed as problem:
        raise _refused(say("The file is no JSON. Export it once more, as JSON-LD.")) from problem
    if not isinstance(whole.value, Mapping) or "data.europa.eu/snb/model" not in str(whole.value.get("@context")):
        raise _refused(say("The file is JSON, but not of the European Learning Model: its context is missing."))
    achievement = next(_nodes(whole, (ACHIEVEMENT,)), None)
    spec = achievement.step("specifiedBy") if achievement else next(_nodes(whole, SPECIFICATIONS), None)
    if spec is None:
        raise _refused(say("There is no learning achievement in the file."))
    reading = Reading()
    _take(reading, achievement or spec, spec)
    if "title" not in reading.document:
        raise _refused(say("Nothing could be taken: the learning achievement has no title."))
    reading.notes += _left(whole, {note.pointer for note in reading.notes})
    return reading.document, reading.notes[:NOTES]


def _take(reading: Reading, achievement: Found, spec: Found) -> None:
    title = spec["title"] if spec["title"].value else achievement["title"]
    reading.put("title", title, reading.words(title))
    body = achievement.step("awardedBy").step("awardingBody")
    country = body.step("location").step("address").step("countryCode")
    reading.put("country", country, reading.concept(country, COUNTRIES))
    reading.put("awarding_body", body["legalName"], reading.words(body["legalName"]), "name")
    homepage = body.step("homepage")["contentURL"]
    reading.put("awarding_body", homepage, homepage.value, "website")
    for outcome in spec["learningOutcome"].each():
        _outcome(reading, outcome)
    _workload(reading, achievement, spec)
    for name, inside, prop in (("level", "eqf", "eqfLevel"), ("level", "isced_f", "thematicArea")):
        found = spec.step(prop)
        reading.put(name, found, found["id"].value, inside)
    for proof in achievement["provenBy"].each():
        _assessment(reading, proof)
    reading.put("participation", spec.step("mode"), spec.step("mode")["id"].value, "mode")
    spoken = [code for one in spec["language"].each() if (code := reading.concept(one, LANGUAGES))]
    reading.put("participation", spec["language"], spoken or None, "languages")
    entry = spec.step("entryRequirement")
    if words := reading.words(entry):
        reading.add("prerequisites", "pr", entry, {"text": words})
    reading.put("setting", spec.step("learningSetting"), spec.step("learningSetting")["id"].value)
    note = spec.step("additionalNote")
    reading.put("notes", note, reading.words(note))


def _outcome(reading: Reading, found: Found) -> None:
    item: dict[str, Any] = {"text": reading.words(found["title"])}
    skills = [one["id"].value for one in found["relatedESCOSkill"].each()]
    extra = {
        "skills": skills,
        "reuse_level": found.step("reusabilityLevel")["id"].value,
        "kind": found.step("dcType")["id"].value,
    }
    reading.add("outcomes", "lo", found, item | {name: value for name, value in extra.items() if value})


def _assessment(reading: Reading, found: Found) -> None:
    spec = found.step("specifiedBy")
    words = reading.words(spec["title"]) or reading.words(found["title"])
    if words is None:
        return
    kind = spec.step("dcType")
    known = not list(KEYED["assessments"].item.faults({"type": kind["id"].value}, ""))
    if kind.value is not None and not known:
        reading.told(kind, say("This is none of the entries of our list, so it was left out."))
    reading.add("assessments", "as", found, {"text": words} | ({"type": kind["id"].value} if known else {}))
    scheme = spec.step("gradingScheme")["description"]
    reading.put("grading", scheme, reading.words(scheme), "scheme")


def _workload(reading: Reading, achievement: Found, spec: Found) -> None:
    for found in (spec["volumeOfLearning"], achievement.step("influencedBy").step("specifiedBy")["volumeOfLearning"]):
        if found.value is None:
            continue
        hours = HOURS.fullmatch(str(found.value))
        if hours is None:
            sentence = say("“{written}” gives no hours, so it was not taken.", written=str(found.value)[:40])
            if slip := re.fullmatch(r"P(\d{1,4})M", str(found.value)):
                sentence = say(
                    "“{written}” says {number} months. If {number} hours are meant, it is written PT{number}H; "
                    "it was not taken.",
                    written=slip[0],
                    number=slip[1],
                )
            reading.told(found, sentence)
        elif "hours" not in reading.document.get("workload", {}):
            reading.put("workload", found, str(int(hours[1])), "hours")
    credit = spec.step("creditPoint")
    if credit.step("framework")["id"].value == "http://data.europa.eu/snb/education-credit/6fcec5c5af":
        reading.put("workload", credit, credit["point"].value, "ects")


def _nodes(found: Found, types: tuple[str, ...]) -> Iterator[Found]:
    if isinstance(found.value, Mapping):
        if any(kind.value in types for kind in found["type"].each()):
            yield found
        for name in found.value:
            yield from _nodes(found[name], types)
    elif isinstance(found.value, list):
        for one in found.each():
            yield from _nodes(one, types)


def _left(found: Found, told: set[str]) -> Iterator[Note]:
    """Yield what nothing was said of; of what was told in part, the rest."""
    if found.at in told:
        return
    if not any(pointer.startswith(found.at + "/") for pointer in told):
        yield Note(found.at, False, say("A design has no place for this; it was left out."))
    elif isinstance(found.value, list):
        for one in found.each():
            yield from _left(one, told)
    elif isinstance(found.value, Mapping):
        for name in found.value:
            if name not in SILENT:
                yield from _left(found[name], told)


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"": [sentence]})
