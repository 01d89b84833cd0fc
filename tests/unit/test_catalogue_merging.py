"""Three readings of one element become one: no word of either is lost without a question."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.domain.merging import Asked, merged, together

FILLED = st.dictionaries(
    st.sampled_from(["text.en", "text.de", "kind"]), st.sampled_from([("a",), ("b",), ("c",)]), max_size=3
)


@given(FILLED, FILLED, FILLED)
def test_what_one_changed_is_taken_and_what_both_changed_is_asked(base: dict, mine: dict, theirs: dict) -> None:  # type: ignore[type-arg]
    """Each field is the one changed reading, or a question with both."""
    found = merged(base, mine, theirs)
    asked = {question.name for question in found.asked}
    for name in {*base, *mine, *theirs}:
        was, my, their = base.get(name), mine.get(name), theirs.get(name)
        if len({was, my}) > 1 and len({was, their}) > 1 and my != their:
            assert name in asked
        else:
            assert found.taken.get(name) == (their if my == was else my)
            assert name not in asked


def test_a_question_holds_all_three_readings() -> None:
    """The base and both changes stand in it, an absent one empty."""
    found = merged({"t": ("one",)}, {"t": ("two",)}, {})
    assert found.asked == (Asked("t", "one", "two", ""),)


def test_several_values_are_merged_one_by_one() -> None:
    """What I took away is gone, what either added is there, and the order is theirs."""
    assert together(("a", "b", "c"), ("a", "c", "x"), ("c", "b", "y")) == ("c", "y", "x")
    assert together(("a",), (), ("a", "b")) == ("b",)
