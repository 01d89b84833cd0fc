"""The record's REST doors against their own OpenAPI document: thousands of requests, made up from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from services.kernel import ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.audit_house import Round, published, whole_round
from tests.people import person, token

load_all_checks()
CASES = 3000
SHARES = {GenerationMode.POSITIVE: 110, GenerationMode.NEGATIVE: 90}  # of each door
WELL_ASKED = {200, 201, 401, 403, 404, 409, 410}  # what is asked as the document says is answered so
DEPENDS_ON_THE_RECORD = {"from", "to", "size", "cursor", "/pointer"}  # well written, and fits no tree or list here
# The first is checked here, by a rule that knows of the record; the second takes our own tokens for made-up ones.
OWN: list[Any] = [CHECKS.get_one(name) for name in ("positive_data_acceptance", "ignored_auth")]
SETTINGS = settings(
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # the request itself says what went wrong; a smaller one takes minutes
    suppress_health_check=list(HealthCheck),
)
STREAM = {"Accept": "application/x-ndjson"}

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Any]
Real = Mapping[str, Sequence[Any]]


@pytest.fixture
def round(database: str) -> Round:
    """A round that was published, its checkpoint with it, and a comment beyond."""
    del database
    round = whole_round()
    published()
    where = "/country"
    suggestion = [{"op": "replace", "path": where, "value": "AT"}]
    round.comments(round.amina, "Why only there?", "suggests", suggestion=suggestion)
    return round


def test_every_door_answers_as_its_document_says(round: Round, subtests: pytest.Subtests) -> None:
    """Whoever asks, well or badly: never a 5xx, and no answer that the document does not describe."""
    schema = schemathesis.openapi.from_wsgi("/audit/api/v1/openapi.json", create_app(["audit"]))
    tried = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        for mode, share in SHARES.items():
            if mode is GenerationMode.NEGATIVE and not (operation.path_parameters or operation.query or operation.body):
                continue  # a door that asks for nothing cannot be asked badly
            with subtests.test(operation.label, mode=mode.value):
                tried += hammer(operation, mode, share, round)
    assert tried >= CASES


def hammer(operation: Operation, mode: GenerationMode, times: int, round: Round) -> int:
    """Ask a door so many times and check each answer; return how many times it was asked."""
    readers = [None, *map(token, (round.auditor, round.lena, round.amina, guest_of(round), person("reviewer")))]
    tried = 0

    @settings(SETTINGS, max_examples=times)
    @given(operation.as_strategy(generation_mode=mode), st.data())
    def ask(case: Request, data: st.DataObject) -> None:
        nonlocal tried
        tried += 1
        if mode is GenerationMode.POSITIVE:
            make_real(case, data, of(round))
        reader = data.draw(st.sampled_from(readers))
        headers = {"Authorization": f"Bearer {reader}"} if reader else {}
        headers |= data.draw(st.sampled_from([{}, {}, {}, STREAM]))
        answer = case.call(headers=headers)
        case.validate_response(answer, excluded_checks=OWN, headers=headers)
        if mode is GenerationMode.POSITIVE:
            assert answer.status_code in WELL_ASKED or is_of_the_record(answer), told_of(case, answer)

    ask()
    return tried


def told_of(case: Request, answer: Response) -> str:
    """What was asked and what was answered."""
    return f"{case.as_curl_command()}\n{answer.text}"


def is_of_the_record(answer: Response) -> bool:
    """Say whether a refusal is of a parameter that only who knows the record can say right."""
    named = {error.get("parameter", error.get("pointer")) for error in answer.json().get("errors", ())}
    return answer.status_code == 422 and bool(named) and named <= DEPENDS_ON_THE_RECORD


def make_real(case: Request, data: st.DataObject, real: Real) -> None:
    """Put what there is in the place of what was made up, more often than not."""
    for parameters in (case.path_parameters, case.query):
        for name in real.keys() & (parameters or {}).keys():
            if data.draw(st.integers(0, 3)):
                parameters[name] = data.draw(st.sampled_from(real[name]))


def of(round: Round) -> Real:
    """What there is in the record, by the names of the parameters."""
    size = len(round.entries)
    comments = [round.said[name].data["comment"] for name in ("first", "second", "suggests")]
    return {
        "idx": range(size + 1),
        "at": [str(idx) for idx in range(size + 1)],
        "size": range(1, size + 2),
        "from": range(1, size + 2),
        "to": range(1, size + 2),
        "draft_id": [round.draft],
        "consultation_id": [round.consultation],
        "comment_id": comments,
        "comment": comments,
        "event_id": [*(event.id for event in round.entries[:40]), ids.new_id()],
        "element": ["/outcomes/lo-store", "/country"],
        "organisation": [round.college, round.nordhafen],
        "actor": [round.amina.person],
        "subject": [round.consultation],
        "type": ["codesign.comment.submitted.v1"],
    }


def guest_of(round: Round) -> Actor:
    """Somebody with a link for the one consultation."""
    return person("reviewer", organisation=round.nordhafen, scope=round.consultation)
