"""The trace of a design, as a table and as a picture, and what a suggestion would have made of it."""

from collections.abc import Iterable, Mapping, Sequence

from flask import render_template

from services.audit.pages.blueprint import pages
from services.audit.pages.queries import TraceQuery
from services.audit.reading import differing
from services.audit.reading.elements import label
from services.audit.reading.entries import Entry
from services.audit.telling import moments, stories
from services.audit.telling.picture import HEIGHT, WIDTH, picture
from services.audit.telling.stories import Story
from services.audit.telling.trace import Edge, Row, Trace
from services.audit.telling.trace import trace as traced
from services.audit.telling.what_if import what_if as applied
from services.audit.words.phrases import count
from services.audit.words.vocabulary import DISPOSITIONS, KINDS
from services.kernel.errors import NotFound
from services.kernel.http import current_actor, public, read_query
from services.kernel.language import say

MOST_DRAWN = 60  # comments; of more the table alone is shown


@pages.get("/drafts/<id:draft_id>/trace")
@public
def trace(draft_id: str) -> str:
    """What led to what: forward from comments to the published words, or back from an element or a comment."""
    asked = read_query(TraceQuery)
    found = stories.story(current_actor(), draft_id, moments.entry_at(asked["at"]))
    whole = traced(found.design, found.consultations)
    rows = asked_for(whole, asked["element"], asked["comment"])
    return render_template(
        "audit/trace.html",
        story=found,
        design=found.design,
        names=found.names,
        asked=asked,
        rows=rows,
        box_size=(WIDTH, HEIGHT),
        elements=elements_of(found, whole),
        history=whole.history.get(asked["element"], ()),
        picture=picture(found.told, edges_of(rows), words(found, rows)) if len(rows) <= MOST_DRAWN else None,
    )


@pages.get("/drafts/<id:draft_id>/what-if/<id:comment_id>")
@public
def what_if(draft_id: str, comment_id: str) -> str:
    """A suggestion, applied to the version it was made for, beside that version."""
    found = stories.story(current_actor(), draft_id)
    tried = applied(found.design, list(found.consultations), comment_id)
    return render_template(
        "audit/what_if.html",
        design=found.design,
        names=found.names,
        tried=tried,
        elements=differing.elements(tried.document, tried.suggested),
    )


def asked_for(whole: Trace, element: str | None, comment: str | None) -> Sequence[Row]:
    """Return the rows that touch an element, or the one of a comment; all where neither is asked for."""
    if comment is not None:
        row = whole.of_comment(comment)
        if row is None:
            raise NotFound(say("There is no such comment on this design in the record, or it is not open to you."))
        return [row]
    if element is not None and element not in whole.history:
        raise NotFound(say("No version of this design has such an element, or it is not open to you."))
    return whole.about(element) if element is not None else whole.rows


def elements_of(story: Story, whole: Trace) -> list[tuple[str, str]]:
    """Return every element there ever was, by what it is called in the version that had it last."""
    newest = story.design.newest
    document = newest.document if newest else None
    return [
        (pointer, label(document, pointer) if changes[-1].after else changes[-1].label)
        for pointer, changes in whole.history.items()
    ]


def edges_of(rows: Iterable[Row]) -> list[Edge]:
    """Return every edge of some rows once."""
    return sorted({edge for row in rows for edge in row.edges}, key=lambda edge: (edge.said_by, edge.source))


def words(story: Story, rows: Sequence[Row]) -> Mapping[int, tuple[str, str]]:
    """Return a name for every entry in some rows, and a word more about it."""
    found: dict[int, tuple[str, str]] = {}
    entries = {told.idx: told.entry for told in story.told}
    for row in rows:
        if row.comment:
            entry = row.comment.entry
            found[entry.idx] = (story.names.organisation(entry.event.organisation), KINDS.get(row.comment.kind, ""))
        for given in row.endorsements:
            what = "the whole design" if given.whole else count(len(given.covers), "element")
            found[given.entry.idx] = (story.names.organisation(given.organisation), what)
        for change in row.changes:
            found[change.entry.idx] = (f"Version {change.version}", "")
        for idx in {end for edge in row.edges for end in (edge.source, edge.target)} - found.keys():
            found[idx] = _plain(entries[idx])
    return found


def _plain(entry: Entry) -> tuple[str, str]:
    if entry.type == "codesign.disposition.recorded.v1":
        return DISPOSITIONS.get(entry.get("disposition") or "", "answered").capitalize(), ""
    number = entry.event.data.get("version")
    what = {"codesign.consultation.sealed.v1": "Sealed", "catalogue.credential.published.v1": "Published"}
    version = f"Version {number}" if isinstance(number, int) else ""
    return (what[entry.type], version.lower()) if entry.type in what else (version, "")
