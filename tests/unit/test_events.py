"""The event: its bytes are canonical and never remade, private values stand beside it, odd JSON is refused."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from services.kernel import clock, events, ids
from services.kernel.errors import Malformed, TooLarge
from services.kernel.events import ERASED, Actor, Event, Fact, PrivateValue
from services.kernel.strict_json import strict_json

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def event_of(data: dict[str, Any], private: tuple[PrivateValue, ...] = (), id: str | None = None) -> Event:
    fact = Fact("codesign.comment.submitted.v1", "subject", {}, Actor("person", "organisation"))
    return events.make(
        fact=fact, id=id or ids.new_id(), sequence=1, time=clock.now(), data=data, private=private, trace={}
    )


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), json_values, max_size=5))
def test_the_bytes_are_canonical_and_say_what_was_put_in(data: dict[str, Any]) -> None:
    """Whatever JSON goes in comes out again, and the bytes are RFC 8785."""
    event = event_of(data)
    assert event.data == data
    assert rfc8785.dumps(json.loads(event.body)) == event.body
    assert events.parse(event.body) == event


def test_a_commitment_is_what_the_page_on_events_says() -> None:
    """SHA-256 of prefix, event id, pointer, 32 bytes of salt and the value's canonical JSON, in that order."""
    sealed, place = events.seal_private("an-event", "/data/text", "Grüße", "somebody")
    content = b"countersign/private/v1\nan-event\n/data/text\n" + bytes.fromhex(sealed.salt) + '"Grüße"'.encode()
    assert place == {"$private": "sha256:" + hashlib.sha256(content).hexdigest()}
    assert len(bytes.fromhex(sealed.salt)) == 32


def test_the_same_words_twice_have_two_commitments() -> None:
    """The salt is random, so nobody can guess words from the log."""
    _, one = events.seal_private("an-event", "/data/text", "yes", "somebody")
    _, other = events.seal_private("an-event", "/data/text", "yes", "somebody")
    assert one != other


def test_words_are_opened_erased_or_absent() -> None:
    """`open` gives the words, ERASED where only the commitment is left, None where the event holds nothing there."""
    id = ids.new_id()
    sealed, place = events.seal_private(id, "/data/text", "Too short", "somebody")
    data = {"text": place, "kind": "concern"}
    assert event_of(data, (sealed,), id).open("/data/text") == "Too short"
    assert event_of(data, (), id).open("/data/text") is ERASED
    assert event_of(data, (), id).words("/data/text") is None
    assert event_of(data, (), id).open("/data/reason") is None
    assert event_of(data, (), id).open("/data/kind") == "concern"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": Infinity}', "Infinity"),
        (b'"\\ud800"', "surrogates"),
        (b"\xff\xfe", "utf-8"),
        (b"", "Expecting value"),
        (b"[" * 33 + b"]" * 33, "deeper than 32"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_json_that_readers_disagree_about_is_refused_with_the_reason(body: bytes, why: str) -> None:
    """Duplicate keys, NaN, lone surrogates, bad bytes and bottomless nesting never get past the door."""
    with pytest.raises(Malformed, match=why):
        strict_json(body)


@given(st.binary(max_size=200))
def test_nothing_but_malformed_escapes_from_bytes_that_are_no_event(body: bytes) -> None:
    """Whatever the broker delivers, the reader answers with Malformed and nothing else."""
    with pytest.raises(Malformed):
        events.parse(body)


@pytest.mark.parametrize(
    "attribute", ["id", "source", "type", "subject", "time", "dataschema", "sequence", "actor", "data"]
)
def test_an_envelope_without_an_attribute_is_refused_by_its_name(attribute: str) -> None:
    """The reason names what is missing."""
    envelope = json.loads(event_of({}).body)
    del envelope[attribute]
    with pytest.raises(Malformed, match=attribute):
        events.parse(json.dumps(envelope).encode())


def test_an_event_larger_than_an_entry_is_refused() -> None:
    """65,535 bytes is what an entry of a tlog-tiles bundle can hold: the sender's to mend, and malformed on arrival."""
    with pytest.raises(TooLarge, match="65,535"):
        event_of({"text": "x" * 65_535})
    with pytest.raises(Malformed, match="65,535"):
        events.parse(b'{"text": "' + b"x" * 65_535 + b'"}')
