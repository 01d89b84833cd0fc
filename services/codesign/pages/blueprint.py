"""The blueprint of the pages of co-design, and what all its templates can say."""

from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from services.codesign import suggested, words
from services.kernel import ids
from services.kernel.events import Event
from services.kernel.http import PageBlueprint, url

pages = PageBlueprint("codesign", "services.codesign")


@pages.context_processor
def vocabulary() -> dict[str, Any]:
    """Let every template of co-design speak of consultations."""
    return {
        "words_of": words,
        "missing_of": words.missing,
        "suggested": suggested,
        "anchor_of": anchor_of,
        "receipt": awaited(),
    }


@dataclass(frozen=True, slots=True)
class Awaited:
    """The event whose proof the page waits for, and its place among those of its consultation."""

    event: str
    sequence: int


def awaited() -> Awaited | None:
    """Return the event whose proof the address asks to wait for, where it names one."""
    event, sequence = request.args.get("receipt", ""), request.args.get("sequence", 0, type=int)
    return Awaited(event, sequence) if ids.is_id(event) else None


def language() -> str:
    """Return the language a design is to be read in: `?language=`, else English."""
    return request.values.get("language", "en")[:20]


def anchor_of(pointer: str) -> str:
    """Return the name of an element's place on a page."""
    return "-".join(pointer.split("/")[1:3])


def to_consultation(consultation_id: str, done: str, at: str = "", of: Event | None = None) -> ResponseReturnValue:
    """Go to a consultation, and say there what was done; `at` is the part of the page to look at.

    `of` is the event that says so: its proof is waited for there.
    """
    spoken = language()
    receipt = {"receipt": of.id, "sequence": of.sequence} if of else {}
    query = {"done": done} | ({} if spoken == "en" else {"language": spoken}) | receipt
    place = url("codesign.consultation", consultation_id=consultation_id, **query)
    return redirect(place + (f"#{at}" if at else ""), 303)
