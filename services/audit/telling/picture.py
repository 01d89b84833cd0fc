"""The trace as a picture: where each box stands, what is written in it, and how the lines between them run. Pure."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.audit.telling.timeline import Told
from services.audit.telling.trace import Edge

COLUMNS = ("Said", "Answered", "Changed", "Endorsed", "Published")
COLUMN_OF = {
    "codesign.comment.submitted.v1": 0,
    "codesign.disposition.recorded.v1": 1,
    "catalogue.draft.opened.v1": 2,
    "catalogue.draft.revised.v1": 2,
    "catalogue.draft.submitted.v1": 2,
    "codesign.endorsement.given.v1": 3,
    "codesign.consultation.sealed.v1": 4,
    "catalogue.credential.published.v1": 4,
}

# In pixels
WIDTH, HEIGHT, ACROSS, DOWN, TOP = 148, 78, 38, 16, 30
LETTERS = 17  # that fit on a line of a box


@dataclass(frozen=True, slots=True)
class Box:
    """One entry: its place, its name in one or two lines, a word about it, and its sentence for who points at it."""

    idx: int
    x: int
    y: int
    name: Sequence[str]
    word: str
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """That one entry follows from another: its way, and where the number of the entry that says so is written."""

    edge: Edge
    path: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and lines; `heads` are the names of the columns and where they stand."""

    width: int
    height: int
    heads: Sequence[tuple[int, str]]
    boxes: Sequence[Box]
    lines: Sequence[Line]


def picture(told: Iterable[Told], edges: Sequence[Edge], words: Mapping[int, tuple[str, str]]) -> Picture:
    """Draw entries and what follows from what; `words` has the name of each entry that has a box, and a word more."""
    known = {one.idx: one for one in told if one.idx in words and one.entry.type in COLUMN_OF}
    filled = [0] * len(COLUMNS)
    boxes: dict[int, Box] = {}
    for idx in sorted(known):
        column = COLUMN_OF[known[idx].entry.type]
        x, y = column * (WIDTH + ACROSS), TOP + filled[column] * (HEIGHT + DOWN)
        name, word = words[idx]
        boxes[idx] = Box(idx, x, y, _wrapped(name), word, str(known[idx].sentence))
        filled[column] += 1
    lines = [_line(edge, boxes[edge.source], boxes[edge.target]) for edge in edges if _are_there(edge, boxes)]
    height = TOP + max(filled) * (HEIGHT + DOWN) - DOWN
    heads = [(column * (WIDTH + ACROSS), name) for column, name in enumerate(COLUMNS)]
    return Picture(len(COLUMNS) * (WIDTH + ACROSS) - ACROSS, height, heads, list(boxes.values()), lines)


def _are_there(edge: Edge, boxes: Mapping[int, Box]) -> bool:
    return edge.source in boxes and edge.target in boxes


def _line(edge: Edge, source: Box, target: Box) -> Line:
    if source.x == target.x:  # one beneath the other
        x, y = source.x + WIDTH // 2, source.y + HEIGHT
        return Line(edge, f"M{x} {y}V{target.y}", x + 12, (y + target.y) // 2 + 4)
    x, y, to_x, to_y = source.x + WIDTH, source.y + HEIGHT // 2, target.x, target.y + HEIGHT // 2
    middle = to_x - ACROSS // 2  # it goes straight past the columns between, and turns before its target
    near = max(x, middle - ACROSS // 2)
    return Line(edge, f"M{x} {y}H{near}C{middle} {y} {middle} {to_y} {to_x} {to_y}", x + ACROSS // 3, y - 4)


def _wrapped(name: str) -> Sequence[str]:
    return textwrap.wrap(name, LETTERS, max_lines=2, placeholder=" …", break_on_hyphens=False)
