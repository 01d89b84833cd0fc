"""What a replay came to, as plain values: drafts, consultations and published designs, ready for canonical JSON."""

from collections.abc import Iterator
from typing import Any

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.designs import Design, Version
from services.audit.reading.entries import Entry
from services.audit.reading.replaying import Replayed
from services.kernel import clock
from services.kernel.events import ERASED

State = dict[str, Any]


def states(of: Replayed) -> Iterator[tuple[str, str, State]]:
    """Yield kind (drafts, consultations, published), id and state of what there is of a design."""
    if of.design.versions:
        yield "drafts", of.design.id, draft(of.design)
    for one in of.consultations:
        yield "consultations", one.id, consultation(one)
    for entry in of.design.published:
        yield "published", entry.get("credential") or entry.event.id, credential(of.design, entry)


def draft(read: Design) -> State:
    """Tell of a design: every version with its hash, and the document of the newest."""
    newest = read.newest
    return {
        "id": read.id,
        "provider": read.provider,
        "version": newest.number if newest else None,
        "document": newest.document if newest else None,
        "versions": [_version(version) for version in read.versions],
        "submissions": [
            {"id": one.id, "version": one.version, "entry": one.entry.idx, "recalled": one.id in read.recalled}
            for one in read.submissions
        ],
        "published": [entry.idx for entry in read.published],
    }


def consultation(read: Consultation) -> State:
    """Tell of a consultation: who was asked, what was said, what became of it, who endorses it, whether it is sealed.

    Private words that were erased are null.
    """
    return {
        "id": read.id,
        "draft": read.draft,
        "entry": read.opened.idx if read.opened else None,
        "version": read.version,
        "visibility": read.visibility,
        "closes_at": clock.rfc3339(read.closes_at) if read.closes_at else None,
        "question": _words(read.opened, "question") if read.opened else None,
        "participants": {organisation: entry.idx for organisation, entry in read.participants.items()},
        "comments": [_comment(comment) for comment in read.comments.values()],
        "endorsements": [_endorsement(given) for given in read.endorsements],
        "answers": [{"entry": entry.idx, "type": entry.type} for entry in read.answers],
        "sealed": read.seal.idx if read.seal else None,
    }


def credential(read: Design, entry: Entry) -> State:
    """Tell of a publication: which version, and the document that was published."""
    number = entry.event.data.get("version")
    version = read.version(number) if isinstance(number, int) else None
    return {
        "id": entry.get("credential"),
        "draft": read.id,
        "entry": entry.idx,
        "organisation": entry.get("organisation"),
        "version": number,
        "document_hash": entry.get("document_hash"),
        "document": version.document if version else None,
    }


def _version(version: Version) -> State:
    return {
        "number": version.number,
        "entry": version.entry.idx,
        "time": clock.rfc3339(version.entry.time),
        "document_hash": version.stated_hash,
        "whole": version.whole,
        "answers": version.entry.event.data.get("answers") or [],
        "summary": _words(version.entry, "summary"),
    }


def _comment(comment: Comment) -> State:
    said = comment.entry
    return {
        "id": comment.id,
        "entry": said.idx,
        "organisation": said.event.organisation,
        "actor": said.event.actor,
        "pointer": said.get("pointer"),
        "element": comment.element,
        "element_hash": said.get("element_hash"),
        "version": comment.version,
        "kind": comment.kind,
        "text": _words(said, "text"),
        "suggestion": _words(said, "suggestion"),
        "public": said.event.data.get("public"),
        "dispositions": [
            {
                "entry": answer.idx,
                "disposition": answer.get("disposition"),
                "reason": _words(answer, "reason"),
                "answered_in": answer.event.data.get("answered_in"),
            }
            for answer in comment.dispositions
        ],
    }


def _endorsement(given: Endorsement) -> State:
    return {
        "id": given.id,
        "entry": given.entry.idx,
        "organisation": given.organisation,
        "actor": given.entry.event.actor,
        "version": given.version,
        "interest": given.interest,
        "elements": dict(given.covers),
        "statement": _words(given.entry, "statement"),
    }


def _words(entry: Entry, name: str) -> Any:
    value = entry.open(name)
    return None if value is ERASED else value
