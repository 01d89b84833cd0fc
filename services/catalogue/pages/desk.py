"""The designer's desk: the design as it reads now, how far it has come, and what can be done next."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.catalogue import commands, sheet, words
from services.catalogue.domain import policy
from services.catalogue.domain.annex import KEYED, MANDATORY
from services.catalogue.domain.completeness import advice, gaps
from services.catalogue.domain.document import LIMIT
from services.catalogue.domain.draft import Draft
from services.catalogue.domain.shapes import Fault
from services.catalogue.pages.blueprint import Saving, anchor_of, pages, reading, saving, to_desk
from services.kernel.documents import canonical
from services.kernel.http import idempotent, read_form, redisplay, require_actor, signed_in, unchanged, url
from services.kernel.http.schemas import Text


class Recalling(Saving):
    """Why a submission is taken back."""

    reason = Text(max=1000, lines=True, load_default=None)


@pages.get("/drafts/<id:draft_id>")
@signed_in(*policy.STAFF)
def desk(draft_id: str) -> str:
    """A draft on the desk."""
    actor = require_actor()
    draft = commands.draft(actor, draft_id)
    submitter = commands.name_of(draft.pending.by) if draft.pending else None
    return render_template(
        "catalogue/desk.html",
        draft=draft,
        absent=[name for name in words.NAMES if not draft.document.get(name)],
        keyed=KEYED,
        mandatory=MANDATORY,
        gaps=[_told(draft, gap) for gap in gaps(draft.document)],
        advice=[_told(draft, hint) for hint in advice(draft.document)],
        submitter=submitter,
        mine=draft.pending is not None and draft.pending.by == actor.person,
        leads=actor.has("lead"),
        size=len(canonical(draft.document)),
        limit=LIMIT,
        **reading(draft.document),
    )


@pages.get("/drafts/<id:draft_id>/state")
@signed_in(*policy.STAFF)
def state(draft_id: str) -> ResponseReturnValue:
    """Whether the draft is still as a page shows it."""
    return unchanged(commands.draft(require_actor(), draft_id).tag)


@pages.post("/drafts/<id:draft_id>/submission")
@signed_in("lead")
@redisplay(desk)
@idempotent
def submit(draft_id: str) -> ResponseReturnValue:
    """Put the newest version forward for the seal."""
    commands.submit(require_actor(), draft_id, saving()["version"])
    return to_desk(draft_id, "submitted")


@pages.get("/drafts/<id:draft_id>/recall")
@signed_in("lead")
def recall_form(draft_id: str) -> str:
    """The form that takes a submission back."""
    return render_template("catalogue/recall.html", draft=commands.draft(require_actor(), draft_id))


@pages.post("/drafts/<id:draft_id>/recall")
@signed_in("lead")
@redisplay(recall_form)
@idempotent
def recall(draft_id: str) -> ResponseReturnValue:
    """Take the submission back."""
    wish = read_form(Recalling)
    commands.recall(require_actor(), draft_id, wish["version"], wish["reason"])
    return to_desk(draft_id, "recalled")


@pages.post("/drafts/<id:draft_id>/publication")
@signed_in("lead")
@redisplay(desk)
@idempotent
def publish(draft_id: str) -> ResponseReturnValue:
    """Publish the sealed version."""
    event = commands.publish(require_actor(), draft_id, saving()["version"])
    return redirect(url("catalogue.credential", credential_id=event.data["credential"], done="published"), 303)


def _told(draft: Draft, gap: Fault) -> tuple[str, str, str]:
    """Return where a gap is closed, what that place is called, and the sentence."""
    _, name, *key = gap.pointer.split("/")
    if not draft.document.get(name):
        form = "catalogue.add" if name in KEYED else "catalogue.edit"
        return url(form, draft_id=draft.id, name=name), words.NAMES[name].heading, gap.sentence
    headings = {part.pointer: part.heading for part in sheet.parts(draft.document)[name]}
    place = f"/{name}/{key[0]}" if name in KEYED else f"/{name}"
    return f"#{anchor_of(place)}", headings[place], gap.sentence
