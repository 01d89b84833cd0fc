"""The form with which an organisation endorses a design, or parts of it."""

from typing import Any

import marshmallow as ma
from flask import render_template
from flask.typing import ResponseReturnValue

from services.codesign import commands, reading
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.pages.blueprint import pages, to_consultation
from services.codesign.schemas.incoming import Endorsing
from services.kernel.http import idempotent, read_form, redisplay, require_actor, signed_in
from services.kernel.http.schemas import Choice

COVERS = ("whole", "parts")


class EndorsementForm(Endorsing):
    """An endorsement as it is filled in: of the whole design, or of the parts that are ticked."""

    cover = Choice(COVERS, required=True)

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> NewEndorsement:
        cover, elements = data.pop("cover"), tuple(data.pop("elements", ()))
        if cover == "whole" and elements:
            raise ma.ValidationError(
                "You chose the whole design and ticked parts of it. Choose one or the other.", "cover"
            )
        return NewEndorsement(**data, elements=elements if cover == "parts" else None)


@pages.get("/consultations/<id:consultation_id>/endorse")
@signed_in("reviewer", scope="consultation_id")
def endorse_form(consultation_id: str) -> str:
    """The form that endorses."""
    return render_template("codesign/endorse.html", consultation=reading.whole(require_actor(), consultation_id))


@pages.post("/consultations/<id:consultation_id>/endorse")
@signed_in("reviewer", scope="consultation_id")
@redisplay(endorse_form)
@idempotent
def endorse(consultation_id: str) -> ResponseReturnValue:
    """Record the endorsement."""
    event = commands.endorse(require_actor(), consultation_id, read_form(EndorsementForm))
    return to_consultation(consultation_id, "endorsement", "endorsements", of=event)
