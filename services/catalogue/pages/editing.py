"""The forms of elements: fill in, add, take away, put in order. Each save is a version, on top of the one seen."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.catalogue import commands, forms, sheet, words
from services.catalogue.domain import elements, policy
from services.catalogue.domain.acts import Revision
from services.catalogue.domain.annex import KEYED
from services.catalogue.domain.draft import Draft
from services.catalogue.forms import NEW, Element
from services.catalogue.pages.blueprint import anchor_of, pages, reading, saving, to_desk
from services.catalogue.pages.merging import meant, meeting
from services.kernel import ids
from services.kernel.errors import Invalid, NotFound, Stale
from services.kernel.http import idempotent, redisplay, require_actor, signed_in
from services.kernel.http.forms import current_form
from services.kernel.language import say

HERE = "/drafts/<id:draft_id>"


@pages.get(f"{HERE}/edit/<name>")
@pages.get(f"{HERE}/edit/<name>/<key>")
@signed_in(*policy.STAFF)
def edit(draft_id: str, name: str, key: str | None = None) -> str:
    """The form of an element that is there, or of one that can be there once."""
    draft = commands.draft(require_actor(), draft_id)
    return _form(draft, _element(draft, name, key, late=_late(draft)))


@pages.post(f"{HERE}/edit/<name>")
@pages.post(f"{HERE}/edit/<name>/<key>")
@signed_in(*policy.STAFF)
@redisplay(edit)
@idempotent
def save(draft_id: str, name: str, key: str | None = None) -> ResponseReturnValue:
    """Save an element."""
    draft = commands.draft(require_actor(), draft_id)
    return _save(draft, _element(draft, name, key, late=_late(draft)), "saved")


@pages.get(f"{HERE}/add/<name>")
@signed_in(*policy.STAFF)
def add(draft_id: str, name: str) -> str:
    """The form of a new element among several."""
    draft = commands.draft(require_actor(), draft_id)
    return _form(draft, _new_element(draft, name, NEW))


@pages.post(f"{HERE}/add/<name>")
@signed_in(*policy.STAFF)
@redisplay(add)
@idempotent
def save_new(draft_id: str, name: str) -> ResponseReturnValue:
    """Add an element, last of its kind."""
    draft = commands.draft(require_actor(), draft_id)
    key = f"{KEYED[name].prefix}-{ids.new_id()[-8:]}" if name in KEYED else NEW
    return _save(draft, _new_element(draft, name, key), "added")


@pages.get(f"{HERE}/remove/<name>/<key>")
@signed_in(*policy.STAFF)
def remove_form(draft_id: str, name: str, key: str) -> str:
    """The question before an element goes."""
    draft = commands.draft(require_actor(), draft_id)
    _element(draft, name, key)
    part = next(part for part in sheet.parts(draft.document)[name] if part.key == key)
    return render_template("catalogue/remove.html", draft=draft, part=part)


@pages.post(f"{HERE}/remove/<name>/<key>")
@signed_in(*policy.STAFF)
@redisplay(remove_form)
@idempotent
def remove(draft_id: str, name: str, key: str) -> ResponseReturnValue:
    """Take an element away; its id is never used again."""
    draft = commands.draft(require_actor(), draft_id)
    _element(draft, name, key)
    _revise(draft, elements.removed(draft.document, name, key), saving())
    return to_desk(draft_id, "removed", name)


@pages.get(f"{HERE}/order/<name>")
@signed_in(*policy.STAFF)
def order_form(draft_id: str, name: str) -> str:
    """The order of a collection, changed by buttons; nothing is saved before it is said."""
    draft = commands.draft(require_actor(), draft_id)
    shown = reading(draft.document)
    found = {part.key: part for part in shown["parts"].get(name, ()) if part.key is not None}
    if not found:
        raise NotFound(say("There is nothing to put in order."))
    asked = current_form().values("order") or request.args.getlist("order")
    keys = asked if sorted(asked) == sorted(found) else list(found)
    for word, by in (("up", -1), ("down", 1)):
        keys = elements.moved(keys, request.args.get(word, ""), by)
    rows = [found[key] for key in keys]
    return render_template("catalogue/order.html", draft=draft, name=name, rows=rows, reading_in=shown["reading_in"])


@pages.post(f"{HERE}/order/<name>")
@signed_in(*policy.STAFF)
@redisplay(order_form)
@idempotent
def save_order(draft_id: str, name: str) -> ResponseReturnValue:
    """Save the order of a collection."""
    draft = commands.draft(require_actor(), draft_id)
    if name not in KEYED:
        raise NotFound(say("There is nothing to put in order."))
    _revise(draft, elements.ordered(draft.document, name, request.form.getlist("order")), saving())
    return to_desk(draft_id, "ordered", name)


def _element(draft: Draft, name: str, key: str | None, late: bool = False) -> Element:
    element = forms.element(draft.document, name, key)
    if element is None or (key is not None and element.value is None and not late):
        raise NotFound(say("There is no such element in this design. It may have been taken away in a newer version."))
    return element


def _late(draft: Draft) -> bool:
    """Say whether a form is sent that was made on an older version: its words are kept, whatever became of the rest."""
    return request.method == "POST" and request.form.get("version") != str(draft.version)


def _new_element(draft: Draft, name: str, key: str) -> Element:
    element = forms.element(draft.document, name, key)
    if element is None:
        raise NotFound(say("A design has no such elements."))
    return element


def _save(draft: Draft, element: Element, done: str) -> ResponseReturnValue:
    value = forms.read(element, meant(draft, element))
    try:
        _revise(draft, elements.put(draft.document, element.name, element.key, value), saving())
    except Invalid as refusal:
        raise Invalid(refusal.message, code=refusal.code, fields=_within(element, refusal.fields)) from refusal
    return to_desk(draft.id, done, anchor_of(element.pointer))


def _revise(draft: Draft, after: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    wish = Revision(document=after, summary=said["summary"], answers=said["answers"])
    commands.revise(require_actor(), draft.id, said["version"], wish)


def _within(element: Element, fields: Any) -> dict[str, list[str]]:
    """Name the places of a keyed element's faults as its form does: from the element on."""
    start = element.pointer if element.key is not None else ""
    return {pointer.removeprefix(start) or pointer: list(found) for pointer, found in fields.items()}


def _form(draft: Draft, element: Element) -> str:
    new = element.value is None
    name = words.NAMES[element.name]
    part = next((p for p in sheet.parts(draft.document).get(element.name, ()) if p.key == element.key), None)
    heading = part.heading if part and not new else name.one.capitalize()
    gone = new and element.key not in (None, NEW)
    if gone:
        element = replace(element, value=forms.read(element, request.form.to_dict(flat=False)))
    elif met := meeting(draft, element):
        answers = current_form().values("answers")
        return render_template("catalogue/merge.html", draft=draft, heading=heading, meeting=met, answers=answers)
    return render_template(
        "catalogue/edit.html",
        draft=draft,
        element=element,
        heading=heading,
        new=new,
        hint=name.hint,
        fields=forms.fields(draft.document, element),
        answers=current_form().values("answers", request.args.getlist("answers")),
        gone=gone,
        stale=isinstance(current_form().refusal, Stale),
    )
