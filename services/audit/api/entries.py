"""The entries: a list with its filters, as pages or as one stream, and one entry with its proof."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from services.audit.api.blueprint import IDX, View, api, downloads, file_of, refuses
from services.audit.schemas import Asked, ProofQuery, TimelineQuery
from services.audit.shapes import Entries, EntryDetail, EntryLine, ProofAnswer
from services.audit.telling import shown, streaming, timeline
from services.audit.telling.timeline import Told
from services.audit.vouching import handing_out
from services.kernel.http import current_actor, public

NDJSON = "application/x-ndjson"
STREAM = {"content": {NDJSON: {"schema": {"type": "string", "description": "One entry a line, as in `items`."}}}}


def streams(view: View) -> View:
    """Say in the OpenAPI document that a door can answer with a stream."""
    answer: View = api.doc(responses={200: STREAM})(view)
    return answer


@api.route("/entries")
@public
@api.arguments(TimelineQuery, location="query")
@api.response(200, Entries, description=f"A page; with `Accept: {NDJSON}` every entry at once, `limit` set aside.")
@streams
@refuses(422)
def entries(asked: Asked) -> ResponseReturnValue:
    """The entries you may read, newest first or oldest first."""
    if request.accept_mimetypes.best_match(["application/json", NDJSON], "application/json") == NDJSON:
        return Response(streaming.lines(current_actor(), asked.wish, asked.after, _lines), mimetype=NDJSON)
    found = timeline.timeline(current_actor(), asked.wish, asked.after, asked.limit + 1)
    return asked.of([shown.line(one) for one in found], key="idx")


@api.route("/entries/<int:idx>", parameters=[IDX])
@public
@api.response(200, EntryDetail)
@refuses(404)
def entry(idx: int) -> Any:
    """One entry: its bytes, its leaf hash, and the private values beside it."""
    return shown.detail(timeline.entry(current_actor(), idx))


@api.route("/entries/<int:idx>/proof", parameters=[IDX])
@public
@api.arguments(ProofQuery, location="query")
@api.response(200, ProofAnswer)
@refuses(404, 409, 422)
def proof(query: dict[str, Any], idx: int) -> Any:
    """That an entry is in the tree of a published checkpoint, or of a size."""
    return shown.proof(handing_out.proof(current_actor(), idx, query.get("size")))


@api.route("/entries/<int:idx>.tlog-proof", parameters=[IDX])
@public
@downloads("an entry, its bytes with it, and what was said as far as you may read it")
@refuses(404, 409)
def proof_file(idx: int) -> Response:
    """The proof of an entry as a file to keep, against the newest published checkpoint."""
    return file_of(handing_out.proof_file(current_actor(), idx), f"entry-{idx}")


def _lines(told: list[Told]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = EntryLine(many=True).dump([shown.line(one) for one in told])
    return lines
