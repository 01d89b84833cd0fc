"""A suggestion as people read it: what would go, and what would come in its place."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: "same" on both sides, "removed" or "added" by the suggestion."""

    kind: str
    text: str


def pieces(patch: Sequence[Mapping[str, Any]]) -> list[Piece] | None:
    """Return a change of one text word by word, or None where the patch is another kind of change."""
    match patch:
        case [
            {"op": "test", "path": tested, "value": str(before)},
            {"op": "replace", "path": path, "value": str(after)},
        ]:
            return list(_by_word(before, after)) if tested == path else None
    return None


def operations(patch: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return each change of a patch as word, place and value, the tests left out."""
    names = {"add": "Add", "remove": "Remove", "replace": "Put in the place of", "move": "Move to"}
    return [
        (names.get(o["op"], o["op"]), o["path"], o.get("from") or json.dumps(o.get("value"), ensure_ascii=False))
        for o in patch
        if o["op"] != "test"
    ]


def _by_word(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[i:j]), "".join(new[k:m])
        if kind == "equal":
            yield Piece("same", gone)
            continue
        space = " " if gone.endswith(" ") and come.endswith(" ") else ""
        yield from (Piece(k, t.removesuffix(space)) for k, t in (("removed", gone), ("added", come)) if t)
        if space:
            yield Piece("same", space)
