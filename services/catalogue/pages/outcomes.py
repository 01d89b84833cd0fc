"""One learning outcome made two, or two made one; what comes of it is shown before anything is saved."""

import unicodedata

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.catalogue import commands, differences, sheet
from services.catalogue.domain import elements, policy
from services.catalogue.domain.acts import Revision
from services.catalogue.domain.document import outcome_ids
from services.catalogue.domain.draft import Draft
from services.catalogue.pages.blueprint import pages, saving, to_desk
from services.kernel import ids
from services.kernel.documents import Document
from services.kernel.errors import Invalid, NotFound
from services.kernel.http import idempotent, redisplay, require_actor, signed_in
from services.kernel.language import say

HERE = "/drafts/<id:draft_id>"


@pages.get(f"{HERE}/split/<key>")
@signed_in(*policy.STAFF)
def split_form(draft_id: str, key: str) -> str:
    """The words of an outcome, to be parted in two."""
    draft = _draft(draft_id, key)
    text = draft.document["outcomes"][key].get("text", {})
    return render_template("catalogue/split.html", draft=draft, texts={code: text[code] for code in sheet.spoken(text)})


@pages.post(f"{HERE}/split/<key>")
@signed_in(*policy.STAFF)
@redisplay(split_form)
@idempotent
def split(draft_id: str, key: str) -> ResponseReturnValue:
    """Make one outcome two: the first keeps its id and what was said about it."""
    draft = _draft(draft_id, key)
    first, second = _texts("first"), _texts("second")
    for name, texts in (("first", first), ("second", second)):
        if not texts:
            language = next(iter(draft.document["outcomes"][key]["text"]))
            message = say("Each of the two needs words of its own.")
            raise Invalid(message, fields={f"/{name}/{language}": [message]})
    _save(draft, elements.split(draft.document, key, f"lo-{ids.new_id()[-8:]}", first, second))
    return to_desk(draft_id, "split", f"outcomes-{key}")


@pages.get(f"{HERE}/join/<key>")
@signed_in(*policy.STAFF)
def join_form(draft_id: str, key: str) -> str:
    """Which outcome to join with this one (`?with=`), and what would come of it."""
    draft = _draft(draft_id, key)
    parts = [part for part in sheet.parts(draft.document)["outcomes"] if part.key != key]
    other = request.values.get("with", "")
    there = any(part.key == other for part in parts)
    return render_template(
        "catalogue/join.html",
        draft=draft,
        parts=parts,
        other=other if there else "",
        changes=differences.changes(draft.document, elements.joined(draft.document, key, other)) if there else [],
    )


@pages.post(f"{HERE}/join/<key>")
@signed_in(*policy.STAFF)
@redisplay(join_form)
@idempotent
def join(draft_id: str, key: str) -> ResponseReturnValue:
    """Make two outcomes one, which keeps the id of this one."""
    draft = _draft(draft_id, key)
    other = request.form.get("with", "")
    if other == key or other not in outcome_ids(draft.document):
        raise NotFound(say("Choose another outcome of this design to join it with."))
    _save(draft, elements.joined(draft.document, key, other))
    return to_desk(draft_id, "joined", f"outcomes-{key}")


def _draft(draft_id: str, key: str) -> Draft:
    draft = commands.draft(require_actor(), draft_id)
    if key not in outcome_ids(draft.document):
        raise NotFound(say("There is no such outcome in this design. It may have been taken away in a newer version."))
    return draft


def _save(draft: Draft, after: Document) -> None:
    said = saving()
    wish = Revision(document=after, summary=said["summary"], answers=said["answers"])
    commands.revise(require_actor(), draft.id, said["version"], wish)


def _texts(name: str) -> dict[str, str]:
    sent = {
        field.removeprefix(f"{name}."): text for field, text in request.form.items() if field.startswith(f"{name}.")
    }
    texts = {code: unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip() for code, text in sent.items()}
    return {code: text for code, text in texts.items() if text}
