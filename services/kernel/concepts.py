"""The controlled lists in `contracts/vocabularies/`, as data: what a document of a design can name, and in what words.

Every service that shows a design reads them here. Which list may stand where is a rule of the catalogue.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


class Label(str):
    """A concept in plain English, with its words in each language and, where the key is a code, its address (URI)."""

    __slots__ = ("address", "words")

    address: str | None
    words: Mapping[str, str]

    def __new__(cls, words: Mapping[str, str], address: str | None = None) -> "Label":
        """Make a label of `{"en": "...", "de": "..."}`."""
        label = super().__new__(cls, words["en"])
        label.words, label.address = words, address
        return label

    def __reduce__(self) -> tuple[object, ...]:
        return Label, (dict(self.words), self.address)

    def __deepcopy__(self, memo: dict[int, object]) -> "Label":
        return self

    def said_in(self, language: str) -> str:
        """Return the words in a language where there are some, else in English."""
        return self.words.get(language) or str(self)


Vocabulary = Mapping[str, str]
"""Concept URI, or code -> plain English; the labels of the lists here are `Label`."""


@cache
def vocabulary(name: str) -> Vocabulary:
    """Return one list by the name of its file, in the order of the file."""
    told = json.loads(files("contracts").joinpath("vocabularies", f"{name}.json").read_text("utf-8"))
    return {key: _label(concept) for key, concept in told["concepts"].items()}


@cache
def concepts() -> Vocabulary:
    """Return the label of every concept that has an address of its own: its URI, and beside it what people read.

    ESCO's skills are those of the starter set; countries, languages and currencies are no part: their keys are codes.
    """
    names = sorted(f.name for f in files("contracts").joinpath("vocabularies").iterdir() if f.name.endswith(".json"))
    lists = (vocabulary(name.removesuffix(".json")) for name in names)
    return {key: label for found in lists for key, label in found.items() if key.startswith("http://")}


def _label(concept: Mapping[str, str]) -> Label:
    return Label({code: concept[code] for code in ("en", "de") if code in concept}, concept.get("uri"))
