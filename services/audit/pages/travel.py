"""Time travel: a design and its consultations as they were at any moment, and two moments beside each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.audit.pages.blueprint import anchor_of, pages
from services.audit.pages.queries import CompareQuery, TravelQuery
from services.audit.reading import differing
from services.audit.reading.consultations import Comment
from services.audit.reading.designs import Design
from services.audit.reading.differing import Element
from services.audit.reading.elements import hashes
from services.audit.reading.outline import outline
from services.audit.telling import moments, stories
from services.audit.telling.stories import Story
from services.audit.words.phrases import capital, count, listed
from services.kernel.http import current_actor, public, read_query, url

AROUND = 100  # moments before, and after, that are told on the page of one; a slider reaches all of them


@pages.get("/drafts/<id:draft_id>")
@public
def story(draft_id: str) -> ResponseReturnValue:
    """A design and its consultations as they were after an entry, or by a moment in time."""
    asked = read_query(TravelQuery)
    if asked["step"] is not None:
        return redirect(
            url("audit.story", draft_id=draft_id, at=stories.step(current_actor(), draft_id, asked["step"]))
        )
    found = stories.story(current_actor(), draft_id, moments.entry_at(asked["at"]))
    document, touched = document_of(found.design), changed(found)
    return render_template(
        "audit/story.html",
        story=found,
        design=found.design,
        names=found.names,
        covered=moments.covered(asked["at"]),
        outline=outline(document),
        elements=hashes(document),
        changed=touched,
        first=(first := max(len(found.told) - AROUND, 0)),
        around=found.moments[first : len(found.told) + AROUND],
        here=place_of(found, touched),
        comments=comments_by_element(found),
    )


@pages.get("/drafts/<id:draft_id>/compare")
@public
def compare(draft_id: str) -> str:
    """Two moments of a design beside each other."""
    asked = read_query(CompareQuery)
    points = asked["first"], asked["second"]
    before, after = stories.pair(current_actor(), draft_id, [moments.entry_at(point) for point in points])
    documents = document_of(before.design), document_of(after.design)
    return render_template(
        "audit/compare.html",
        before=before,
        after=after,
        covered=[moments.covered(point) for point in points],
        names=after.names,
        elements=(elements := differing.elements(*documents)),
        **(said := said_between(before, after)),
        summary=summary(elements, said),
        fallen=differing.fallen(before.consultations, *documents),
        between=after.told[len(before.told) :],
    )


def summary(elements: Sequence[Element], said: Mapping[str, Sequence[Any]]) -> str:
    """Say in a sentence or two what differs between two moments."""
    number = sum(element.state != "same" for element in elements)
    design = f"{count(number, 'part')} of {len(elements)} in the design {'differs' if number == 1 else 'differ'}"
    acts = {
        "comments": ("comment was made", "comments were made"),
        "answers": ("comment was answered", "comments were answered"),
        "endorsements": ("endorsement was given", "endorsements were given"),
    }
    found = [count(len(said[kind]), *words) for kind, words in acts.items() if said[kind]]
    between = f" {capital(listed(found))} between the two." if found else ""
    return f"{capital(design) if number else 'The design is the same in both, word for word'}.{between}"


def said_between(before: Story, after: Story) -> dict[str, Any]:
    """Return what was said between two moments, by what it is."""
    both = before.consultations, after.consultations
    return {
        "comments": differing.new_comments(*both),
        "answers": differing.answers(*both),
        "endorsements": differing.new_endorsements(*both),
    }


def document_of(design: Design) -> dict[str, Any]:
    """Return the document of the newest version; an empty one where it cannot be made again."""
    return (design.newest.document if design.newest else None) or {}


def changed(story: Story) -> frozenset[str]:
    """Return the elements that the last entry changed or added, where that entry made a version."""
    versions = [version for version in story.design.versions if version.document]
    if len(versions) < 2 or versions[-1].entry.idx != story.latest.idx:
        return frozenset()
    before, after = (hashes(version.document or {}) for version in versions[-2:])
    return frozenset(pointer for pointer, hash in after.items() if before.get(pointer) != hash)


def place_of(story: Story, changed: frozenset[str]) -> str | None:
    """Return the name of the place on the page where the last entry shows, None where it has none of its own."""
    at, data = story.latest.idx, story.latest.entry.event.data
    for consultation in story.consultations:
        for comment in consultation.comments.values():
            if at in (comment.entry.idx, *(answer.idx for answer in comment.dispositions)):
                return f"comment-{comment.id}"
    if story.latest.entry.type == "codesign.endorsement.given.v1":
        return f"endorsement-{data.get('endorsement')}"
    return next((anchor_of(pointer) for pointer in hashes(document_of(story.design)) if pointer in changed), None)


def comments_by_element(story: Story) -> dict[str, list[Comment]]:
    """Return the comments of all consultations by the element they are on."""
    found: dict[str, list[Comment]] = {}
    for consultation in story.consultations:
        for comment in consultation.comments.values():
            found.setdefault(comment.element, []).append(comment)
    return found
