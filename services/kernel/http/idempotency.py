"""The same request sent twice acts once and is answered alike: `Idempotency-Key` of programs, `_key` of every form.

The claim is written by the first event of the command (kernel/claims.py); the answer is kept beside it for a day.
"""

import hashlib
import random
import re
import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from psycopg.types.json import Jsonb

from services.kernel import claims, db, events, telemetry
from services.kernel.claims import AlreadyClaimed, Claim
from services.kernel.errors import Refused, Unavailable
from services.kernel.http.csrf import KEY, TOKEN
from services.kernel.http.place import current_service, is_api
from services.kernel.http.reading import Unreadable
from services.kernel.http.session import current_actor
from services.kernel.language import say

log = telemetry.get_logger(__name__)

View = Callable[..., ResponseReturnValue]

REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("Content-Type", "Location", "ETag")
SWEEP_ONE_IN = 100
ANSWER_WITHIN = timedelta(seconds=2)  # an answer is kept at once after its commit, or never

_VISIBLE = re.compile(r"[!-~]{1,200}")


class KeyReused(Refused):
    """The key was used for another request."""

    status = 422
    default_code = "idempotency-key-reused"


def idempotent(view: View) -> View:
    """Let a POST that is sent again under its key be answered as the first time, without acting again."""

    @wraps(view)
    def answer_once(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        claim = _asked()
        if claim is None:
            return view(*args, **kwargs)
        try:
            with claims.claiming(claim):
                response = make_response(view(*args, **kwargs))
        except (AlreadyClaimed, Refused) as problem:
            # refused, perhaps, because it was done already: then the answer of that time is ours
            if claim.event_id is None and (kept := _kept(claim)):
                return kept
            if isinstance(problem, Refused):
                raise
            raise Refused(
                say("This is being done just now. Please try again in a moment."), code="in-progress"
            ) from problem
        if claim.event_id is None:  # nothing was left to do
            return _kept(claim) or response
        _keep(claim, response)
        return response

    answer_once.idempotent = True  # type: ignore[attr-defined]  # said in the OpenAPI document
    return answer_once


def _asked() -> Claim | None:
    """Return what this request would claim; None without a key, and for people who are not signed in."""
    key = request.headers.get("Idempotency-Key") if is_api() else request.form.get(KEY)
    actor = current_actor()
    if key is None or actor is None:
        return None
    if not _VISIBLE.fullmatch(key):
        raise Unreadable(
            "The Idempotency-Key must be 1 to 200 visible ASCII characters.", code="idempotency-key-unreadable"
        )
    return Claim(actor.person, key, _hash_of_request())


def _hash_of_request() -> bytes:
    if is_api():
        body = request.get_data(cache=True)
    else:
        body = repr([(n, v) for n, v in request.form.items(multi=True) if n not in (TOKEN, KEY)]).encode()
    version = request.headers.get("If-Match", "")
    return hashlib.sha256("\n".join((request.method, request.full_path, version, "")).encode() + body).digest()


def _kept(claim: Claim) -> Response | None:
    """Return the answer kept under the key, None where it is free; raise KeyReused where it was for something else.

    Where the claim is there and its answer not yet, its maker is about to keep it, or died: then a receipt is made.
    """
    while (row := _row(claim)) is not None:
        if row["status"] is not None or row["age"] > ANSWER_WITHIN:
            return _again(row)
        time.sleep(0.025)
    return None


def _row(claim: Claim) -> dict[str, Any] | None:
    service = current_service()
    row = db.of(service).at_once(
        f"""SELECT *, now() - at AS age FROM {service}_own.idempotency
            WHERE person = %(person)s AND key = %(key)s AND {claims.KEPT}""",
        {"person": claim.person, "key": claim.key},
    )
    if row is not None and row["request_hash"] != claim.request_hash:
        raise KeyReused(say("This key was used for another request. Send what you want done now under a new one."))
    return row


def _again(row: dict[str, Any]) -> Response:
    """Make the answer of a row: the one that was kept, else a receipt, for its maker died before keeping it."""
    if row["status"] is not None:
        response = make_response(row["body"], row["status"])
        response.headers.update(row["headers"])
    elif is_api():
        response = jsonify(_receipt(str(row["event_id"])))
    else:
        response = make_response(render_template("done.html", event=row["event_id"]))
    response.headers[REPLAYED] = "true"
    return response


def _receipt(event_id: str) -> dict[str, Any]:
    """Return what is left of an answer nobody kept: the event as it stands in the log, without the private values."""
    with db.of(current_service()).transaction(read_only=True) as tx:
        body = tx.value(f"SELECT body FROM {tx.service}_own.outbox WHERE event_id = %(id)s", {"id": event_id})
    event = events.parse(bytes(body))
    return {"event": event.id, "sequence": event.sequence, "subject": event.subject, "data": event.data}


def _keep(claim: Claim, response: Response) -> None:
    """Keep the answer beside the claim. Where that fails, the effect stands and a repetition gets a receipt."""
    if claim.event_id is None or response.status_code >= 400:
        return
    service = current_service()
    try:
        db.of(service).at_once(
            f"""UPDATE {service}_own.idempotency SET status = %(status)s, headers = %(headers)s, body = %(body)s
                WHERE person = %(person)s AND key = %(key)s""",
            {
                "status": response.status_code,
                "headers": Jsonb({name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}),
                "body": response.get_data(),
                "person": claim.person,
                "key": claim.key,
            },
        )
        if random.randrange(SWEEP_ONE_IN) == 0:
            db.of(service).at_once(f"DELETE FROM {service}_own.idempotency WHERE NOT {claims.KEPT}")
    except Unavailable:
        log.warning("an answer could not be kept for its Idempotency-Key", event_id=claim.event_id)
