"""What every template can say: addresses, moments, hashed static files, who is signed in."""

import hashlib
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Response as WerkzeugResponse

from services.kernel import clock
from services.kernel.http import languages
from services.kernel.http.access import public
from services.kernel.language import say

STATIC = files("services.kernel.http").joinpath("static")
YEAR = 365 * 24 * 3600

NAVIGATION = (
    ("catalogue", say("Designs"), "/catalogue/"),
    ("codesign", say("Consultations"), "/codesign/"),
    ("notifications", say("Inbox"), "/notifications/"),
    ("audit", say("Record"), "/audit/"),
)


def dress(app: Flask) -> None:
    """Give an application the static files and the words its templates use."""
    app.add_url_rule("/static/<digest>/<path:name>", "static-file", _static)
    app.jinja_env.globals.update(url=url, when=when, day=day, static_url=static_url, crumb=crumb, navigation=NAVIGATION)
    languages.speak(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def url(target: str, *parts: str, **values: Any) -> str:
    """Return an address: of an endpoint of this application (`codesign.comment`) or of a path (`/catalogue/drafts/{}`).

    Pages of another service are named by path: its endpoints may live in another process.
    """
    if not target.startswith("/"):
        return url_for(target, **values)
    path = target.format(*(quote(str(part), safe="") for part in parts))
    query = urlencode({name: value for name, value in values.items() if value is not None})
    return f"{path}?{query}" if query else path


def local_path(text: str | None, otherwise: str = "/") -> str:
    """Return text where it is a path on this very site, else the other: nobody is ever redirected to another site."""
    safe = (
        text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    )
    return text if safe and text else otherwise


def when(moment: datetime | str) -> Markup:
    """Write a moment for people: 1 March 2026, 09:30 UTC."""
    at = _moment(moment)
    return _time(clock.rfc3339(at), languages.current().when(at))


def day(moment: datetime | str) -> Markup:
    """Write the day of a moment: 1 March 2026."""
    at = _moment(moment)
    return _time(f"{at:%Y-%m-%d}", languages.current().day(at))


def crumb(name: str, address: str) -> Markup:
    """Write one step of the way to a page."""
    return Markup('<li><a href="{}">{}</a></li>').format(address, languages.said(name))


@cache
def digest_of(name: str) -> str:
    """Return the first twelve hex digits of a static file's SHA-256."""
    return hashlib.sha256(STATIC.joinpath(name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a static file; it changes with its content, so browsers may keep it for ever."""
    return f"/static/{digest_of(name)}/{name}"


@public
def _static(digest: str, name: str) -> WerkzeugResponse:
    response = send_from_directory(str(STATIC), name, request.environ, max_age=YEAR)
    if digest != digest_of(name):
        raise NotFound
    response.cache_control.immutable = True
    return response


def _moment(moment: datetime | str) -> datetime:
    return (clock.parse(moment) if isinstance(moment, str) else moment).astimezone(UTC)


def _time(machine: str, human: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, human)
