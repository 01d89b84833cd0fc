"""The controlled lists of the European Learning Model v3 that a design speaks with: concept URI -> plain English.

The words are those of `contracts/concepts.json`, for every service shows designs; which list may stand where is said in
`document.py`. ISCED-F and ESCO are too large for a list to pick from: they are held to the form of their URIs.
"""

import json
from collections.abc import Mapping
from importlib.resources import files

Vocabulary = Mapping[str, str]

CONCEPTS: Vocabulary = json.loads(files("contracts").joinpath("concepts.json").read_text("utf-8"))["concepts"]


def scheme(name: str) -> Vocabulary:
    """Return the concepts of one scheme of the European Commission's controlled lists, in the order of the file."""
    start = f"http://data.europa.eu/snb/{name}/"
    return {uri: label for uri, label in CONCEPTS.items() if uri.startswith(start)}


EQF = scheme("eqf")
SKILL_TYPES = scheme("skill-type")
REUSE_LEVELS = scheme("skill-reuse-level")
ASSESSMENT_TYPES = scheme("assessment")
MODES = scheme("learning-assessment")
SCHEDULES = scheme("learning-schedule")
QUALITY_TYPES = scheme("accreditation")
SETTINGS = scheme("learning-setting")
TARGET_GROUPS = scheme("target-group")
USES: Vocabulary = {
    "recruitment": "recruitment",
    "upskilling": "upskilling",
    "bridge": "a bridge into further learning",
    "licence": "a licence to practise",
}
