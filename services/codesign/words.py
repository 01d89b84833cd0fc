"""What co-design calls things on its pages, in plain words."""

from collections.abc import Mapping
from typing import Any

KINDS = {
    "concern": "A concern",
    "question": "A question",
    "error": "A mistake",
    "demand": "Something we need",
    "praise": "Praise",
}
KIND = {"question": "Question", "concern": "Concern", "praise": "Praise", "error": "Mistake", "demand": "Need"}
DISPOSITIONS = {
    "accepted": "Accepted",
    "accepted_with_changes": "Accepted with changes",
    "rejected": "Not accepted",
    "out_of_scope": "Outside this design",
    "duplicate": "Said already by another comment",
    "deferred": "Kept for later",
    "withdrawn": "Withdrawn by its author",
}
INTERESTS = {
    "none": "None: we have nothing to do with the provider beyond this",
    "customer_or_supplier": "We are a customer or a supplier of the provider",
    "owner_or_group": "We own the provider, or belong to the same group",
    "paid": "We are paid for this",
}
INTEREST = {
    "none": "none",
    "customer_or_supplier": "customer or supplier of the provider",
    "owner_or_group": "owner or group of the provider",
    "paid": "paid for it",
}
VISIBILITIES = {
    "nothing_until_closed": "Nothing until it closes: everybody writes what they think themselves. Then they see all.",
    "words_without_organisation": "The words, but never whose they are.",
    "everything": "Everything at once: the words, and which organisation they are from.",
}
# the same, for a reviewer
SEEN = {
    "nothing_until_closed": "Until it closes, other organisations see nothing of what you write. Then they see it.",
    "words_without_organisation": "Other organisations see what you write, but not that it is from you.",
    "everything": "Other organisations see what you write, and that it is from you.",
}
STANDINGS = {
    "provider": "Provider",
    "employer": "Employer",
    "professional_body": "Professional body",
    "employer_association": "Employer association",
    "trade_union": "Trade union",
    "quality_agency": "Quality-assurance agency",
    "learner_representative": "Representative of learners",
    "public_authority": "Public authority",
}
MISSING = {
    "no_employer_endorsement": "An endorsement of these very words by an employer whose standing is confirmed.",
    "no_professional_body_endorsement": (
        "An endorsement of these very words by a professional body whose standing is confirmed."
    ),
    "unknown_version": "This version has not arrived here whole. An administrator has to look at it.",
}
STATUS = {
    "open": ("Open", "open"),
    "closed": ("Closed for comments", "closed"),
    "sealed": ("Sealed", "good"),
    "published": ("Published", "good"),
}
WAITS_FOR = {
    "review": "Waits for your comments",
    "endorsement": "Waits for your endorsement",
}
LANGUAGES = {
    "bg": "Български",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "el": "Ελληνικά",
    "en": "English",
    "es": "Español",
    "et": "Eesti",
    "fi": "Suomi",
    "fr": "Français",
    "ga": "Gaeilge",
    "hr": "Hrvatski",
    "hu": "Magyar",
    "it": "Italiano",
    "lt": "Lietuvių",
    "lv": "Latviešu",
    "mt": "Malti",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ro": "Română",
    "sk": "Slovenčina",
    "sl": "Slovenščina",
    "sv": "Svenska",
    "uk": "Українська",
}
# Where a closing time is meant, for people who do not think in UTC.
ZONES = {
    "Europe/Brussels": "Central Europe (Berlin, Brussels, Paris, Rome, Warsaw)",
    "Europe/Athens": "Eastern Europe (Athens, Bucharest, Helsinki, Kyiv)",
    "Europe/Lisbon": "Western Europe (Dublin, Lisbon, London)",
    "UTC": "UTC",
}


def waits_for(entry: Mapping[str, Any]) -> str:
    """Say what a consultation in a list waits for from the one who looks."""
    if entry["waits_for"] != "answers":
        return WAITS_FOR[entry["waits_for"]]
    number = entry["open_comments"]
    return "One comment waits for your answer" if number == 1 else f"{number} comments wait for your answer"


def missing(entry: Mapping[str, Any]) -> str:
    """Say in a sentence what the seal waits for."""
    if entry["code"] == "open_comments":
        number = len(entry.get("comments", ()))
        return "One comment has no answer yet." if number == 1 else f"{number} comments have no answer yet."
    return MISSING[entry["code"]]
