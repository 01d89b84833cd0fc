"""How a verification ends: good, tampered or unusable, each said in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import gmtime, strftime

GOOD, TAMPERED, UNUSABLE = 0, 1, 2


class Tampered(Exception):
    """The record is not what it was. `index` is the first bad entry, or None where no single one can be named."""

    def __init__(self, index: int | None, what: str) -> None:
        super().__init__(what if index is None else f"Entry {index:,}: {what}")
        self.index = index


class Unusable(Exception):
    """Nothing can be said, for the input is not what this tool can check; the message says what to do."""


@dataclass(frozen=True)
class Good:
    """What was checked and found, in one sentence, and notes that belong to it."""

    sentence: str
    notes: list[str] = field(default_factory=list)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 entry`, `2,000 entries`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(unix: int) -> str:
    """Return a moment as people read it: `24 November 2026, 13:05:02 UTC`."""
    try:
        at = gmtime(unix)
    except (OverflowError, OSError, ValueError):
        return f"second {unix} since 1970"
    return f"{at.tm_mday} {strftime('%B %Y, %H:%M:%S', at)} UTC"


def listed(words: list[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
