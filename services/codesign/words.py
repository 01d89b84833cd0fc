"""What co-design calls things on its pages, in plain words."""

from collections.abc import Mapping
from typing import Any

from services.kernel.language import say, say_of

KINDS = {
    "concern": say("A concern"),
    "question": say("A question"),
    "error": say("A mistake"),
    "demand": say("Something we need"),
    "praise": say("Praise"),
}
KIND = {
    "question": say("Question"),
    "concern": say("Concern"),
    "praise": say("Praise"),
    "error": say("Mistake"),
    "demand": say("Need"),
}
DISPOSITIONS = {
    "accepted": say("Accepted"),
    "accepted_with_changes": say("Accepted with changes"),
    "rejected": say("Not accepted"),
    "out_of_scope": say("Outside this design"),
    "duplicate": say("Said already by another comment"),
    "deferred": say("Kept for later"),
    "withdrawn": say("Withdrawn by its author"),
}
INTERESTS = {
    "none": say("None: we have nothing to do with the provider beyond this"),
    "customer_or_supplier": say("We are a customer or a supplier of the provider"),
    "owner_or_group": say("We own the provider, or belong to the same group"),
    "paid": say("We are paid for this"),
}
INTEREST = {
    "none": say("none"),
    "customer_or_supplier": say("customer or supplier of the provider"),
    "owner_or_group": say("owner or group of the provider"),
    "paid": say("paid for it"),
}
VISIBILITIES = {
    "nothing_until_closed": say(
        "Nothing until it closes: everybody writes what they think themselves. Then they see all."
    ),
    "words_without_organisation": say("The words, but never whose they are."),
    "everything": say("Everything at once: the words, and which organisation they are from."),
}
# the same, for a reviewer
SEEN = {
    "nothing_until_closed": say(
        "Until it closes, other organisations see nothing of what you write. Then they see it."
    ),
    "words_without_organisation": say("Other organisations see what you write, but not that it is from you."),
    "everything": say("Other organisations see what you write, and that it is from you."),
}
STANDINGS = {
    "provider": say("Provider"),
    "employer": say("Employer"),
    "professional_body": say("Professional body"),
    "employer_association": say("Employer association"),
    "trade_union": say("Trade union"),
    "quality_agency": say("Quality-assurance agency"),
    "learner_representative": say("Representative of learners"),
    "public_authority": say("Public authority"),
}
MISSING = {
    "no_employer_endorsement": say("An endorsement of these very words by an employer whose standing is confirmed."),
    "no_professional_body_endorsement": (
        say("An endorsement of these very words by a professional body whose standing is confirmed.")
    ),
    "unknown_version": say("This version has not arrived here whole. An administrator has to look at it."),
}
STATUS = {
    "open": (say("Open"), "open"),
    "closed": (say("Closed for comments"), "closed"),
    "sealed": (say("Sealed"), "good"),
    "published": (say("Published"), "good"),
}
WAITS_FOR = {
    "review": say("Waits for your comments"),
    "endorsement": say("Waits for your endorsement"),
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
    "Europe/Brussels": say("Central Europe (Berlin, Brussels, Paris, Rome, Warsaw)"),
    "Europe/Athens": say("Eastern Europe (Athens, Bucharest, Helsinki, Kyiv)"),
    "Europe/Lisbon": say("Western Europe (Dublin, Lisbon, London)"),
    "UTC": say("UTC"),
}


def waits_for(entry: Mapping[str, Any]) -> str:
    """Say what a consultation in a list waits for from the one who looks."""
    if entry["waits_for"] != "answers":
        return WAITS_FOR[entry["waits_for"]]
    number = entry["open_comments"]
    return say_of(number, "One comment waits for your answer", "{n} comments wait for your answer")


def missing(entry: Mapping[str, Any]) -> str:
    """Say in a sentence what the seal waits for."""
    if entry["code"] == "open_comments":
        number = len(entry.get("comments", ()))
        return say_of(number, "One comment has no answer yet.", "{n} comments have no answer yet.")
    return MISSING[entry["code"]]
