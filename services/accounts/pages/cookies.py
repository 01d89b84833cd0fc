"""The two cookies of a session: its token, read by every service, and the secret that renews it, for accounts."""

from flask import request
from werkzeug.wrappers import Response

from services.accounts.commands import Opened
from services.kernel import clock
from services.kernel.http import COOKIE

RENEWAL = "__Secure-countersign-renewal"
RENEWAL_PATH = "/accounts"


def renewal_secret() -> str:
    """Return the renewal secret this browser holds, or an empty text."""
    return request.cookies.get(RENEWAL, "")


def give(response: Response, opened: Opened) -> Response:
    """Let the browser keep a session."""
    now = clock.now()
    token_lasts, renewal_lasts = opened.expires_at - now, opened.renewable_until - now
    _set(response, COOKIE, opened.token, "/", int(token_lasts.total_seconds()))
    _set(response, RENEWAL, opened.renewal, RENEWAL_PATH, int(renewal_lasts.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    return response


def take_back(response: Response) -> Response:
    """Let the browser forget its session."""
    _set(response, COOKIE, "", "/", 0)
    _set(response, RENEWAL, "", RENEWAL_PATH, 0)
    return response


def _set(response: Response, name: str, value: str, path: str, seconds: int) -> None:
    response.set_cookie(name, value, max_age=seconds, path=path, secure=True, httponly=True, samesite="Lax")
