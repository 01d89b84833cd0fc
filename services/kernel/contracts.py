"""Contracts: the JSON Schemas in `contracts/events/`, as data; senders are held strictly, receivers tolerantly."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from services.kernel.errors import Malformed

Schema = dict[str, Any]


@cache
def event_types() -> tuple[str, ...]:
    """Return every event type that has a contract, sorted."""
    return tuple(
        sorted(
            f.name.removesuffix(".json")
            for f in files("contracts").joinpath("events").iterdir()
            if f.name.endswith(".json")
        )
    )


@cache
def schema(event_type: str) -> Schema:
    """Return the contract of a type's `data`; raise Malformed where there is none."""
    return _read(f"events/{event_type}.json")


@cache
def personal_pointers(event_type: str) -> tuple[tuple[str, Schema], ...]:
    """Return the JSON Pointers into `data` that hold private values, each with the schema of the value itself."""
    return tuple(_personal(schema(event_type)))


@cache
def erasing() -> Mapping[str, Mapping[str, str]]:
    """Return the types whose events erase something, each with the JSON Pointers that say what, into the event.

    {"person": ...}: all private values of that person; {"event": ..., "pointer": ...}: the one value beside that event.
    """
    found = {event_type: schema(event_type).get("x-erases") for event_type in event_types()}
    return {event_type: places for event_type, places in found.items() if places}


def check_sent(event_type: str, data: Mapping[str, Any]) -> None:
    """Hold data about to be sent against its contract, unknown fields refused; raise Malformed naming the place."""
    _check(_strict(event_type), event_type, data)


def check_received(event_type: str, data: Mapping[str, Any]) -> None:
    """Hold received data against its contract, unknown fields ignored; raise Malformed naming the place."""
    _check(_tolerant(event_type), event_type, data)


def check_private(event_type: str, pointer: str, value_schema: Schema, value: Any) -> None:
    """Hold a private value against the schema the contract gives it; what is raised does not quote its words."""
    problem = next(_validator(value_schema).iter_errors(value), None)
    if problem is not None:
        raise Malformed(f"{event_type}: the private value at {pointer} breaks the rule {problem.validator!r}")


def check_envelope(envelope: Any) -> None:
    """Hold a whole event against the envelope's contract; raise Malformed naming the place."""
    _check(_validator(_read("envelope.json")), "the envelope", envelope)


def _check(validator: Draft202012Validator, what: str, data: Any) -> None:
    problem = next(validator.iter_errors(data), None)
    if problem is not None:
        raise Malformed(f"{what}: {problem.json_path.removeprefix('$') or 'data'}: {problem.message[:300]}")


@cache
def _tolerant(event_type: str) -> Draft202012Validator:
    return _validator(schema(event_type))


@cache
def _strict(event_type: str) -> Draft202012Validator:
    return _validator(_closed(schema(event_type)))


def _validator(of: Schema) -> Draft202012Validator:
    return Draft202012Validator(of, registry=_registry(), format_checker=FormatChecker())


@cache
def _registry() -> Registry[bool | Mapping[str, Any]]:
    common: Resource[bool | Mapping[str, Any]] = Resource.from_contents(_read("common.json"))
    return common @ Registry()


def _closed(node: Any) -> Any:
    """Return a schema in which every object that lists its properties allows no other."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value) for key, value in node.items()}
    return {"additionalProperties": False} | closed if "properties" in node else closed


def _personal(node: Schema, at: str = "") -> Iterator[tuple[str, Schema]]:
    for name, child in node.get("properties", {}).items():
        if child.get("x-personal"):
            yield f"{at}/{name}", child["x-value"]
        else:
            yield from _personal(child, f"{at}/{name}")


def _read(name: str) -> Schema:
    file = files("contracts").joinpath(name)
    if not file.is_file():
        raise Malformed(f"there is no contract {name}")
    content: Schema = json.loads(file.read_text())
    return content
