"""What a command answers: ids only, for the answer is kept a day for its Idempotency-Key."""

from typing import Any

from services.kernel.events import Event
from services.kernel.http.conditional import etag

Answer = tuple[Any, dict[str, str]]


def created(event: Event, location: str, *, id: str | None = None, version: int | None = None) -> Answer:
    """Answer a command that made something: its id, the event that says so, and where to find it (`Location`).

    `id` where it is not the subject of the event, as a comment within its consultation; `version` for the entity tag.
    """
    body = {"id": id or event.subject, "event": event.id, "sequence": event.sequence}
    headers = {"Location": location}
    return body, headers if version is None else headers | {"ETag": etag(version)}


def with_etag(body: Any, version: int) -> Answer:
    """Answer with a body and the entity tag of its version."""
    return body, {"ETag": etag(version)}
