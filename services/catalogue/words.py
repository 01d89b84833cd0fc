"""What the elements of a design are called on pages, and what each asks for, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """How an element is headed, what one of several is called, and what is asked for."""

    heading: str
    one: str
    hint: str


NAMES: Mapping[str, Name] = {
    "title": Name("Title", "title", "Short, and clear to somebody who has never heard of it."),
    "outcomes": Name(
        "Learning outcomes",
        "learning outcome",
        "One thing that learners can do afterwards. Begin with a verb that can be observed: recognise, pack, decide.",
    ),
    "workload": Name("Workload", "workload", "All hours that learners need, at home and in the examination too."),
    "level": Name("Level", "level", "The level of the European Qualifications Framework that the outcomes reach."),
    "assessments": Name(
        "Assessment", "assessment", "How learners show an outcome. Each outcome needs at least one assessment."
    ),
    "participation": Name("Form of participation", "form of participation", "Where and when people learn."),
    "quality_assurance": Name("Quality assurance", "quality assurance", "Who vouches for the quality, and until when."),
    "awarding_body": Name("Awarding body", "awarding body", "Who awards the micro-credential, as learners know it."),
    "country": Name("Country or region", "country", "Of the issuer: a code such as AT, or DE-BY for a region."),
    "prerequisites": Name(
        "Prerequisites", "prerequisite", "What learners need before they begin. Ask for no more than is needed."
    ),
    "target_groups": Name("For whom", "target group", "People you have in mind, in their own words for themselves."),
    "accommodations": Name(
        "Accommodations",
        "accommodations",
        "What is done so that people with a disability can take part.",
    ),
    "use": Name("What it is for", "use", "What you expect employers to accept it for."),
    "value": Name("What it costs and brings", "value", "What learners or their employers pay, and what they gain."),
    "grading": Name("Grading", "grading", "The scheme only: how results are graded and what counts as passed."),
    "stacking": Name("Stacking", "stacking", "Whether it stands alone, and what it counts towards."),
    "shelf_life": Name("Shelf life", "shelf life", "When you will look at it again, and how holders can renew it."),
    "setting": Name("Setting", "setting", "Whether it belongs to the formal system."),
    "notes": Name("Notes", "notes", "Anything else that learners should know."),
}

FIELDS: Mapping[str, tuple[str, str]] = {
    "title": ("Title", ""),
    "title.title": ("Title", ""),
    "country": ("Country or region", "Two capital letters, such as AT; with a hyphen for a region, such as DE-BY."),
    "awarding_body.name": ("Name", ""),
    "awarding_body.website": ("Website", ""),
    "outcomes.text": ("What learners can do", ""),
    "outcomes.kind": ("Kind", ""),
    "outcomes.skills": ("Skills", "Addresses of ESCO skills, one a line, as on esco.ec.europa.eu."),
    "outcomes.reuse_level": ("How widely it is used", ""),
    "workload.hours": ("Hours", ""),
    "workload.ects": ("ECTS credits", ""),
    "level.eqf": ("European level (EQF)", ""),
    "level.nqf": ("National level", "As it is written in your country, such as DQR 4."),
    "level.isced_f": ("Field of education (ISCED-F)", "Its address, such as http://data.europa.eu/snb/isced-f/1041."),
    "assessments.type": ("Kind of assessment", ""),
    "assessments.text": ("What is done", "Task, time, aids, and who judges by what."),
    "assessments.covers": ("It shows these outcomes", ""),
    "assessments.supervised": ("Supervised", ""),
    "assessments.identity_verified": ("Identity is checked", ""),
    "participation.mode": ("Mode", ""),
    "participation.schedule": ("Schedule", ""),
    "participation.hours_per_week": ("Hours a week", ""),
    "participation.languages": ("Languages of teaching", "Codes, one a line: en, de, uk."),
    "quality_assurance.type": ("Kind", ""),
    "quality_assurance.body": ("By whom", ""),
    "quality_assurance.evidence": ("Evidence", "A web address or a number under which it can be looked up."),
    "quality_assurance.expires": ("Valid until", ""),
    "prerequisites.text": ("What is needed", ""),
    "target_groups.group": ("Group", ""),
    "target_groups.text": ("In your words", ""),
    "accommodations": ("Accommodations", ""),
    "use": ("It is meant for", ""),
    "value.cost": ("Cost", "What a learner pays; 0 where it is free."),
    "value.currency": ("Currency", "Three letters, such as EUR."),
    "value.benefit": ("What it brings", ""),
    "grading.scheme": ("Scheme", ""),
    "stacking.standalone": ("It stands on its own", ""),
    "stacking.targets": ("It counts towards", ""),
    "stacking.part_of": ("It is part of", ""),
    "stacking.advanced_standing": ("It gives credit in", ""),
    "shelf_life.review_by": ("To be reviewed by", ""),
    "shelf_life.renewal": ("Renewal", ""),
    "setting": ("Setting", ""),
    "notes": ("Notes", ""),
    "address": ("Web address", ""),
}

# The official languages of the European Union and some that many learners speak.
LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "el": "Greek",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "ga": "Irish",
    "hr": "Croatian",
    "hu": "Hungarian",
    "it": "Italian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mt": "Maltese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
}

STATUS: Mapping[str, tuple[str, str]] = {
    "drafting": ("draft", "open"),
    "in_consultation": ("in consultation", "open"),
    "submitted": ("submitted", "open"),
    "unready": ("something is missing", "attention"),
    "sealed": ("sealed", "good"),
    "published": ("published", "good"),
}

MISSING: Mapping[str, str] = {
    "no_employer_endorsement": "No confirmed employer who is independent of you endorses these very words.",
    "no_professional_body_endorsement": (
        "No confirmed professional body that is independent of you endorses these very words."
    ),
    "unknown_version": "Co-design had not received this version yet. Submit it again in a moment.",
}


def language(code: str) -> str:
    """Return the English name of a language, or its code."""
    return LANGUAGES.get(code, code)


def status(word: str) -> tuple[str, str]:
    """Return the words for a status, and its tone."""
    return STATUS[word]


def missing(entry: Mapping[str, object]) -> str:
    """Say in a sentence what keeps a version from the seal."""
    code, comments = str(entry["code"]), entry.get("comments")
    if code == "open_comments":
        count = len(comments) if isinstance(comments, list) else 0
        return "One comment has no answer yet." if count == 1 else f"{count} comments have no answer yet."
    return MISSING.get(code, code.replace("_", " ").capitalize() + ".")


def field(path: str) -> tuple[str, str]:
    """Return label and hint of a field: `outcomes.text`, or by its last name."""
    last = path.rpartition(".")[2]
    return FIELDS.get(path) or FIELDS.get(last) or (last.replace("_", " ").capitalize(), "")
