"""The blueprint of the catalogue's REST doors, and what several of them ask for."""

from collections.abc import Callable
from typing import Any, TypeVar

from services.kernel.http import ApiBlueprint

HERE = "/catalogue/api/v1"
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version you saw. Without it 428; where the draft has moved on 412.",
    "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    "example": '"3"',
}
JSON_PATCH = {"content": {"application/json-patch+json": {"schema": {"type": "array", "items": {"type": "object"}}}}}

api = ApiBlueprint(
    "catalogue",
    "services.catalogue.api",
    description="Drafts of micro-credentials, their versions, and the designs that were published. "
    "A draft is seen by the designers and leads of its provider alone; what is published, by everybody.",
)


View = TypeVar("View", bound=Callable[..., Any])


def changes_a_draft(**described: Any) -> Callable[[View], View]:
    """Say in the OpenAPI document that a door asks for `If-Match`."""
    describe: Callable[[View], View] = api.doc(parameters=[IF_MATCH], **described)
    return describe
