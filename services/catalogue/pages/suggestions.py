"""What a comment suggests, held against the design as it reads now, and applied by one click."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.catalogue import commands, differences
from services.catalogue.domain import changes, policy
from services.catalogue.domain.acts import Suggestion
from services.catalogue.domain.draft import Draft
from services.catalogue.pages.blueprint import anchor_of, pages, saving, to_desk
from services.kernel.documents import Document, elements
from services.kernel.errors import Refused
from services.kernel.http import idempotent, redisplay, require_actor, signed_in

HERE = "/drafts/<id:draft_id>/suggestions/<id:comment_id>"


@pages.get(HERE)
@signed_in(*policy.STAFF)
def suggestion(draft_id: str, comment_id: str) -> str:
    """A suggestion as a difference; where the words have changed since, both sides."""
    draft = commands.draft(require_actor(), draft_id)
    wish = commands.suggestion(require_actor(), draft_id, comment_id)
    then = commands.version(require_actor(), draft_id, wish.version)["document"]
    fits = _after(draft.document, wish)
    asked = _after(then, wish)
    return render_template(
        "catalogue/suggestion.html",
        draft=draft,
        wish=wish,
        fits=fits is not None,
        done=asked is not None and _done(then, asked, draft.document),
        now=differences.changes(draft.document, fits) if fits is not None else [],
        asked=differences.changes(then, asked) if asked is not None else [],
        meanwhile=differences.changes(then, draft.document),
        place=_place(draft, wish),
    )


@pages.post(HERE)
@signed_in(*policy.STAFF)
@redisplay(suggestion)
@idempotent
def apply(draft_id: str, comment_id: str) -> ResponseReturnValue:
    """Make what a comment suggests the next version."""
    commands.apply(require_actor(), draft_id, saving()["version"], comment_id)
    wish = commands.suggestion(require_actor(), draft_id, comment_id)
    return to_desk(draft_id, "applied", anchor_of(wish.pointer))


def _after(document: Document, wish: Suggestion) -> Document | None:
    """Return a document with the suggestion in it; None where it does not fit, or there is none any more."""
    try:
        return None if wish.patch is None else changes.applied(document, wish.patch)
    except Refused:
        return None


def _done(then: Document, asked: Document, now: Document) -> bool:
    """Say whether each element that a suggestion touches reads as it asked."""
    was, wanted, held = elements(then), elements(asked), elements(now)
    return all(held.get(place) == wanted.get(place) for place in was | wanted if was.get(place) != wanted.get(place))


def _place(draft: Draft, wish: Suggestion) -> tuple[str, str | None] | None:
    """Return the form of the element a suggestion speaks of, where the design still has it."""
    _, name, *rest = wish.pointer.split("/")
    keyed = name in draft.document.get("order", {})
    key = rest[0] if keyed and rest else None
    there = key in draft.document.get(name, {}) if keyed else name in draft.document
    return (name, key) if there else None
