"""The examples a draft can be opened from: JSON documents that travel with the package `examples`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from services.kernel.errors import NotFound
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Example:
    """A document to begin from, under the name that the event `draft.opened` keeps."""

    name: str
    document: Mapping[str, Any]


@cache
def every() -> tuple[Example, ...]:
    """Return the examples, by name."""
    documents = sorted((f for f in files("examples").iterdir() if f.name.endswith(".json")), key=lambda f: f.name)
    return tuple(Example(f.name.removesuffix(".json"), json.loads(f.read_text("utf-8"))) for f in documents)


def named(name: str) -> Example:
    """Return one example; raise NotFound naming those there are."""
    for example in every():
        if example.name == name:
            return example
    raise NotFound(
        say(
            "There is no example “{name}”; there are {every}.", name=name[:60], every=", ".join(e.name for e in every())
        )
    )
