"""Doors that are asked thousands of times, well and badly, with requests made up from their own OpenAPI document."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

load_all_checks()
CASES = int(os.environ.get("COUNTERSIGN_CASES", "3000"))  # at each document
# The first is checked where a test has a rule that knows what is there; the second takes our tokens for made-up ones.
OWN: list[Any] = [CHECKS.get_one(name) for name in ("positive_data_acceptance", "ignored_auth")]
SETTINGS = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],  # the request itself says what went wrong; a smaller one takes minutes
    suppress_health_check=list(HealthCheck),
)
# A tag that is none matches no version, so it is answered as one that is old (RFC 9110, 13.1.1).
REFUSED = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429]
REFUSALS = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}})

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]
Real = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, what there really is (by the names of parameters, and bodies by `METHOD /path`), and what must hold."""

    tokens: Sequence[str | None]
    real: Real
    bodies: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    headers: Sequence[Mapping[str, str]] = ({},)
    hold: Callable[[Request, Response, GenerationMode], None] = lambda *_: None


def ask_every_door(app: Flask, document: str, visit: Visit, subtests: pytest.Subtests) -> dict[int, int]:
    """Ask each door its share of the cases, well and badly; return how often each status was answered."""
    schema = schemathesis.openapi.from_wsgi(document, app, config=REFUSALS)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    asked = [(operation, mode) for operation in operations for mode in _modes(operation)]
    statuses: dict[int, int] = {}
    for again in range(20):  # a door that asks for little has few questions: the others are asked more
        missing = CASES - sum(statuses.values())
        for operation, mode in asked if missing > 0 else ():
            with subtests.test(operation.label, mode=mode.value, again=again):
                hammer(operation, mode, missing // len(asked) + 5, visit, statuses, again)
    assert sum(statuses.values()) >= CASES
    return statuses


def hammer(
    operation: Operation, mode: GenerationMode, times: int, visit: Visit, statuses: dict[int, int], again: int
) -> None:
    """Ask a door so many times and check each answer; `again` numbers the turns, each asks other questions."""

    @seed(again)
    @settings(SETTINGS, max_examples=times)
    @given(operation.as_strategy(generation_mode=mode), st.data())
    def ask(case: Request, data: st.DataObject) -> None:
        if mode is GenerationMode.POSITIVE:
            _make_real(case, data, visit)
        reader = data.draw(st.sampled_from(visit.tokens))
        headers = {"Authorization": f"Bearer {reader}"} if reader else {}
        headers |= data.draw(st.sampled_from(visit.headers))
        answer = case.call(headers=headers)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        case.validate_response(answer, excluded_checks=OWN, headers=headers)
        visit.hold(case, answer, mode)

    ask()


def told_of(case: Request, answer: Response) -> str:
    """What was asked and what was answered."""
    return f"{case.as_curl_command()}\n{answer.text}"


def _modes(operation: Operation) -> list[GenerationMode]:
    """A door that asks for nothing cannot be asked badly."""
    asks = operation.path_parameters or operation.query or operation.body
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if asks else [])]


def _make_real(case: Request, data: st.DataObject, visit: Visit) -> None:
    """Put what there is in the place of what was made up, more often than not."""
    for parameters in (case.path_parameters, case.query, case.headers):
        for name in visit.real.keys() & (parameters or {}).keys():
            if data.draw(st.sampled_from((False, True, True, True))):
                parameters[name] = data.draw(st.sampled_from(visit.real[name]))
    bodies: Sequence[Any] = visit.bodies.get(case.operation.label, ())
    use = data.draw(st.booleans())
    if bodies and use:
        case.body = data.draw(st.sampled_from(bodies))
