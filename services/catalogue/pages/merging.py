"""Where two people changed the same element: yours beside theirs, field by field, and every typed word kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import g, request
from werkzeug.datastructures import MultiDict

from services.catalogue import commands, differences, forms, sent
from services.catalogue.differences import Piece
from services.catalogue.domain.draft import Draft
from services.catalogue.domain.merging import Filled, Merged, merged
from services.catalogue.forms import Element, Options
from services.kernel.errors import Invalid, Stale
from services.kernel.http import require_actor
from services.kernel.http.forms import Form, current_form
from services.kernel.language import say

BASE = "base"  # the version both began with; a form with it has been asked
TAKE, YOURS, OWN = "take:", "yours:", "own:"


@dataclass(frozen=True, slots=True)
class Question:
    """One field that both changed: what it is called, both readings against the one before, and what was chosen."""

    name: str
    label: str
    language: str | None
    rows: int
    max: int | None
    typed: bool
    mine: str
    own: str
    yours: tuple[Piece, ...]
    theirs: tuple[Piece, ...]
    choice: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """The page's questions, what needs none, and the versions it is about."""

    base: int
    questions: tuple[Question, ...]
    taken: Filled
    from_mine: Sequence[tuple[str, str | None]]
    from_theirs: Sequence[tuple[str, str | None]]


def meant(draft: Draft, element: Element) -> Mapping[str, Sequence[str]]:
    """Return the words a form means: as they were sent, or as was chosen between two readings."""
    words = _sent(request.form)
    if BASE not in words:
        return words
    asked = [name.removeprefix(YOURS) for name in words if name.startswith(YOURS)]
    missing = {
        f"/{TAKE}{name}".replace(".", "/"): [say("Choose whose words to keep.")]
        for name in asked
        if _one(words, f"{TAKE}{name}") not in ("mine", "theirs", "own")
    }
    if missing:
        raise Invalid(say("Both of you changed something here. Say which words to keep."), fields=missing)
    return _chosen(draft, element, words)


def meeting(draft: Draft, element: Element) -> Meeting | None:
    """Return what to ask, where the form being shown again met another's change of the same element; else None."""
    form = current_form()
    words = _sent(form.words)
    if BASE in words and not isinstance(form.refusal, Stale):
        if not any(pointer.startswith(f"/{TAKE}") for pointer in form.fields):
            _show_chosen(form, _chosen(draft, element, words))
            return None
        return _meeting(draft, element, words[BASE][0], _own(words), form)
    if not isinstance(form.refusal, Stale):
        return None
    mine = _chosen(draft, element, words) if BASE in words else words
    return _meeting(draft, element, _one(words, "version"), mine, Form())


def _meeting(
    draft: Draft, element: Element, base: str, mine: Mapping[str, Sequence[str]], form: Form
) -> Meeting | None:
    before = _element_at(draft, element, base)
    if before is None or before.value == element.value:
        return None
    document = draft.document
    found = merged(
        sent.filled(document, element, before.value),
        sent.filled(document, element, forms.read(before, mine)),
        sent.filled(document, element, element.value),
        sent.several(document, element),
    )
    return Meeting(
        int(base),
        tuple(_questions(draft, element, found, form)),
        found.taken,
        [_called(draft, element, name) for name in found.from_mine],
        [_called(draft, element, name) for name in found.from_theirs],
    )


def _questions(draft: Draft, element: Element, found: Merged, form: Form) -> list[Question]:
    questions = []
    for asked in found.asked:
        field, language = sent.field_of(draft.document, element, asked.name)
        options: Options = field.options if field is not None and field.kind == "select" else ()
        base, mine, theirs = (_said(options, text) for text in (asked.base, asked.mine, asked.theirs))
        questions.append(
            Question(
                name=asked.name,
                label=field.label if field else asked.name,
                language=language,
                rows=field.rows if field else 1,
                max=field.max if field else None,
                typed=not options,
                mine=asked.mine,
                own=form.value(f"{OWN}{asked.name}", asked.mine),
                yours=differences.difference(base, mine),
                theirs=differences.difference(base, theirs),
                choice=form.value(f"{TAKE}{asked.name}"),
            )
        )
    return questions


def _said(options: Options, text: str) -> str:
    return next((label for key, label in options if key == text), text) if text else ""


def _called(draft: Draft, element: Element, name: str) -> tuple[str, str | None]:
    field, language = sent.field_of(draft.document, element, name)
    return (field.label if field else name), language


def _chosen(draft: Draft, element: Element, words: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Return the words with each question answered; one without an answer keeps the person's own."""
    seen = _element_at(draft, element, _one(words, "version"))
    theirs = sent.filled(draft.document, element, seen.value if seen else None)
    answered = dict(_own(words))
    for name in [name.removeprefix(YOURS) for name in words if name.startswith(YOURS)]:
        take = _one(words, f"{TAKE}{name}")
        if take == "theirs":
            answered[name] = theirs.get(name, ())
        elif take == "own":
            answered[name] = words.get(f"{OWN}{name}", ())
    return answered


def _own(words: Mapping[str, Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Return the words as the person had them before anything was asked."""
    plain = {name: values for name, values in words.items() if ":" not in name}
    return plain | {name.removeprefix(YOURS): values for name, values in words.items() if name.startswith(YOURS)}


def _show_chosen(form: Form, chosen: Mapping[str, Sequence[str]]) -> None:
    pairs = [(name, value) for name, values in chosen.items() if name != BASE for value in values]
    g.form = Form(MultiDict(pairs), form.refusal)


def _element_at(draft: Draft, element: Element, number: str) -> Element | None:
    """Return an element as it was in a version that a form names; None where that names no version of this draft."""
    if not (number.isascii() and number.isdigit() and len(number) < 10 and 0 < int(number) <= draft.version):
        return None
    if int(number) == draft.version:
        return element
    document = commands.version(require_actor(), draft.id, int(number))["document"]
    found = forms.element(document, element.name, element.key)
    return replace(element, value=found.value if found else None)


def _sent(words: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = words.to_dict(flat=False)
    return found


def _one(words: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(words.get(name, ())), "")
