"""The elements of a design: those of Annex I (Council Recommendation of 16 June 2022), and those beyond it.

Whatever can be several is an object keyed by stable ids, with the order in a list beside it:
`{"outcomes": {"lo-3f2a": {...}}, "order": {"outcomes": ["lo-3f2a"]}}`. Text for people is a language map.
"""

import re
from collections.abc import Mapping

from services.catalogue.domain import vocabulary
from services.catalogue.domain.shapes import (
    ELEMENT_ID,
    Day,
    Decimal,
    Flag,
    Keyed,
    Listed,
    ListOf,
    OneOf,
    Pattern,
    Record,
    Shape,
    Text,
    Words,
)
from services.kernel.language import say

COUNTRY = Listed(
    vocabulary.COUNTRIES,
    say("This is a country by its ISO 3166 code, like AT, or a region of one, like DE-BY."),
    "AT",
    re.compile(r"[A-Z0-9]{1,3}"),
)
WEB = Pattern(
    re.compile(r"https?://[^\s<>\"]{3,400}"), say("This is a web address that begins with https://."), "https://"
)
CURRENCY = Listed(
    vocabulary.CURRENCIES, say("This is a currency by its ISO 4217 code of three letters, like EUR."), "EUR"
)
SPOKEN = Listed(
    vocabulary.LANGUAGES,
    say("This is a language by its code, like en or de."),
    "de",
    re.compile(r"[A-Za-z0-9]{2,8}(-[A-Za-z0-9]{2,8})?"),
)
ELEMENT = Pattern(ELEMENT_ID, say("This is the id of an element."))
SKILL = Pattern(
    re.compile(r"http://data\.europa\.eu/esco/skill/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    say("This is the address of an ESCO skill, like http://data.europa.eu/esco/skill/ and its id."),
    "http://data.europa.eu/esco/skill/",
)
ISCED_F = Listed(
    vocabulary.FIELDS,
    say("This is a field of ISCED-F 2013 by its address, like http://data.europa.eu/snb/isced-f/1041."),
    "http://data.europa.eu/snb/isced-f/1041",
)

_LINK = Keyed(Record({"title": Words(300), "address": WEB}, needed=("title",)), "link", max=20)

ELEMENTS: Mapping[str, Shape] = {
    "title": Words(200),
    "country": COUNTRY,
    "awarding_body": Record({"name": Words(200), "website": WEB}, needed=("name",)),
    "outcomes": Keyed(
        Record(
            {
                "text": Words(1000, lines=True),
                "kind": OneOf(vocabulary.SKILL_TYPES),
                "skills": ListOf(SKILL, max=30),
                "reuse_level": OneOf(vocabulary.REUSE_LEVELS),
            },
            needed=("text",),
        ),
        "lo",
    ),
    "workload": Record({"hours": Decimal("hours"), "ects": Decimal("ECTS")}, needed=("hours",)),
    "level": Record({"eqf": OneOf(vocabulary.EQF), "nqf": Text(100), "isced_f": ISCED_F}, needed=("eqf",)),
    "assessments": Keyed(
        Record(
            {
                "type": OneOf(vocabulary.ASSESSMENT_TYPES),
                "text": Words(2000, lines=True),
                "covers": ListOf(ELEMENT, max=60),
                "supervised": Flag(),
                "identity_verified": Flag(),
            },
            needed=("type", "text"),
        ),
        "as",
    ),
    "participation": Record(
        {
            "mode": OneOf(vocabulary.MODES),
            "schedule": OneOf(vocabulary.SCHEDULES),
            "hours_per_week": Decimal("hours a week"),
            "languages": ListOf(SPOKEN, max=30),
        },
        needed=("mode",),
    ),
    "quality_assurance": Record(
        {"type": OneOf(vocabulary.QUALITY_TYPES), "body": Words(200), "evidence": Text(500), "expires": Day()},
        needed=("type", "body"),
    ),
    "prerequisites": Keyed(Record({"text": Words(1000, lines=True)}, needed=("text",)), "pr"),
    "grading": Record({"scheme": Words(1000, lines=True)}, needed=("scheme",)),
    "stacking": Record({"standalone": Flag(), "targets": _LINK, "part_of": _LINK, "advanced_standing": _LINK}),
    "notes": Words(4000, lines=True),
    "use": ListOf(OneOf(vocabulary.USES), max=4),
    "value": Record({"cost": Decimal(), "currency": CURRENCY, "benefit": Words(2000, lines=True)}),
    "target_groups": Keyed(Record({"group": OneOf(vocabulary.TARGET_GROUPS), "text": Words(1000, lines=True)}), "tg"),
    "accommodations": Words(2000, lines=True),
    "shelf_life": Record({"review_by": Day(), "renewal": Words(1000, lines=True)}),
    "setting": OneOf(vocabulary.SETTINGS),
}
KEYED = {name: shape for name, shape in ELEMENTS.items() if isinstance(shape, Keyed)}
MANDATORY = (
    "title",
    "country",
    "awarding_body",
    "outcomes",
    "workload",
    "level",
    "assessments",
    "participation",
    "quality_assurance",
)
