"""Contracts are data: complete, with examples, locked, and strict to senders while tolerant to receivers."""

import copy
import json
import re
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from services import SERVICES
from services.kernel import clock, contracts, ids, locked
from services.kernel.errors import Malformed
from services.kernel.events import Actor, Fact, make

TYPES = contracts.event_types()


def example(event_type: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("contracts").joinpath("examples", f"{event_type}.{kind}.json").read_text())
    return found


@pytest.mark.parametrize("event_type", TYPES)
def test_a_contract_follows_the_grammar_and_says_what_it_is(event_type: str) -> None:
    """`<service>.<noun>.<past verb>.v<N>`, valid JSON Schema 2020-12, with a title and the aggregate it is about."""
    schema = contracts.schema(event_type)
    Draft202012Validator.check_schema(schema)
    assert re.fullmatch(rf"({'|'.join(SERVICES)})\.[a-z]+\.[a-z]+\.v[1-9]\d*", event_type)
    assert schema["$id"] == f"urn:countersign:{event_type}"
    assert schema["title"]
    assert schema["x-subject"]


@pytest.mark.parametrize("kind", ["minimal", "full"])
@pytest.mark.parametrize("event_type", TYPES)
def test_the_golden_examples_keep_the_contract(event_type: str, kind: str) -> None:
    """Each type has a minimal and a full example, and both may be sent and received."""
    contracts.check_sent(event_type, example(event_type, kind))
    contracts.check_received(event_type, example(event_type, kind))


@pytest.mark.parametrize("event_type", TYPES)
def test_the_minimal_example_holds_only_what_is_required_and_the_full_one_everything(event_type: str) -> None:
    """So a field cannot be added to a contract without an example that shows it."""
    schema = contracts.schema(event_type)
    assert set(example(event_type, "minimal")) == set(schema["required"])
    assert set(example(event_type, "full")) == set(schema["properties"])


@pytest.mark.parametrize("event_type", TYPES)
def test_a_sender_may_not_add_a_field_and_a_receiver_does_not_mind_one(event_type: str) -> None:
    """events.md, rule 2: senders strict, receivers tolerant."""
    data = example(event_type, "full") | {"surprise": 1}
    contracts.check_received(event_type, data)
    with pytest.raises(Malformed, match="surprise"):
        contracts.check_sent(event_type, data)


@pytest.mark.parametrize("event_type", TYPES)
def test_a_missing_field_is_refused_on_both_sides(event_type: str) -> None:
    """A required field that is missing is named, whoever looks."""
    for field in contracts.schema(event_type)["required"]:
        data = copy.deepcopy(example(event_type, "full"))
        del data[field]
        for check in (contracts.check_sent, contracts.check_received):
            with pytest.raises(Malformed, match=re.escape(field)):
                check(event_type, data)


@pytest.mark.parametrize("event_type", TYPES)
def test_the_envelope_we_make_keeps_the_envelopes_contract(event_type: str) -> None:
    """What `make` writes is what contracts/envelope.json says."""
    actor = Actor("0190f3a0-0000-7000-8000-000000000001", "0190f3a0-0000-7000-8000-000000000002")
    event = make(
        fact=Fact(event_type, "subject", {}, actor),
        id=ids.new_id(),
        sequence=1,
        time=clock.now(),
        data=example(event_type, "full"),
        private=(),
        trace={},
    )
    contracts.check_envelope(json.loads(event.body))


@pytest.mark.parametrize("event_type", TYPES)
def test_no_contract_lets_free_text_of_a_person_into_the_bytes(event_type: str) -> None:
    """events.md, rule 4: comment, reason, statement, summary, question and display name are private values."""
    personal = {pointer.rpartition("/")[2] for pointer, _ in contracts.personal_pointers(event_type)}
    words = {"text", "reason", "statement", "summary", "display_name", "question", "suggestion", "note", "conditions"}
    assert words & set(contracts.schema(event_type)["properties"]) <= personal


def test_the_lock_holds_every_contract_as_it_is() -> None:
    """contracts/lock.json changes only by `make contracts-lock`, in a commit that says why."""
    assert locked.recorded() == locked.present(), (
        "run `make contracts-lock`, and say in the commit why the wire changes"
    )
