"""Reading what came in: JSON that every reader reads alike, and nothing else where JSON is asked for."""

from typing import Any

from flask import request

from services.kernel.errors import Malformed, Refused
from services.kernel.strict_json import strict_json

MAX_BODY = 1024 * 1024


class Unreadable(Refused):
    """The request cannot be read at all."""

    status = 400
    default_code = "unreadable"


class WrongType(Refused):
    """The body is of a media type this door does not read."""

    status = 415
    default_code = "wrong-media-type"


def read_json(body: bytes) -> Any:
    """Read JSON; raise Unreadable on bad syntax or encoding, duplicate keys, NaN, lone surrogates, or depth past 32."""
    try:
        return strict_json(body)
    except Malformed as problem:
        raise Unreadable(f"The body cannot be read as JSON: {problem}.", code="unreadable-json") from problem


def check_media_type() -> None:
    """Raise WrongType where a REST door is sent anything but JSON. A form of another site cannot send JSON unasked."""
    has_body = bool(request.content_length) or request.headers.get("Transfer-Encoding")
    if request.method in ("POST", "PUT", "PATCH", "DELETE") and (has_body or request.mimetype) and not request.is_json:
        given = request.mimetype or "no media type"
        raise WrongType(f"This door reads application/json, and was sent {given}. Set the header Content-Type.")
