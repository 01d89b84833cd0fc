"""The inbox as a page, and the count that other pages show beside their link to it."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.kernel.http import (
    ANYWHERE,
    PageBlueprint,
    PageQuery,
    read_form,
    read_query,
    require_actor,
    signed_in,
    url,
)
from services.notifications import commands
from services.notifications.schemas import Until

pages = PageBlueprint("notifications", __name__)


@pages.get("/")
@signed_in(scope=ANYWHERE)
def inbox() -> ResponseReturnValue:
    """What concerns you: what is new first."""
    actor, page = require_actor(), read_query(PageQuery)
    listing = page.of(commands.inbox(actor, after=page.after, limit=page.limit + 1), key="place")
    return render_template("notifications/inbox.html", listing=listing, unread=commands.unread(actor))


@pages.get("/notices/<id:notice>")
@signed_in(scope=ANYWHERE)
def follow(notice: str) -> ResponseReturnValue:
    """Go where a notice leads; it is read then."""
    return redirect(commands.follow(require_actor(), notice), 303)


@pages.post("/notices/<id:notice>/read")
@signed_in(scope=ANYWHERE)
def read(notice: str) -> ResponseReturnValue:
    """Mark one notice as read."""
    commands.read(require_actor(), notice)
    return redirect(url("notifications.inbox"), 303)


@pages.post("/read")
@signed_in(scope=ANYWHERE)
def read_all() -> ResponseReturnValue:
    """Mark everything as read that was on the page or before it."""
    commands.read_all(require_actor(), read_form(Until)["until"])
    return redirect(url("notifications.inbox", done="read"), 303)


@pages.get("/fragments/count")
@signed_in(scope=ANYWHERE)
def count() -> ResponseReturnValue:
    """How many notices are new, as a part of another page."""
    return render_template("notifications/count.html", unread=commands.unread(require_actor()))
