"""What the pages of the record are made of: differences by words, the steps of a proof, the picture of a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from services.audit.reading import differing
from services.audit.reading.outline import outline
from services.audit.telling import passages
from services.audit.telling.picture import ACROSS, COLUMNS, HEIGHT, LETTERS, TOP, WIDTH, picture
from services.audit.telling.timeline import Told
from services.audit.telling.trace import Edge
from services.audit.tlog import proofs, tree
from services.audit.vouching import proven
from services.audit.vouching.proving import Inclusion

LEAVES = [tree.leaf(bytes([i])) for i in range(40)]


def over(first: int, last: int) -> bytes:
    """The hash over some entries, by the definition of RFC 6962 (2.1): the left tree is the largest power of two."""
    if first == last:
        return LEAVES[first]
    left = 1 << (last - first).bit_length() - 1
    return tree.node(over(first, first + left - 1), over(first + left, last))


@given(st.integers(1, 40), st.data())
def test_every_step_of_a_proof_names_the_entries_its_hash_stands_for(size: int, data: st.DataObject) -> None:
    """Recomputed from these very leaves, it is the hash of the step; and the sides lead to the root."""
    idx = data.draw(st.integers(0, size - 1))
    path = proofs.inclusion(idx, size, lambda level, index: over(index << level, ((index + 1) << level) - 1))
    inclusion = Inclusion(idx, size, LEAVES[idx], path, over(0, size - 1))
    found, here = list(proven.steps(inclusion)), LEAVES[idx]
    assert [over(step.first, step.last) for step in found] == path
    for step in found:
        here = tree.node(step.hash, here) if step.left else tree.node(here, step.hash)
    assert here == inclusion.root


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_sides_of_a_difference_are_the_whole_texts(before: str, after: str) -> None:
    """Nothing is lost or doubled, and equal texts have no difference."""
    was, now = differing.difference(before, after)
    assert "".join(text for _, text in was) == before
    assert "".join(text for _, text in now) == after
    assert {kind for kind, _ in was} <= {"same", "removed"}
    assert {kind for kind, _ in now} <= {"same", "added"}
    assert before != after or {kind for kind, _ in (*was, *now)} <= {"same"}


def test_a_word_or_two_between_changes_change_with_them() -> None:
    """So one reads phrases, not confetti; a number with its point is one word."""
    was, now = differing.difference("Keep 2.5 metres of distance", "Keep 3 steps of distance")
    assert was == [("same", "Keep "), ("removed", "2.5 metres "), ("same", "of distance")]
    assert now == [("same", "Keep "), ("added", "3 steps "), ("same", "of distance")]
    was, _ = differing.difference("a b c d e f g", "x b y d e f g")
    assert was == [("removed", "a b c "), ("same", "d e f g")]


DOCUMENT: dict[str, Any] = {
    "title": {"en": "A", "de": "Ah"},
    "outcomes": {"a": {"text": {"en": "one"}}, "b": {"text": {"en": "two"}}, "c": {"text": {"en": "three"}}},
    "order": {"outcomes": ["a", "b", "c"]},
}


def test_what_is_gone_stands_where_it_stood_and_what_is_new_where_it_stands() -> None:
    """Every element of either document, once, in the order of the later."""
    after = {
        **DOCUMENT,
        "outcomes": {"c": {"text": {"en": "three"}}, "a": {"text": {"en": "one"}}, "d": {"text": {"en": "four"}}},
        "order": {"outcomes": ["c", "a", "d"]},
    }
    found = [(element.pointer, element.state) for element in differing.elements(DOCUMENT, after)]
    outcomes = [one for one in found if one[0] != "/title"]
    assert ("/title", "same") in found
    assert outcomes == [
        ("/outcomes/c", "same"),
        ("/outcomes/a", "same"),
        ("/outcomes/b", "removed"),
        ("/outcomes/d", "added"),
    ]


def test_words_in_every_language_are_compared() -> None:
    """Those of the first language without a label, the others under their language's name."""
    after = {**DOCUMENT, "title": {"en": "A", "de": "Oh"}}
    (title,) = [element for element in differing.elements(DOCUMENT, after) if element.pointer == "/title"]
    assert [(line.label, line.differs) for line in title.lines] == [("", False), ("Words (German)", True)]
    assert [line.label for _, parts in outline(DOCUMENT) for part in parts for line in part.lines] == [""] * 4


def told(idx: int, type: str = "", at: datetime | None = None) -> Told:
    entry = SimpleNamespace(idx=idx, type=type, time=at or datetime(2026, 3, 1, 9, tzinfo=UTC))
    return cast("Told", SimpleNamespace(idx=idx, entry=entry, sentence=f"Sentence {idx}."))


def test_the_picture_has_a_column_for_each_kind_and_no_two_boxes_in_one_place() -> None:
    """Every line begins and ends at the boxes it joins; what has no box has no line."""
    types = ["codesign.comment.submitted.v1"] * 3 + ["codesign.disposition.recorded.v1"] * 2
    types += ["catalogue.draft.revised.v1", "codesign.consultation.sealed.v1", "catalogue.credential.published.v1"]
    entries = [told(idx, type) for idx, type in enumerate(types)]
    edges = [Edge("answered", 0, 3, 3), Edge("changed", 3, 5, 5), Edge("published", 6, 7, 7), Edge("x", 0, 99, 1)]
    words = dict.fromkeys(range(len(types)), ("Chamber of Commerce and Very Long Names", "concern"))
    found = picture(entries, edges, words)
    places = {(box.x, box.y) for box in found.boxes}
    assert len(places) == len(types)
    assert {box.x // (WIDTH + ACROSS) for box in found.boxes} == {0, 1, 2, 4}
    assert all(box.y >= TOP and box.y + HEIGHT <= found.height for box in found.boxes)
    assert all(box.x + WIDTH <= found.width for box in found.boxes)
    assert all(len(box.name) <= 2 and all(len(line) <= LETTERS for line in box.name) for box in found.boxes)
    by_idx = {box.idx: box for box in found.boxes}
    assert [line.edge.target for line in found.lines] == [3, 5, 7]
    for line in found.lines:
        source, target = by_idx[line.edge.source], by_idx[line.edge.target]
        level = source.x == target.x
        begins = (source.x + WIDTH // 2, source.y + HEIGHT) if level else (source.x + WIDTH, source.y + HEIGHT // 2)
        assert line.path.startswith(f"M{begins[0]} {begins[1]}")
        assert line.path.endswith(f"V{target.y}" if level else f"{target.x} {target.y + HEIGHT // 2}")
    assert [name for _, name in found.heads] == list(COLUMNS)


def test_what_merely_went_along_is_gathered_day_by_day() -> None:
    """Only where several of it follow each other, and never over the end of a day."""
    sent, day = "accounts.token.issued.v1", timedelta(days=1)
    first = datetime(2026, 3, 1, 23, tzinfo=UTC)
    entries = [told(4, "x", first), told(3, sent, first), told(2, sent, first), told(1, sent, first - day)]
    days = passages.by_day(entries)
    assert [[passage.gathered for passage in one.passages] for one in days] == [
        [None, "Two links to sign in were sent"],
        [None],
    ]
    flat = passages.by_day(entries, gather=False)
    assert [len(one.passages) for one in flat] == [3, 1]
