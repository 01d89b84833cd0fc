"""What the REST doors show of entries and stories, as plain values."""

from typing import Any

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.designs import Version
from services.audit.reading.elements import hashes
from services.audit.stories import Story
from services.audit.timeline import Told, Whole
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
