"""People in tests: a browser for each, signed in with a token like those of accounts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import OKPKey
from werkzeug.test import TestResponse

from services.kernel import clock, config, ids, keys
from services.kernel.events import Actor
from services.kernel.http import COOKIE, create_app

_HIDDEN = re.compile(r'<input type="hidden" name="(?P<name>[^"]+)" value="(?P<value>[^"]*)">')


def person(*roles: str, organisation: str | None = None, scope: str | None = None) -> Actor:
    """A new person with a session of their own."""
    return Actor(ids.new_id(), organisation or ids.new_id(), frozenset(roles), session=ids.new_id(), scope=scope)


def token(actor: Actor, *, issued_at: datetime | None = None, lasts: timedelta = timedelta(minutes=10)) -> str:
    """A session token as accounts signs them."""
    at = issued_at or clock.now()
    claims: dict[str, Any] = {
        "iss": "countersign",
        "sub": actor.person,
        "sid": actor.session,
        "org": actor.organisation,
        "roles": sorted(actor.roles),
        "scope": actor.scope,
        "iat": at.timestamp(),
        "exp": int((at + lasts).timestamp()),
    }
    key = OKPKey.import_key((config.secrets_folder() / keys.PRIVATE).read_bytes())
    return jwt.encode({"alg": "Ed25519"}, claims, key, algorithms=["Ed25519"])


def browse(*services: str, app: Flask | None = None) -> FlaskClient:
    """A browser before the pages and REST doors of these services, of nobody in particular."""
    return (app or create_app(services)).test_client()


def sign_in(client: FlaskClient, actor: Actor, **how: Any) -> FlaskClient:
    """Sign a person in with this browser; `how` is what `token` takes."""
    client.set_cookie(COOKIE, token(actor, **how))
    return client


def post(client: FlaskClient, path: str, fields: Mapping[str, Any] | None = None, *, form: str = "") -> TestResponse:
    """Fill in the form on the page `form` (by default at the same path) and send it, its hidden fields with it."""
    page = client.get(form or path)
    assert page.status_code == 200, page.text
    return client.post(path, data=hidden_fields(page) | dict(fields or {}))


def hidden_fields(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page, with the one-time key and the token among them."""
    return {found["name"]: found["value"] for found in _HIDDEN.finditer(page.text)}


def told(response: TestResponse, *pointers: str) -> Sequence[str]:
    """What a problem says of the named places, in order; fails where one is not named."""
    errors = response.get_json()["errors"]
    by_place = {error.get("pointer", f"?{error.get('parameter')}"): error["detail"] for error in errors}
    return [by_place[pointer] for pointer in pointers]
