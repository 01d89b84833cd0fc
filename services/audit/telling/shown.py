"""What the REST doors show of entries and stories, as plain values."""

from collections.abc import Sequence
from typing import Any

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.designs import Version
from services.audit.reading.elements import hashes
from services.audit.signing.checkpoints import Published
from services.audit.telling.moments import Covered
from services.audit.telling.states import State
from services.audit.telling.stories import Story
from services.audit.telling.timeline import Told, Whole
from services.audit.telling.trace import Change, Edge, Row
from services.audit.telling.what_if import WhatIf
from services.audit.vouching.handing_out import Heads, Proof
from services.audit.vouching.proving import Consistency
from services.audit.vouching.receipts import READY, Receipt
from services.kernel.events import ERASED


def line(told: Told) -> dict[str, Any]:
    """Show one entry of the timeline."""
    event, words = told.entry.event, told.sentence.words
    return {
        "idx": told.idx,
        "event": event.id,
        "type": event.type,
        "source": event.source,
        "subject": event.subject,
        "sequence": event.sequence,
        "organisation": event.organisation,
        "actor": event.actor,
        "time": event.time,
        "said": str(told.sentence),
        "words": _words(words),
        "erased": words is ERASED,
        "design": told.design,
    }


def detail(whole: Whole) -> dict[str, Any]:
    """Show one entry with all that is kept of it."""
    return line(whole.told) | {
        "body": whole.told.entry.event.body.decode(errors="replace"),
        "leaf": whole.leaf.hex(),
        "fits": whole.fits,
        "entered_at": whole.entered_at,
        "position": whole.position,
        "private": whole.private,
    }


def heads(found: Heads) -> dict[str, Any]:
    """Show the record as it is now."""
    published = checkpoint(found.published) if found.published else None
    return {"size": found.size, "root": found.root.hex(), "published": published}


def checkpoint(found: Published) -> dict[str, Any]:
    """Show a published checkpoint."""
    return {"size": found.size, "root": found.root.hex(), "at": found.at, "note": found.note.decode()}


def proof(found: Proof) -> dict[str, Any]:
    """Show that an entry is in a tree."""
    shown, hashes = found.inclusion, [hash.hex() for hash in found.inclusion.path]
    known = {"idx": shown.idx, "size": shown.size, "leaf": shown.leaf.hex(), "path": hashes, "root": shown.root.hex()}
    return known | {"checkpoint": checkpoint(found.published) if found.published else None}


def consistency(found: Consistency) -> dict[str, Any]:
    """Show that one tree continues another."""
    roots = {"old_root": found.old_root.hex(), "new_root": found.new_root.hex()}
    return {"old": found.old, "new": found.new, "path": [hash.hex() for hash in found.path], **roots}


def receipt(found: Receipt, address: str) -> dict[str, Any]:
    """Show how far the proof of an act is; `address` is where it will be."""
    proof = address if found.state == READY else None
    return {"event": found.event, "state": found.state, "entry": found.entry, "proof": proof}


def as_of(found: Covered | None) -> dict[str, Any] | None:
    """Show what a moment means; None where an entry was asked for."""
    return {"asked": found.asked, "size": found.size, "at": found.at} if found else None


def story(found: Story) -> dict[str, Any]:
    """Show a design and its consultations as of an entry."""
    newest = found.design.newest
    elements = hashes(newest.document) if newest and newest.document else {}
    return {
        "id": found.design.id,
        "at": found.at,
        "previous": found.previous,
        "next": found.next,
        "title": found.design.title,
        "provider": found.design.provider,
        "version": newest.number if newest else None,
        "document": newest.document if newest else None,
        "published": bool(found.design.published),
        "versions": [_version(version) for version in found.design.versions],
        "consultations": [_consultation(one, elements) for one in found.consultations],
        "entries": [told.idx for told in found.told],
    }


def consultation(found: State) -> dict[str, Any]:
    """Show a consultation by itself as of an entry."""
    read = found.consultation
    return {"at": found.at, "draft": read.draft} | _consultation(read, dict(found.elements))


def trace(at: int, design: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Show rows of the trace of a design as of an entry, and all their edges once."""
    edges = sorted({edge for row in rows for edge in row.edges}, key=lambda edge: (edge.said_by, edge.source))
    return {"at": at, "id": design, "rows": [_row(row) for row in rows], "edges": [_edge(edge) for edge in edges]}


def what_if(at: int, found: WhatIf) -> dict[str, Any]:
    """Show a suggestion applied to the version it was made for."""
    return {
        "at": at,
        "comment": _comment(found.comment),
        "version": found.version.number,
        "entry": found.version.entry.idx,
        "document": found.document,
        "suggested": found.suggested,
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "element": row.element,
        "label": row.label,
        "comment": _comment(row.comment) if row.comment else None,
        "became": row.became,
        "answered_in": sorted(row.answered_in),
        "changes": [_change(change) for change in row.changes],
        "endorsements": [given.entry.idx for given in row.endorsements],
        "publications": [entry.idx for entry in row.publications],
        "stands": row.stands,
        "edges": [_edge(edge) for edge in row.edges],
    }


def _change(change: Change) -> dict[str, Any]:
    hashes = {"before": change.before, "after": change.after}
    return {"element": change.element, "version": change.version, "entry": change.entry.idx, **hashes}


def _edge(edge: Edge) -> dict[str, Any]:
    return {"kind": edge.kind, "source": edge.source, "target": edge.target, "said_by": edge.said_by}


def _version(version: Version) -> dict[str, Any]:
    return {
        "number": version.number,
        "entry": version.entry.idx,
        "time": version.entry.time,
        "stated_hash": version.stated_hash,
        "found_hash": version.found_hash,
        "whole": version.whole,
        "problem": version.problem,
    }


def _consultation(read: Consultation, elements: dict[str, str]) -> dict[str, Any]:
    return {
        "id": read.id,
        "version": read.version,
        "visibility": read.visibility,
        "closes_at": read.closes_at,
        "participants": list(read.participants),
        "comments": [_comment(comment) for comment in read.comments.values()],
        "endorsements": [_endorsement(endorsement, elements) for endorsement in read.endorsements],
        "sealed": read.seal is not None,
    }


def _comment(comment: Comment) -> dict[str, Any]:
    answer = comment.disposition
    return {
        "id": comment.id,
        "entry": comment.entry.idx,
        "organisation": comment.entry.event.organisation,
        "element": comment.element,
        "version": comment.version,
        "kind": comment.kind,
        "text": _words(comment.entry.open("text")),
        "disposition": answer.get("disposition") if answer else None,
        "reason": _words(answer.open("reason")) if answer else None,
    }


def _endorsement(endorsement: Endorsement, elements: dict[str, str]) -> dict[str, Any]:
    return {
        "id": endorsement.id,
        "entry": endorsement.entry.idx,
        "organisation": endorsement.organisation,
        "version": endorsement.version,
        "interest": endorsement.interest,
        "elements": endorsement.covers,
        "stands": endorsement.stands_for(elements),
    }


def _words(value: Any) -> str | None:
    return value if isinstance(value, str) else None
