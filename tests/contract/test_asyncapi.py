"""contracts/asyncapi.yaml: valid AsyncAPI 3.0, and true of the code in both directions."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from services import SERVICES
from services.kernel import contracts, topology

VENDORED = Path(__file__).parent.parent / "vendor" / "asyncapi-3.0.0.schema.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files("contracts").joinpath("asyncapi.yaml").read_text())
    return found


def types_of(operation: dict[str, Any]) -> set[str]:
    return {message["$ref"].rpartition("/")[2] for message in operation["messages"]}


def test_it_is_asyncapi_3_0(document: dict[str, Any]) -> None:
    """Held against the schema that the AsyncAPI initiative publishes."""
    problems = list(Draft7Validator(json.loads(VENDORED.read_text())).iter_errors(document))
    assert [f"{p.json_path}: {p.message[:200]}" for p in problems] == []


def test_every_contract_is_a_message_and_every_message_a_contract(document: dict[str, Any]) -> None:
    """No event without a place on the map, no place without a contract."""
    assert set(document["components"]["messages"]) == set(contracts.event_types())
    assert set(document["channels"]["events"]["messages"]) == set(contracts.event_types())


def test_each_service_sends_its_own_events_and_no_others(document: dict[str, Any]) -> None:
    """The first word of a type is who says it."""
    for service in SERVICES:
        sent = types_of(document["operations"][f"{service}.emit"])
        assert sent == {type for type in contracts.event_types() if type.startswith(f"{service}.")}


def test_every_handler_of_the_code_is_on_the_map_with_the_types_it_hears(document: dict[str, Any]) -> None:
    """A handler that hears a type the map does not name is found here, and the other way round."""
    code = {f"{handler.service}.{handler.name}": set(handler.types) for handler in topology.handlers()}
    heard = {name: types_of(op) for name, op in document["operations"].items() if op["action"] == "receive"}
    assert heard.pop("audit.recorder") == set(contracts.event_types())
    assert heard == code
