"""What the elements of a design are called on pages, and what each asks for, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.kernel.language import say, say_of


@dataclass(frozen=True, slots=True)
class Name:
    """How an element is headed, what one of several is called, and what is asked for."""

    heading: str
    one: str
    hint: str


NAMES: Mapping[str, Name] = {
    "title": Name(say("Title"), say("title"), say("Short, and clear to somebody who has never heard of it.")),
    "outcomes": Name(
        say("Learning outcomes"),
        say("learning outcome"),
        say(
            "One thing that learners can do afterwards. Begin with a verb that can be observed: "
            "recognise, pack, decide."
        ),
    ),
    "workload": Name(
        say("Workload"), say("workload"), say("All hours that learners need, at home and in the examination too.")
    ),
    "level": Name(
        say("Level"), say("level"), say("The level of the European Qualifications Framework that the outcomes reach.")
    ),
    "assessments": Name(
        say("Assessment"),
        say("assessment"),
        say("How learners show an outcome. Each outcome needs at least one assessment."),
    ),
    "participation": Name(
        say("Form of participation"), say("form of participation"), say("Where and when people learn.")
    ),
    "quality_assurance": Name(
        say("Quality assurance"), say("quality assurance"), say("Who vouches for the quality, and until when.")
    ),
    "awarding_body": Name(
        say("Awarding body"), say("awarding body"), say("Who awards the micro-credential, as learners know it.")
    ),
    "country": Name(
        say("Country or region"), say("country"), say("Of the issuer: a code such as AT, or DE-BY for a region.")
    ),
    "prerequisites": Name(
        say("Prerequisites"),
        say("prerequisite"),
        say("What learners need before they begin. Ask for no more than is needed."),
    ),
    "target_groups": Name(
        say("For whom"), say("target group"), say("People you have in mind, in their own words for themselves.")
    ),
    "accommodations": Name(
        say("Accommodations"),
        say("accommodations"),
        say("What is done so that people with a disability can take part."),
    ),
    "use": Name(say("What it is for"), say("use"), say("What you expect employers to accept it for.")),
    "value": Name(
        say("What it costs and brings"), say("value"), say("What learners or their employers pay, and what they gain.")
    ),
    "grading": Name(
        say("Grading"), say("grading"), say("The scheme only: how results are graded and what counts as passed.")
    ),
    "stacking": Name(say("Stacking"), say("stacking"), say("Whether it stands alone, and what it counts towards.")),
    "shelf_life": Name(
        say("Shelf life"), say("shelf life"), say("When you will look at it again, and how holders can renew it.")
    ),
    "setting": Name(say("Setting"), say("setting"), say("Whether it belongs to the formal system.")),
    "notes": Name(say("Notes"), say("notes"), say("Anything else that learners should know.")),
}

FIELDS: Mapping[str, tuple[str, str]] = {
    "title": (say("Title"), ""),
    "title.title": (say("Title"), ""),
    "country": (
        say("Country or region"),
        say("Two capital letters, such as AT; with a hyphen for a region, such as DE-BY."),
    ),
    "awarding_body.name": (say("Name"), ""),
    "awarding_body.website": (say("Website"), ""),
    "outcomes.text": (say("What learners can do"), ""),
    "outcomes.kind": (say("Kind"), ""),
    "outcomes.skills": (say("Skills"), say("Addresses of ESCO skills, one a line, as on esco.ec.europa.eu.")),
    "outcomes.reuse_level": (say("How widely it is used"), ""),
    "workload.hours": (say("Hours"), ""),
    "workload.ects": (say("ECTS credits"), ""),
    "level.eqf": (say("European level (EQF)"), ""),
    "level.nqf": (say("National level"), say("As it is written in your country, such as DQR 4.")),
    "level.isced_f": (say("Field of education (ISCED-F)"), ""),
    "assessments.type": (say("Kind of assessment"), ""),
    "assessments.text": (say("What is done"), say("Task, time, aids, and who judges by what.")),
    "assessments.covers": (say("It shows these outcomes"), ""),
    "assessments.supervised": (say("Supervised"), ""),
    "assessments.identity_verified": (say("Identity is checked"), ""),
    "participation.mode": (say("Mode"), ""),
    "participation.schedule": (say("Schedule"), ""),
    "participation.hours_per_week": (say("Hours a week"), ""),
    "participation.languages": (say("Languages of teaching"), say("Codes, one a line: en, de, uk.")),
    "quality_assurance.type": (say("Kind"), ""),
    "quality_assurance.body": (say("By whom"), ""),
    "quality_assurance.evidence": (say("Evidence"), say("A web address or a number under which it can be looked up.")),
    "quality_assurance.expires": (say("Valid until"), ""),
    "prerequisites.text": (say("What is needed"), ""),
    "target_groups.group": (say("Group"), ""),
    "target_groups.text": (say("In your words"), ""),
    "accommodations": (say("Accommodations"), ""),
    "use": (say("It is meant for"), ""),
    "value.cost": (say("Cost"), say("What a learner pays; 0 where it is free.")),
    "value.currency": (say("Currency"), say("Three letters, such as EUR.")),
    "value.benefit": (say("What it brings"), ""),
    "grading.scheme": (say("Scheme"), ""),
    "stacking.standalone": (say("It stands on its own"), ""),
    "stacking.targets": (say("It counts towards"), ""),
    "stacking.part_of": (say("It is part of"), ""),
    "stacking.advanced_standing": (say("It gives credit in"), ""),
    "shelf_life.review_by": (say("To be reviewed by"), ""),
    "shelf_life.renewal": (say("Renewal"), ""),
    "setting": (say("Setting"), ""),
    "notes": (say("Notes"), ""),
    "address": (say("Web address"), ""),
}

# The official languages of the European Union and some that many learners speak.
LANGUAGES: Mapping[str, str] = {
    "en": say("English"),
    "de": say("German"),
    "fr": say("French"),
    "ar": say("Arabic"),
    "bg": say("Bulgarian"),
    "cs": say("Czech"),
    "da": say("Danish"),
    "el": say("Greek"),
    "es": say("Spanish"),
    "et": say("Estonian"),
    "fi": say("Finnish"),
    "ga": say("Irish"),
    "hr": say("Croatian"),
    "hu": say("Hungarian"),
    "it": say("Italian"),
    "lt": say("Lithuanian"),
    "lv": say("Latvian"),
    "mt": say("Maltese"),
    "nl": say("Dutch"),
    "pl": say("Polish"),
    "pt": say("Portuguese"),
    "ro": say("Romanian"),
    "sk": say("Slovak"),
    "sl": say("Slovenian"),
    "sv": say("Swedish"),
    "tr": say("Turkish"),
    "uk": say("Ukrainian"),
}

STATUS: Mapping[str, tuple[str, str]] = {
    "drafting": (say("draft"), "open"),
    "in_consultation": (say("in consultation"), "open"),
    "submitted": (say("submitted"), "open"),
    "unready": (say("something is missing"), "attention"),
    "sealed": (say("sealed"), "good"),
    "published": (say("published"), "good"),
}

MISSING: Mapping[str, str] = {
    "no_employer_endorsement": say("No confirmed employer who is independent of you endorses these very words."),
    "no_professional_body_endorsement": (
        say("No confirmed professional body that is independent of you endorses these very words.")
    ),
    "unknown_version": say("Co-design had not received this version yet. Submit it again in a moment."),
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
        return say_of(count, "One comment has no answer yet.", "{n} comments have no answer yet.")
    return MISSING.get(code, code.replace("_", " ").capitalize() + ".")


def field(path: str) -> tuple[str, str]:
    """Return label and hint of a field: `outcomes.text`, or by its last name."""
    last = path.rpartition(".")[2]
    return FIELDS.get(path) or FIELDS.get(last) or (last.replace("_", " ").capitalize(), "")
