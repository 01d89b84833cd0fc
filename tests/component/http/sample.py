"""A made-up service's doors, to test what holds for every door; its notices are those of the notifications contract."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import marshmallow as ma
from flask import Flask, redirect, render_template_string
from flask.typing import ResponseReturnValue

from services.kernel import db, errors, ids, outbox
from services.kernel.events import Actor, Event, Fact
from services.kernel.http import (
    ANYWHERE,
    ApiBlueprint,
    Created,
    Listing,
    Page,
    PageBlueprint,
    PageQuery,
    Schema,
    application,
    create_app,
    created,
    idempotent,
    public,
    read_form,
    redisplay,
    require_actor,
    require_if_match,
    signed_in,
    url,
    with_etag,
)
from services.kernel.http.schemas import Choice, Id, LanguageMap, Moment, Pointer, Text

SERVICE = "notifications"
API = f"/{SERVICE}/api/v1"

FORM = """
{% extends "base.html" %}
{% from "look.html" import area, choice, field, notice, submit %}
{% block title %}A notice{% endblock %}
{% block body %}
{{ notice({"sent": "The notice is recorded."}) }}
<form method="post">
  {{ csrf_field() }}
  {{ field("about", "About what?", required=True) }}
  {{ area("text", "Your words", max=100, required=True) }}
  {{ choice("channel", "How?", [("inbox", "Inbox"), ("email", "Mail")], value="inbox") }}
  {{ submit("Send") }}
</form>
{% endblock %}
"""


class NewNotice(Schema):
    """A wish."""

    about = Id(required=True)
    text = Text(required=True, max=100, lines=True)
    channel = Choice(["inbox", "email"], load_default="inbox")
    title = LanguageMap(max=20)
    at = Moment()
    element = Pointer()
    hours = ma.fields.Integer(validate=ma.validate.Range(0, 100, error="Between 0 and 100 hours."))


class Notice(Schema):
    """One of a list."""

    id = ma.fields.String(required=True)


class Notices(Listing):
    """A list."""

    items = ma.fields.List(ma.fields.Nested(Notice), required=True)


def tell(actor: Actor, wish: dict[str, Any]) -> Event:
    """The command: refuses the word "no", and breaks at other words after its event is written."""
    notice = ids.new_id()
    data = {
        "notice": notice,
        "person": actor.person,
        "about": wish["about"],
        "about_type": "sample",
        "channel": wish["channel"],
    }
    with db.of(SERVICE).transaction() as tx:
        event = outbox.emit(tx, Fact("notifications.notice.delivered.v1", notice, data, actor))
        if wish["text"] == "no":
            raise errors.Refused("Such a notice is not sent. Say something else.", fields={"/text": ["Not this word."]})
        if wish["text"] == "broken":
            own = "notifications_own.outbox"
            tx.execute(f"INSERT INTO {own} (event_id, type, body) SELECT event_id, 'twice', body FROM {own}")
        if wish["text"] == "too much":
            tx.execute("SELECT (%(words)s || '!')::integer", {"words": wish["text"]})
        return event


def app() -> Flask:
    """An application with these doors alone."""
    real, application._module = application._module, _module
    try:
        return create_app([SERVICE])
    finally:
        application._module = real


def _module(name: str) -> Any:
    return SimpleNamespace(pages=_pages(), api=_api()) if name.endswith(("api", "pages")) else None


def _api() -> ApiBlueprint:
    api = ApiBlueprint(SERVICE, __name__, description="Notices, as an example.")

    @api.route("/notices", methods=["POST"])
    @signed_in("designer", "lead")
    @idempotent
    @api.arguments(NewNotice)
    @api.response(201, Created)
    def send_notice(wish: dict[str, Any]) -> ResponseReturnValue:
        """Send a notice."""
        event = tell(require_actor(), wish)
        return created(event, f"/notifications/api/v1/notices/{event.subject}")

    @api.route("/notices")
    @signed_in()
    @api.arguments(PageQuery, location="query")
    @api.response(200, Notices)
    def notices(page: Page) -> Any:
        """All notices."""
        start = 0 if page.after is None else page.after + 1
        return page.of([{"id": n} for n in range(start, min(start + page.limit + 1, 7))], key="id")

    @api.route("/notices/<id:notice_id>", methods=["GET"])
    @signed_in(scope="notice_id")
    @api.response(200, Notice)
    def notice(notice_id: str) -> ResponseReturnValue:
        """One notice, always at version 3."""
        return with_etag({"id": notice_id}, 3)

    @api.route("/notices/<id:notice_id>", methods=["PUT"])
    @signed_in(scope=ANYWHERE)
    @api.response(204)
    def change(notice_id: str) -> None:  # noqa: ARG001  # named in the path
        """Change a notice, which is at version 3."""
        require_if_match(3)

    @api.route("/forgotten")
    def forgotten() -> dict[str, str]:
        """A view that says nothing of who may call it."""
        return {"id": "secret"}

    @api.route("/away")
    @public
    def away() -> None:
        """Something we need is away."""
        raise errors.Unavailable("The database does not answer just now.")

    @api.route("/others")
    @signed_in()
    @api.arguments(PageQuery, location="query")
    @api.response(200, Notices)
    def others(page: Page) -> Any:  # noqa: ARG001  # it has none
        """Another list."""
        return Page().of([], key="id")

    @api.route("/mistake")
    @public
    def mistake() -> None:
        """We are wrong."""
        raise errors.Malformed("the fact breaks its contract: a secret of ours")

    return api


def _pages() -> PageBlueprint:
    pages = PageBlueprint(SERVICE, __name__)

    @pages.get("/notice")
    @signed_in("designer")
    def notice_form() -> str:
        return render_template_string(FORM)

    @pages.post("/notice")
    @signed_in("designer")
    @redisplay(notice_form)
    @idempotent
    def send_notice() -> ResponseReturnValue:
        event = tell(require_actor(), read_form(NewNotice))
        return redirect(url("notifications.notice_form", done="sent", notice=event.subject), 303)

    @pages.get("/open")
    @public
    def open_to_all() -> str:
        return render_template_string(FORM)

    return pages


def wish(**changes: Any) -> dict[str, Any]:
    """A notice that is taken, changed as said."""
    return {"about": ids.new_id(), "text": "Hello"} | changes


def events_about(words: str) -> int:
    """How many events in the outbox hold these words."""
    with db.of(SERVICE).transaction(read_only=True) as tx:
        count: int = tx.value(
            "SELECT count(*) FROM notifications_own.outbox WHERE convert_from(body, 'UTF8') LIKE %(words)s",
            {"words": f"%{words}%"},
        )
    return count
