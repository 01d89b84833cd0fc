"""The story of a design: the design and its consultations as they were at any moment."""

from flask import render_template

from services.audit import stories
from services.audit.pages.blueprint import pages
from services.audit.reading.consultations import Comment
from services.audit.reading.elements import hashes
from services.audit.reading.outline import outline
from services.audit.schemas import StoryQuery
from services.audit.stories import Story
from services.kernel.http import current_actor, public, read_query


@pages.get("/drafts/<id:draft_id>")
@public
def story(draft_id: str) -> str:
    """A design and its consultations as they were after an entry."""
    found = stories.story(current_actor(), draft_id, read_query(StoryQuery)["at"])
    newest = found.design.newest
    document = newest.document if newest and newest.document else {}
    return render_template(
        "audit/story.html",
        story=found,
        design=found.design,
        names=found.names,
        outline=outline(document),
        elements=hashes(document),
        changed=changed(found),
        comments=comments_by_element(found),
    )


def changed(story: Story) -> frozenset[str]:
    """Return the elements that the last entry changed or added, where that entry made a version."""
    versions = [version for version in story.design.versions if version.document]
    if len(versions) < 2 or versions[-1].entry.idx != story.latest.idx:
        return frozenset()
    before, after = (hashes(version.document or {}) for version in versions[-2:])
    return frozenset(pointer for pointer, hash in after.items() if before.get(pointer) != hash)


def comments_by_element(story: Story) -> dict[str, list[Comment]]:
    """Return the comments of all consultations by the element they are on."""
    found: dict[str, list[Comment]] = {}
    for consultation in story.consultations:
        for comment in consultation.comments.values():
            found.setdefault(comment.element, []).append(comment)
    return found
