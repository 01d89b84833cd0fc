"""The blueprint of the record's REST doors, and what all of them can refuse."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response

from services.audit.tlog.proof_files import SUFFIX
from services.kernel.http import ApiBlueprint
from services.kernel.http.problems import TITLES
from services.kernel.http.schemas import Problem

View = TypeVar("View", bound=Callable[..., Any])

HERE = "/audit/api/v1"
TEXT = "text/plain"
PROBLEM = "application/problem+json"

api = ApiBlueprint(
    "audit",
    "services.audit",
    description="The record: every act, in order, as it was entered in the log; and the proofs that it was. "
    "Who is not signed in reads what was published. Organisations read what they did and what concerns them, auditors "
    "everything. What you may not know of is answered as if it were not there.",
)

IDX = {"name": "idx", "in": "path", "description": "The number of an entry, from 0.", "example": 57}
REFUSALS: Mapping[int, tuple[str, str, str]] = {
    400: ("bad-request", "The request is not written as it must be.", "The request cannot be read."),
    404: ("not-found", "There is no entry of this number, or it is not open to you.", "Not there, or not for you."),
    409: (
        "not-witnessed-yet",
        "The witnesses have not co-signed this entry yet. That takes a second or two: please ask again.",
        "Not yet: the entry waits for its witnesses. Ask again after the seconds in Retry-After.",
    ),
    410: ("gone", "The words of this suggestion were erased.", "It was there, and its words were erased."),
    422: ("invalid", "Some of this cannot be taken as it is.", "A parameter does not fit; `errors` names it."),
    503: ("unavailable", "The database does not answer just now.", "Away for a moment; ask again after Retry-After."),
}
RETRY_AFTER = {"Retry-After": {"description": "After how many seconds to ask again.", "schema": {"type": "integer"}}}


def refuses(*statuses: int) -> Callable[[View], View]:
    """Say in the OpenAPI document with which problems a door can answer; 400 and 503 each of them can."""

    def say(view: View) -> View:
        for status in {*statuses, 400, 503}:
            code, detail, description = REFUSALS[status]
            view = api.alt_response(
                status,
                schema=Problem,
                content_type=PROBLEM,
                description=description,
                example=_example(status, code, detail),
                headers=RETRY_AFTER if status in (409, 503) else None,
            )(view)
        return view

    return say


def downloads(what: str) -> Callable[[View], View]:
    """Say in the OpenAPI document that a door hands out a proof file."""
    answer: Callable[[View], View] = api.doc(
        responses={
            "200": {
                "description": f"The proof (C2SP tlog-proof@v1) of {what}; `countersign-verify proof FILE` checks it.",
                "content": {TEXT: {"schema": {"type": "string"}, "example": "c2sp.org/tlog-proof@v1\nindex 57\n..."}},
            }
        }
    )
    return answer


def file_of(proof: bytes, name: str) -> Response:
    """Answer with a proof file to be kept."""
    answer = Response(proof, mimetype=TEXT)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}{SUFFIX}"'
    return answer


def _example(status: int, code: str, detail: str) -> dict[str, Any]:
    return {
        "type": f"urn:countersign:problem:{code}",
        "title": TITLES[status],
        "status": status,
        "detail": detail,
        "instance": "urn:countersign:request:019b5a52-7f4e-7c6e-9d2f-3f5a3c1d2e4b",
        "code": code,
    }
