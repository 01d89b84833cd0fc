"""The REST doors of the inbox. Everybody sees their own and nobody else's."""

from typing import Any

from services.kernel.http import ANYWHERE, ApiBlueprint, Page, PageQuery, require_actor, signed_in
from services.notifications import commands
from services.notifications.schemas import Inbox, Until

api = ApiBlueprint("notifications", __name__, description="Who was told of what: a person's own inbox.")


@api.route("/notices")
@signed_in(scope=ANYWHERE)
@api.arguments(PageQuery, location="query")
@api.response(200, Inbox)
def inbox(page: Page) -> dict[str, Any]:
    """Your notices: what is new first, each part newest first."""
    actor = require_actor()
    lines = commands.inbox(actor, after=page.after, limit=page.limit + 1)
    return {**page.of(lines, key="place"), "unread": commands.unread(actor)}


@api.route("/notices/<id:notice>/read", methods=["POST"])
@signed_in(scope=ANYWHERE)
@api.response(204)
def read(notice: str) -> None:
    """Mark one of your notices as read; doing it twice is the same as once."""
    commands.read(require_actor(), notice)


@api.route("/notices/read", methods=["POST"])
@signed_in(scope=ANYWHERE)
@api.arguments(Until)
@api.response(204)
def read_all(seen: dict[str, str]) -> None:
    """Mark as read everything up to the newest notice you have seen; what came since stays new."""
    commands.read_all(require_actor(), seen["until"])
