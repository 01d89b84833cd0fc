"""The controlled lists that a design speaks with: concept URI or code -> plain English, and what was nearly meant.

The lists are those of `contracts/vocabularies/`, each with its source; which may stand where is said in `annex.py`.
"""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache

from services.kernel.concepts import Label, concepts, vocabulary
from services.kernel.concepts import Vocabulary as Vocabulary

CONCEPTS = concepts()
EQF = vocabulary("eqf")
SKILL_TYPES = vocabulary("skill-types")
REUSE_LEVELS = vocabulary("reuse-levels")
ASSESSMENT_TYPES = vocabulary("assessment-types")
MODES = vocabulary("modes")
SCHEDULES = vocabulary("schedules")
QUALITY_TYPES = vocabulary("accreditation-types")
SETTINGS = vocabulary("settings")
TARGET_GROUPS = vocabulary("target-groups")
FIELDS = vocabulary("isced-f")
COUNTRIES = vocabulary("countries")
LANGUAGES = vocabulary("languages")
CURRENCIES = vocabulary("currencies")
USES: Vocabulary = {
    "recruitment": "recruitment",
    "upskilling": "upskilling",
    "bridge": "a bridge into further learning",
    "licence": "a licence to practise",
}
# What the Union's institutions write where ISO 3166 has another code.
_ALIASES = {"uk": "GB", "el": "GR"}


def nearest(list_of: Vocabulary, written: str) -> str | None:
    """Return the key of the concept that somebody nearly named: by its code, its words, or most of its letters."""
    if len(written) > 200:
        return None
    ways = _ways(tuple(list_of.items()))
    sought = written.strip().casefold()
    if (short := _last(sought)) in ways or sought in ways:
        return ways.get(sought) or ways[short]
    if _ALIASES.get(sought) in list_of:
        return _ALIASES[sought]
    close = get_close_matches(sought, ways, n=1, cutoff=0.8) or get_close_matches(short, ways, n=1, cutoff=0.8)
    return ways[close[0]] if close and len(sought) > 3 else None


@cache
def _ways(entries: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Return every way in which a concept may be written, in small letters, with its key."""
    found: dict[str, str] = {}
    for key, label in entries:
        for way in _written(key, label):
            found.setdefault(way.casefold(), key)
    return found


def _written(key: str, label: str) -> Iterator[str]:
    yield from (key, _last(key), label)
    if isinstance(label, Label):
        yield from label.words.values()
        if label.address:
            yield from (label.address, _last(label.address))


def _last(address: str) -> str:
    """Return the last step of an address."""
    return address.rstrip("/").rpartition("/")[2]
