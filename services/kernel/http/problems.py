"""Every error as an answer: problem+json (RFC 9457) for programs, a calm page for people; never a trace."""

import traceback
from http import HTTPStatus
from typing import Any

import psycopg
from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as WerkzeugResponse

from services.kernel import telemetry
from services.kernel.errors import NotYet, Refused, SignInNeeded, Unavailable
from services.kernel.http.csrf import SAFE, OldForm, keep_words
from services.kernel.http.idempotency import KeyReused
from services.kernel.http.languages import said
from services.kernel.http.look import url
from services.kernel.http.place import wants_json
from services.kernel.http.session import recognise
from services.kernel.language import say

log = telemetry.get_logger(__name__)

SESSION_ENDED = say(
    "Your session ended before this was sent. Here are your words, all of them: press the button to send them."
)
RETRY_AFTER = "5"  # seconds
RETRY_SOON = "1"

TITLES = {
    400: say("This cannot be read"),
    401: say("Please sign in"),
    403: say("This is not open to you"),
    404: say("There is nothing here"),
    405: say("This cannot be done here"),
    406: say("Not in this form"),
    409: say("This is not possible now"),
    410: say("This is used up"),
    412: say("It was changed meanwhile"),
    413: say("This is too large"),
    415: say("Not in this form"),
    422: say("Please look at this again"),
    428: say("Say which version"),
    429: say("Too many at once"),
    500: say("That went wrong, and it is our fault"),
    503: say("Not available just now"),
}
DETAILS = {
    400: say("The request is not written as it must be."),
    404: say("It may have been moved, or the link is incomplete. Check the address, or ask who gave it to you."),
    405: say("This address does not take this kind of request."),
    413: say("At most 1 MiB can be sent at once."),
    415: say("This address does not read this kind of content."),
    500: say(
        "We have noted it. Nothing was half done; please try again, and tell us the number below if it happens again."
    ),
}


def handle_errors(app: Flask) -> None:
    """Let an application answer every error so."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(psycopg.DataError, _not_storable)
    app.register_error_handler(Exception, _mistake)


def _refused(refusal: Refused) -> WerkzeugResponse:
    if not wants_json():
        if isinstance(refusal, SignInNeeded):
            return _sign_in(refusal)
        if isinstance(refusal, OldForm | KeyReused):
            return keep_words(_here(), refusal.message, status=refusal.status)
    response = _answer(refusal.status, refusal.message, code=refusal.code, fields=refusal.fields)
    if isinstance(refusal, Unavailable):
        log.warning("something we depend on is away", problem=refusal.code, cause=type(refusal.__cause__).__name__)
        response.headers["Retry-After"] = RETRY_AFTER
    if isinstance(refusal, NotYet):
        response.headers["Retry-After"] = RETRY_SOON
    if isinstance(refusal, SignInNeeded):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _sign_in(refusal: SignInNeeded) -> WerkzeugResponse:
    """Send a reader to be signed in and back; keep the words of a writer."""
    if request.method not in SAFE:
        return keep_words(_here(), SESSION_ENDED, status=refusal.status, renew=True)
    if request.headers.get("HX-Request") == "true":
        return Response(status=401)  # a redirect would put the page of accounts into the place of a fragment
    return redirect(url("/accounts/renew", next=_here()), 303)


def _here() -> str:
    return request.full_path.rstrip("?")


def http_error(error: HTTPException) -> WerkzeugResponse:
    if error.code is None or error.code < 400 or error.response is not None:
        return error.get_response()
    response = _answer(error.code, DETAILS.get(error.code) or error.description or error.name)
    kept = ("Allow", "Retry-After")
    response.headers.extend((n, v) for n, v in error.get_headers(request.environ) if n in kept)
    return response


def _mistake(error: Exception) -> WerkzeugResponse:
    # the route, never the address: a magic link's secret stands in addresses
    log.error(
        "a request failed by our own mistake", method=request.method, route=str(request.url_rule), **_told_of(error)
    )
    return _answer(500, DETAILS[500])


def _told_of(error: Exception) -> dict[str, Any]:
    """What the log may hold of a mistake: of the database's words the first line alone, for the others quote rows."""
    if not isinstance(error, psycopg.Error):
        return {"exc_info": error}
    where = "".join(traceback.format_tb(error.__traceback__))
    return {"sqlstate": error.sqlstate, "problem": error.diag.message_primary, "where": where}


def _not_storable(error: psycopg.DataError) -> WerkzeugResponse:
    """The last net under validation: a value that no column can hold, let by by a schema of ours."""
    log.warning("a value passed the schema that no column holds", route=str(request.url_rule), sqlstate=error.sqlstate)
    return _answer(400, say("A value in this request is out of all range. Please check what you sent."))


def _answer(status: int, detail: str, *, code: str | None = None, fields: Any = None) -> Response:
    title = TITLES.get(status, say("This did not work"))
    if wants_json():
        word = code or HTTPStatus(status).phrase.lower().replace(" ", "-")
        return _problem(status, title, detail, word, fields or {})
    if status < 500:
        recognise()  # so that the navigation is that of the one who asks
    page = render_template("error.html", status=status, title=title, detail=detail, fields=fields or {})
    return make_response(page, status)


def _problem(status: int, title: str, detail: str, code: str, fields: Any) -> Response:
    body: dict[str, Any] = {
        "type": f"urn:countersign:problem:{code}",
        "title": said(title),
        "status": status,
        "detail": said(detail),
        "instance": f"urn:countersign:request:{g.get('request_id', '')}",
        "code": code,
    }
    if fields:
        body["errors"] = [_place(pointer) | {"detail": said(s)} for pointer, found in fields.items() for s in found]
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _place(pointer: str) -> dict[str, str]:
    return {"parameter": pointer[1:]} if pointer.startswith("?") else {"pointer": pointer}
