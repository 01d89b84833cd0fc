"""How two versions of a design differ, element by element and word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from services.catalogue import sheet, words
from services.catalogue.domain.annex import KEYED
from services.catalogue.sheet import Line, Part
from services.kernel.documents import Document, at, canonical, walk

_WORD = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
FEW = 3  # words between two changes that are read more easily as changed with them


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both readings share, or that only the later or the earlier has."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one element: which, and its lines with the pieces of each."""

    kind: Literal["added", "removed", "changed", "moved"]
    heading: str
    lines: tuple[tuple[Line, tuple[Piece, ...]], ...]


def changes(before: Document, after: Document) -> list[Change]:
    """Return what differs between two documents, element by element, in the reading order of the later."""
    old, new = _by_pointer(before), _by_pointer(after)
    same = {pointer for pointer, value in walk(after) if canonical(at(before, pointer)) == canonical(value)}
    touched = [pointer for pointer in [*new, *(p for p in old if p not in new)] if pointer not in same]
    return [_change(old.get(pointer), new.get(pointer)) for pointer in touched] + list(_moves(before, after))


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return what leads from one text to another, by words; a word or two between changes changes with them."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    found: list[Piece] = []
    removed = added = ""
    for place, (tag, i, j, k, m) in enumerate(steps):
        if tag == "equal" and not (j - i < FEW and 0 < place < len(steps) - 1):
            found += [*_changed(removed, added), Piece("same", "".join(old[i:j]))]
            removed = added = ""
        else:
            removed, added = removed + "".join(old[i:j]), added + "".join(new[k:m])
    return (*found, *_changed(removed, added))


def _changed(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece("removed", removed)
    if added:
        yield Piece("added", added)


def _by_pointer(document: Document) -> dict[str, Part]:
    return {part.pointer: part for found in sheet.parts(document).values() for part in found}


def _change(before: Part | None, after: Part | None) -> Change:
    old, new = _lines_of(before), _lines_of(after)
    lines = tuple(
        (line, difference(old[place].text if place in old else "", new[place].text if place in new else ""))
        for place, line in (old | new).items()
        if place not in old or place not in new or old[place].text != new[place].text
    )
    if after is None:
        return Change("removed", before.heading if before else "", lines)
    return Change("changed" if before else "added", after.heading, lines)


def _lines_of(part: Part | None) -> dict[tuple[str, str | None], Line]:
    return {(line.label, line.language): line for line in part.lines} if part else {}


def _moves(before: Document, after: Document) -> Iterator[Change]:
    """Yield the collections whose elements stand in another order, those that came and went aside."""
    for name in KEYED:
        old, new = (list(d.get("order", {}).get(name, ())) for d in (before, after))
        if [key for key in old if key in new] != [key for key in new if key in old]:
            yield Change("moved", words.NAMES[name].heading, ())
