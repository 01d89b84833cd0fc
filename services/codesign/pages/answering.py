"""One comment with its answer, and the form that answers it."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.codesign import commands, reading
from services.codesign.pages.blueprint import pages, to_consultation
from services.codesign.schemas.incoming import Answering
from services.kernel.errors import NotFound
from services.kernel.http import ANYWHERE, idempotent, read_form, redisplay, require_actor, signed_in, url
from services.kernel.language import say


@pages.get("/comments/<id:comment_id>")
@signed_in(scope=ANYWHERE)
def comment(comment_id: str) -> ResponseReturnValue:
    """A comment, where it stands on the page of its consultation."""
    found = reading.comment(require_actor(), comment_id)
    place = url("codesign.consultation", consultation_id=found["consultation"])
    return redirect(f"{place}#comment-{comment_id}", 303)


@pages.get("/consultations/<id:consultation_id>/comments/<id:comment_id>/answer")
@signed_in("designer", "lead")
def answer_form(consultation_id: str, comment_id: str) -> str:
    """The form that answers a comment."""
    actor = require_actor()
    found = reading.comment(actor, comment_id)
    if found["consultation"] != consultation_id:
        raise NotFound(say("There is no such comment in this consultation."))
    consultation = reading.consultation(actor, consultation_id)
    later = [(str(n), f"Version {n}") for n in range(found["version"] + 1, consultation["version"] + 1)]
    return render_template("codesign/answer.html", comment=found, consultation=consultation, later=later)


@pages.post("/consultations/<id:consultation_id>/comments/<id:comment_id>/answer")
@signed_in("designer", "lead")
@redisplay(answer_form)
@idempotent
def answer(consultation_id: str, comment_id: str) -> ResponseReturnValue:
    """Record the disposition and its reason."""
    event = commands.record_disposition(require_actor(), comment_id, read_form(Answering))
    return to_consultation(consultation_id, "answer", f"comment-{comment_id}", of=event)
