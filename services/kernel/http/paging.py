"""Long lists in pages: at most 100 items, the way to the next page in the answer and in its `Link` header."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import marshmallow as ma
from flask import after_this_request, request
from werkzeug import Response

from services.kernel import config
from services.kernel.http.schemas import Schema

MOST = 100
SEAL = 9  # bytes


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that is asked for: at most `limit` items, after the one with the key `after` if set."""

    limit: int = 50
    after: Any = None

    def of(self, rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
        """Make the answer of up to `limit + 1` rows (one more than wanted, to know whether there are more).

        Return {"items": [...], "next": cursor or None}; set the `Link` header. `key` is the column they are ordered by.
        """
        items = list(rows[: self.limit])
        cursor = write_cursor(items[-1][key]) if len(rows) > self.limit else None
        if cursor is not None:
            _link_to(cursor)
        return {"items": items, "next": cursor}


class PageQuery(Schema):
    """`?limit=` and `?cursor=`; loads to a `Page`."""

    limit = ma.fields.Integer(
        load_default=50,
        validate=ma.validate.Range(1, MOST, error="Ask for 1 to 100 items at once."),
        metadata={"description": "How many items at most."},
    )
    cursor = ma.fields.String(metadata={"description": "`next` of the page before; opaque."})

    @ma.post_load
    def page(self, data: dict[str, Any], **_: Any) -> Page:
        return Page(data["limit"], read_cursor(data["cursor"]) if "cursor" in data else None)


def write_cursor(key: Any) -> str:
    """Write the key of a row as a word that only this list takes: sealed, so no query ever meets a made-up key."""
    content = json.dumps(key, default=str).encode()
    return base64.urlsafe_b64encode(_seal(content) + content).decode().rstrip("=")


def read_cursor(cursor: str) -> Any:
    """Read what `write_cursor` wrote for this list; raise ValidationError on anything else."""
    try:
        sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        sealed = b""
    seal, content = sealed[:SEAL], sealed[SEAL:]
    if not hmac.compare_digest(seal, _seal(content)):
        raise ma.ValidationError("This is no cursor of this list: use `next` of the page before.", "cursor")
    return json.loads(content)


def _seal(content: bytes) -> bytes:
    key = config.secret("form-key").encode()
    return hmac.digest(key, b"cursor\n" + request.path.encode() + b"\n" + content, hashlib.sha256)[:SEAL]


def _link_to(cursor: str) -> None:
    query = request.args.to_dict() | {"cursor": cursor}
    address = f"{request.path}?{urlencode(query)}"

    @after_this_request
    def add_link(response: Response) -> Response:
        response.headers["Link"] = f'<{address}>; rel="next"'
        return response
