"""One comment as a request: signed in, with a key of its own."""

import json
from dataclasses import dataclass
from functools import cache

from services.kernel import ids
from services.kernel.events import Actor
from tests.people import token


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sent."""

    path: str
    body: bytes
    headers: dict[str, str]
    key: str


def request_to(actor: Actor, consultation: str) -> Asked:
    """Make the request of one more comment."""
    said = {"pointer": "/outcomes/lo-store", "kind": "concern", "text": "The distances differ from those in our plan."}
    key = ids.new_id()
    headers = {"Authorization": f"Bearer {_token(actor)}", "Idempotency-Key": key}
    return Asked(f"/codesign/api/v1/consultations/{consultation}/comments", json.dumps(said).encode(), headers, key)


@cache
def _token(actor: Actor) -> str:
    return token(actor)
