"""What differs between two moments of a design: element by element, word by word, and what was said of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.elements import Document, hashes
from services.audit.reading.outline import Line, Part, outline

_WORD = re.compile(r"\w+(?:[.,]\w+)*\s*|[^\w\s]\s*|\s+")
FEW = 3  # words that are the same between two changes, and are read more easily as changed with them

State = Literal["same", "changed", "added", "removed"]
Piece = tuple[Literal["same", "removed", "added"], str]


@dataclass(frozen=True, slots=True)
class Beside:
    """One line of an element on both sides; `was` and `now` hold the pieces of each, none where it is not there."""

    label: str
    was: Sequence[Piece]
    now: Sequence[Piece]

    @property
    def differs(self) -> bool:
        """Say whether it is another line in the later moment."""
        return any(kind != "same" for kind, _ in (*self.was, *self.now))


@dataclass(frozen=True, slots=True)
class Element:
    """One element on both sides: what became of it, and its lines beside each other."""

    pointer: str
    heading: str
    state: State
    lines: Sequence[Beside]


@dataclass(frozen=True, slots=True)
class Answered:
    """A comment that both moments know, whose answer is another in the later."""

    before: Comment
    after: Comment


@dataclass(frozen=True, slots=True)
class Fallen:
    """An endorsement that stood for its words in the earlier moment, and stands no more in the later."""

    endorsement: Endorsement
    changed: Sequence[str]


def elements(before: Document, after: Document) -> list[Element]:
    """Return every element of either document, in the reading order of the later, what is gone where it stood."""
    old, new = hashes(before), hashes(after)
    was, now = _parts(before), _parts(after)
    order = sorted({**now, **was}, key=lambda pointer: _place(pointer, list(now), list(was)))
    return [_element(pointer, was.get(pointer), now.get(pointer), old, new) for pointer in order]


def difference(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Return two texts in pieces, by words: those that both have are the same, the others removed or added."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    was: list[Piece] = []
    now: list[Piece] = []
    for place, (kind, i, j, k, m) in enumerate(steps):
        same = kind == "equal" and not (j - i < FEW and 0 < place < len(steps) - 1)
        _add(was, "same" if same else "removed", "".join(old[i:j]))
        _add(now, "same" if same else "added", "".join(new[k:m]))
    return was, now


def _add(pieces: list[Piece], kind: Literal["same", "removed", "added"], text: str) -> None:
    """Add a piece, together with the one before it where that is of the same kind."""
    if pieces and pieces[-1][0] == kind:
        pieces[-1] = kind, pieces[-1][1] + text
    elif text:
        pieces.append((kind, text))


def new_comments(before: Sequence[Consultation], after: Sequence[Consultation]) -> list[Comment]:
    """Return the comments that only the later moment knows."""
    known = {id for one in before for id in one.comments}
    return [comment for one in after for id, comment in one.comments.items() if id not in known]


def answers(before: Sequence[Consultation], after: Sequence[Consultation]) -> list[Answered]:
    """Return the comments that both moments know, and that were answered, or answered anew, between them."""
    known = {id: comment for one in before for id, comment in one.comments.items()}
    return [
        Answered(known[id], comment)
        for one in after
        for id, comment in one.comments.items()
        if id in known and len(known[id].dispositions) != len(comment.dispositions)
    ]


def new_endorsements(before: Sequence[Consultation], after: Sequence[Consultation]) -> list[Endorsement]:
    """Return the endorsements that only the later moment knows."""
    known = {given.id for one in before for given in one.endorsements}
    return [given for one in after for given in one.endorsements if given.id not in known]


def fallen(consultations: Sequence[Consultation], before: Document, after: Document) -> list[Fallen]:
    """Return the endorsements given by the earlier moment that the changes since have made suspect."""
    old, new = hashes(before), hashes(after)
    return [
        Fallen(given, [pointer for pointer, hash in given.covers.items() if new.get(pointer) != hash])
        for one in consultations
        for given in one.endorsements
        if given.stands_for(old) and not given.stands_for(new)
    ]


def _parts(document: Document) -> dict[str, tuple[str, Part]]:
    return {part.pointer: (name, part) for name, parts in outline(document, all_languages=True) for part in parts}


def _place(pointer: str, now: Sequence[str], was: Sequence[str]) -> tuple[int, int]:
    """Sort what is gone behind the nearest element before it that is still there."""
    if pointer in now:
        return now.index(pointer), 0
    at = was.index(pointer)
    before = next((now.index(other) for other in reversed(was[:at]) if other in now), -1)
    return before, at + 1


def _element(
    pointer: str,
    was: tuple[str, Part] | None,
    now: tuple[str, Part] | None,
    old: Mapping[str, str],
    new: Mapping[str, str],
) -> Element:
    heading = (now or was or ("", None))[0]
    if was is None or now is None:
        state: State = "added" if was is None else "removed"
    else:
        state = "same" if old[pointer] == new[pointer] else "changed"
    return Element(pointer, heading, state, list(_lines(was[1] if was else None, now[1] if now else None)))


def _lines(was: Part | None, now: Part | None) -> Iterator[Beside]:
    """Put the lines of an element beside each other, by their labels and their place among those of a label."""
    old, new = _by_label(was), _by_label(now)
    for key in {**new, **old}:
        before, after = old.get(key), new.get(key)
        pieces = difference(before.words if before else "", after.words if after else "")
        yield Beside(key[0], *pieces)


def _by_label(part: Part | None) -> dict[tuple[str, int], Line]:
    found: dict[tuple[str, int], Line] = {}
    for line in part.lines if part else ():
        found[line.label, sum(label == line.label for label, _ in found)] = line
    return found
