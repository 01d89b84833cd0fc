"""Requests that change something come from our own pages: asked of the browser, and of a token in every form.

The token is an HMAC over the session id, so nothing is kept. A form of another site is refused; a form of ours that is
too old (the session ended, or another began) is answered with the person's words and one button, never with lost words.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Response, current_app, g, make_response, render_template, request
from markupsafe import Markup

from services.kernel import config, ids
from services.kernel.errors import Forbidden
from services.kernel.http.look import local_path
from services.kernel.http.place import is_api
from services.kernel.http.session import current_actor, has_bearer
from services.kernel.language import say

View = TypeVar("View", bound=Callable[..., Any])

SAFE = ("GET", "HEAD", "OPTIONS")
TOKEN, KEY = "_token", "_key"


class OldForm(Forbidden):
    """The form belongs to another session than the present one; its words are kept."""

    default_code = "old-form"


def check_origin() -> None:
    """Raise Forbidden where the browser says that a page of another site sent this."""
    if request.method in SAFE or has_bearer():
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (origin is not None and not _ours(origin)):
        raise Forbidden(
            say("This came from a page of another site, so nothing was done. Open the page here and send it again."),
            code="cross-site",
        )


def hands_on(view: View) -> View:
    """Let a view take forms without the token of the present session: one that only hands them on to their own view."""
    view.hands_on = True  # type: ignore[attr-defined]  # functions take attributes; Flask's views are functions
    return view


def check_token() -> None:
    """Raise OldForm where a page's form does not carry the token of the present session."""
    view = current_app.view_functions[request.endpoint or ""]
    if request.method in SAFE or is_api() or getattr(view, "hands_on", False):
        return
    if not hmac.compare_digest(request.form.get(TOKEN, ""), token()):
        raise OldForm(
            say("You signed in again after this page was opened. Nothing was lost: look at it once more and send it.")
        )


def csrf_field() -> Markup:
    """Write the hidden fields every form needs: the token, and the key that makes sending twice act once."""
    return _hidden(token(), ids.new_id())


def token() -> str:
    """Return the token of the present session (of nobody's, before sign-in)."""
    actor = current_actor()
    session = actor.session if actor and actor.session else ""
    made: dict[str, str] = g.setdefault("form_tokens", {})  # a page of 200 forms asks 200 times
    if session not in made:
        key = config.secret("form-key").encode()
        made[session] = hmac.new(key, b"form\n" + session.encode(), hashlib.sha256).hexdigest()
    return made[session]


def keep_words(target: str, message: str, *, status: int, renew: bool = False) -> Response:
    """Answer a form that cannot be taken now with a page of its words and one button, which sends them to `target`.

    `renew` sends them by way of accounts, which renews the session where it can and hands the form on (307). Accounts
    calls this too, where it cannot: the person signs in in another tab and presses the button again.
    """
    words = [(name, value) for name, value in request.form.items(multi=True) if name not in (TOKEN, KEY)]
    # a renewed session is the same session, so the form keeps the token and the key it came with
    own = _hidden(request.form.get(TOKEN, ""), request.form.get(KEY, "")) if renew else csrf_field()
    page = render_template("words.html", target=local_path(target), message=message, words=words, own=own, renew=renew)
    return make_response(page, status)


def _hidden(token: str, key: str) -> Markup:
    field = '<input type="hidden" name="{}" value="{}">'
    return Markup(field + field).format(TOKEN, token, KEY, key)


def _ours(origin: str) -> bool:
    return origin == config.public_url() or urlsplit(origin).netloc == request.host
