"""The forms that open a consultation and invite an organisation to it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import marshmallow as ma
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import fields

from services.codesign import commands, reading, words
from services.codesign.domain.opening import VISIBILITIES, NewConsultation
from services.codesign.pages.blueprint import pages, to_consultation
from services.codesign.schemas.incoming import MOST_INVITED, Invitee, number
from services.kernel import clock, ids
from services.kernel.errors import NotFound
from services.kernel.http import Schema, idempotent, read_form, redisplay, require_actor, signed_in, url
from services.kernel.http.schemas import Choice, Id, Text
from services.kernel.language import say

USUAL_DAYS = 14


class OpeningForm(Schema):
    """An opening as it is filled in: the closing moment as day, time and zone."""

    draft = Id(required=True)
    version = number(required=True)
    closes_at = fields.Date(required=True)
    closing_time = fields.Time(
        required=True, format="%H:%M", error_messages={"invalid": "This must be a time, like 17:00."}
    )
    zone = Choice(tuple(words.ZONES), required=True)
    organisations = fields.List(Id(), load_default=list, validate=ma.validate.Length(max=MOST_INVITED))
    visibility = Choice(VISIBILITIES, required=True)
    question = Text(max=1000, lines=True)

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewConsultation:
        closing: time = data.pop("closing_time")
        local = datetime.combine(data["closes_at"], closing, ZoneInfo(data.pop("zone")))
        return NewConsultation(
            **data | {"closes_at": local.astimezone(UTC), "organisations": tuple(data["organisations"])}
        )


@pages.get("/open")
@signed_in("designer", "lead")
def open_form() -> ResponseReturnValue:
    """The form that opens a consultation on a draft (`?draft=&version=`)."""
    draft_id = request.values.get("draft", "")
    if not ids.is_id(draft_id):
        raise NotFound(say("Which design? Go to the design and open the consultation from there."))
    found = reading.openable(require_actor(), draft_id)
    if found["draft"].consultation is not None and request.method == "GET":
        return redirect(url("codesign.consultation", consultation_id=found["draft"].consultation), 303)
    asked = request.values.get("version", "")
    return render_template(
        "codesign/open.html",
        version=int(asked) if asked.isdecimal() and len(asked) < 6 else found["draft"].newest,
        closes_on=(clock.now() + timedelta(days=USUAL_DAYS)).date(),
        **found,
    )


@pages.post("/open")
@signed_in("designer", "lead")
@redisplay(open_form)
@idempotent
def open_consultation() -> ResponseReturnValue:
    """Open it, and go there."""
    event = commands.open_consultation(require_actor(), read_form(OpeningForm))
    return to_consultation(event.subject, "opened")


@pages.get("/consultations/<id:consultation_id>/invite")
@signed_in("designer", "lead")
def invite_form(consultation_id: str) -> str:
    """The form that invites a registered organisation, with the way to invite somebody by address."""
    return render_template("codesign/invite.html", **reading.invitable(require_actor(), consultation_id))


@pages.post("/consultations/<id:consultation_id>/invite")
@signed_in("designer", "lead")
@redisplay(invite_form)
@idempotent
def invite(consultation_id: str) -> ResponseReturnValue:
    """Invite it."""
    wish = read_form(Invitee)
    commands.invite_organisation(require_actor(), consultation_id, wish["organisation"])
    return to_consultation(consultation_id, "invited", "participants")
