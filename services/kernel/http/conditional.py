"""Changes to a thing that has a version: who changes it says which version they saw."""

import re

from flask import Response, request
from werkzeug.wrappers import Response as WerkzeugResponse

from services.kernel.errors import PreconditionRequired, Stale
from services.kernel.language import say

_ETAG = re.compile(r'"([0-9]{1,18})"')


def etag(version: int) -> str:
    """Write a version as a strong entity tag: `"3"`."""
    return f'"{version}"'


def unchanged(tag: str) -> WerkzeugResponse:
    """Answer a page that asks whether it is still as it was (`live` in look.html): 304 at this tag, else 204."""
    response = Response(status=204, headers={"Cache-Control": "no-cache"})
    response.set_etag(tag)
    return response.make_conditional(request)


def if_match() -> int:
    """Return the version the request was made against, from `If-Match`.

    Raise PreconditionRequired (428) where it is missing, Stale (412) where it is no tag of ours.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired(
            say('Say which version you change: send its ETag in the header If-Match, such as If-Match: "3".')
        )
    matched = _ETAG.fullmatch(given.strip())
    if matched is None:
        raise Stale(
            say(
                "The If-Match of the request, {given!r}, is no tag of this thing. Fetch it again and send its ETag.",
                given=given[:40],
            )
        )
    return int(matched[1])


def require_if_match(current: int) -> None:
    """Raise PreconditionRequired (428) without `If-Match`, Stale (412) where it is not the current version."""
    seen = if_match()
    if seen != current:
        raise Stale(
            say(
                "Version {seen} was changed meanwhile: it is at version {current} now. Fetch it, look at "
                "what changed, and try again.",
                seen=seen,
                current=current,
            )
        )
