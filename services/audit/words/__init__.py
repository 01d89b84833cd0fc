"""Entries in words: who did what, in one sentence that a layperson can read."""

from dataclasses import dataclass
from typing import Any

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words import accounts, consultations, designs, others
from services.kernel.events import ERASED

SAY = {**accounts.SAY, **designs.SAY, **consultations.SAY, **others.SAY}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Who did what, and the private words that were said with it: None where there are none, `ERASED` where gone."""

    who: str
    did: str
    words: Any = None

    def __str__(self) -> str:
        return f"{self.who} {self.did}."


def sentence(entry: Entry, names: Names) -> Sentence:
    """Say an entry in words."""
    who, did, words = SAY.get(entry.type, others.something_else)(entry, names)
    return Sentence(who, did, words if isinstance(words, str) or words is ERASED else None)
