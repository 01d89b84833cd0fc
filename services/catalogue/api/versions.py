"""Going back to an earlier version, and making what a comment suggests a new one."""

from typing import Any

from flask.typing import ResponseReturnValue

from services.catalogue import commands
from services.catalogue.api.blueprint import HERE, api, changes_a_draft
from services.catalogue.schemas import Restore
from services.kernel.events import Event
from services.kernel.http import Created, created, idempotent, if_match, require_actor, signed_in


@api.route("/drafts/<id:draft_id>/versions/<int:number>/restoration", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@changes_a_draft()
@api.arguments(Restore)
@api.response(201, Created)
def restore(wish: dict[str, Any], draft_id: str, number: int) -> ResponseReturnValue:
    """Put the words of an earlier version back, as the next version."""
    return _made(draft_id, commands.restore(require_actor(), draft_id, if_match(), number, wish.get("summary")))


@api.route("/drafts/<id:draft_id>/suggestions/<id:comment_id>", methods=["POST"])
@signed_in("designer", "lead")
@idempotent
@changes_a_draft()
@api.response(201, Created)
def apply_suggestion(draft_id: str, comment_id: str) -> ResponseReturnValue:
    """Make what a comment suggests the next version; 409 `patch-conflict` where the words have changed since."""
    return _made(draft_id, commands.apply(require_actor(), draft_id, if_match(), comment_id))


def _made(draft_id: str, event: Event) -> ResponseReturnValue:
    version = event.data["version"]
    return created(event, f"{HERE}/drafts/{draft_id}/versions/{version}", version=version)
