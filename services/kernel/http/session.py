"""Who asks: the session token, signed by accounts alone, verified here with the public half of its key."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from flask import g, request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.kernel import clock, config, keys, revocation
from services.kernel.errors import Forbidden, SignInNeeded, Unavailable
from services.kernel.events import Actor
from services.kernel.http.place import current_service
from services.kernel.language import say

COOKIE = "__Host-countersign"
ISSUER = "countersign"
LEEWAY = 2  # seconds that the clocks of two machines may differ; `iat` has a fraction, `now` has none
ALGORITHMS = ["EdDSA", "Ed25519"]  # the old name of RFC 8037 and the new one of RFC 9864: the same signature


def current_actor() -> Actor | None:
    """Return who asks, or None where there is no valid session. Asked once per request.

    Raise Unavailable where the database cannot say whether the session was revoked: "go on" could be wrong.
    """
    if "actor" not in g:
        g.actor = _ask()
    actor: Actor | None = g.actor
    return actor


def require_actor(*roles: str) -> Actor:
    """Return who asks; raise SignInNeeded without a session, Forbidden where none of the named roles is held."""
    actor = current_actor()
    if actor is None:
        raise SignInNeeded(say("Please sign in: you are not signed in, or your session has ended."))
    if roles and not actor.has(*roles):
        raise Forbidden(
            say("Your role in this organisation does not allow this. Ask the person who invited you for the right one.")
        )
    return actor


def known_actor() -> Actor | None:
    """Return who asks where it was found out already: a template asks no database."""
    actor: Actor | None = g.get("actor")
    return actor


def recognise() -> None:
    """Find out who asks on a page that is for everybody; where that cannot be said now, it is nobody."""
    try:
        current_actor()
    except Unavailable:
        g.actor = None


def has_bearer() -> bool:
    """Say whether the request names its session itself, as programs do; a browser never does so unasked."""
    return request.headers.get("Authorization", "").startswith("Bearer ")


def _ask() -> Actor | None:
    token = request.headers["Authorization"][len("Bearer ") :] if has_bearer() else request.cookies.get(COOKIE)
    claims = read(token) if token else None
    if claims is None or _revoked(claims):
        return None
    return Actor(
        person=claims["sub"],
        organisation=claims.get("org"),
        roles=frozenset(claims.get("roles", ())),
        session=claims["sid"],
        scope=claims.get("scope"),
    )


def read(token: str) -> dict[str, Any] | None:
    """Return the claims of a token that accounts signed and that has not expired, else None."""
    try:
        claims = jwt.decode(
            token, _public_key(str(config.secrets_folder() / keys.PUBLIC)), algorithms=ALGORITHMS
        ).claims
        _registry().validate(claims)
    except (JoseError, ValueError):
        return None
    return claims


def _registry() -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": ISSUER},
        sub={"essential": True},
        sid={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
    )


def _revoked(claims: dict[str, Any]) -> bool:
    issued_at = datetime.fromtimestamp(claims["iat"], UTC)
    return revocation.is_revoked(current_service(), claims["sid"], claims["sub"], issued_at)


@lru_cache(maxsize=4)
def _public_key(path: str) -> OKPKey:
    with open(path, "rb") as file:
        return OKPKey.import_key(file.read())
