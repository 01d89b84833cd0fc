"""Private values and the commitments to them that stand in the entries (a salted SHA-256 each)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from services.audit.verifier.excuses import Excuses
from services.audit.verifier.verdicts import Tampered, counted, listed

PREFIX = "countersign/private/v1\n"
MARK = b'"$private"'

Values = Mapping[str, tuple[str, bytes]]
"""From a pointer into an event to the value's canonical JSON and its salt."""


@dataclass
class Counts:
    """How many values are there and right, and how many are gone, by what says so."""

    right: int = 0
    gone: Counter[tuple[str, int]] = field(default_factory=Counter)

    def said(self) -> str:
        """Say it in words that end a sentence."""
        words = [said_of(self.right)]
        by_entry: dict[str, list[str]] = {}
        for (how, entry), number in sorted(self.gone.items(), key=lambda item: item[0][1]):
            under = "with" if how == "lost" else "under"
            by_entry.setdefault(how, []).append(f"{number:,} {under} entry {entry:,}")
        words += [f"{how} are {_shortened(places)}" for how, places in by_entry.items()]
        return listed(words)


def said_of(right: int) -> str:
    """Say how many values are right."""
    if right == 0:
        return "no private values stand beside"
    return f"{counted(right, 'private value')} {'matches its commitment' if right == 1 else 'match their commitments'}"


def check(index: int, event: Mapping[str, Any], values: Values, excuses: Excuses, counts: Counts) -> None:
    """Hold the values that are kept beside an entry against its commitments; Tampered at the first that is wrong."""
    committed = dict(commitments(event["data"]))
    for pointer, commitment in committed.items():
        if pointer in values:
            check_one(index, event["id"], pointer, commitment, values[pointer])
            counts.right += 1
            continue
        excuse = excuses.of(event, pointer)
        if excuse is None:
            raise Tampered(index, f"its private value at {pointer} is missing, and no entry erases or withholds it.")
        counts.gone[excuse] += 1
    check_surplus(index, committed, values)


def check_one(index: int, event_id: str, pointer: str, commitment: str, value: tuple[str, bytes]) -> None:
    """Hold one value against its commitment."""
    text, salt = value
    content = f"{PREFIX}{event_id}\n{pointer}\n".encode() + salt + text.encode()
    if commitment != f"sha256:{sha256(content).hexdigest()}":
        raise Tampered(index, f"the private value at {pointer} is not the one that the entry commits to.")


def check_surplus(index: int, committed: Mapping[str, str], values: Values) -> None:
    """Refuse values that the entry does not commit to."""
    for pointer in sorted(set(values) - set(committed)):
        raise Tampered(index, f"a private value is given for {pointer}, where the entry commits to none.")


def text_in(value: Any) -> str:
    """Read a text that has bytes, which a lone surrogate has not."""
    if not isinstance(value, str):
        raise TypeError("a value is no text")
    value.encode("utf-8")
    return value


def salt_in(text: str) -> bytes:
    """Read a salt, in small hexadecimal letters only: of two spellings of one value, a changed one would pass."""
    salt = bytes.fromhex(text)
    if salt.hex() != text:
        raise ValueError("a salt is not in small hexadecimal letters")
    return salt


def commitments(data: Mapping[str, Any], at: str = "/data") -> Iterator[tuple[str, str]]:
    """Yield the pointer of every commitment that stands in an event's data, and the commitment."""
    if "$private" in data:
        yield at, str(data["$private"])
        return
    for name, inner in data.items():
        if isinstance(inner, dict):
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from commitments(inner, f"{at}/{escaped}")


def _shortened(places: list[str]) -> str:
    return listed(places if len(places) <= 5 else [*places[:4], f"more under {len(places) - 4} other entries"])
