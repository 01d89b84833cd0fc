"""Sentences about notices, about what operators did, and about the record itself."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import UNREADABLE, Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, capital, person, who
from services.audit.words.vocabulary import ABOUT, NOT_TOLD, SERVICES, WITHHELD


def _told(entry: Entry, names: Names) -> Said:
    channel = "by e-mail" if entry.get("channel") == "email" else "in the inbox"
    what = ABOUT.get(entry.get("about_type") or "", "of an entry")
    return capital(person(entry, names, entry.get("person"))), f"was told {channel} {what}", None


def _not_told(entry: Entry, names: Names) -> Said:
    ground = NOT_TOLD.get(entry.get("ground") or "", "it failed")
    what = ABOUT.get(entry.get("about_type") or "", "of an entry")
    return capital(person(entry, names, entry.get("person"))), f"could not be told {what}, because {ground}", None


def _redriven(entry: Entry, _: Names) -> Said:
    return "An operator", f"gave a message that was put aside to {entry.get('handler')} again", entry.open("because")


def _discarded(entry: Entry, _: Names) -> Said:
    return "An operator", f"gave up a message that {entry.get('handler')} could not take", entry.open("because")


def _gap_found(entry: Entry, _: Names) -> Said:
    return SERVICES["audit"], f"misses {_span(entry)}", None


def _gap_closed(entry: Entry, _: Names) -> Said:
    return SERVICES["audit"], f"has got, late, {_span(entry)}", None


def _succeeded(entry: Entry, _: Names) -> Said:
    size, origin = entry.event.data.get("size"), entry.get("origin")
    ended = f"took the place of {origin}, which ended with {size} entries, because: {entry.get('ground')}"
    return SERVICES["audit"], f"{ended} ({_carried(entry)})", None


def _carried(entry: Entry) -> str:
    size, carried = entry.event.data.get("size"), entry.event.data.get("carried")
    return "all of them follow" if carried == size else f"{carried} of them follow"


def _lost(entry: Entry, _: Names) -> Said:
    values = entry.event.data.get("values")
    number = len(values) if isinstance(values, list) else 0
    which = "the words of one entry" if number == 1 else f"words of entries, in {number} places"
    return SERVICES["audit"], f"lost {which}: no copy had them when it was recovered", None


def _span(entry: Entry) -> str:
    first, last = entry.event.data.get("first"), entry.event.data.get("last")
    numbers = f"event {first}" if first == last else f"events {first} to {last}"
    return f"{numbers} of {entry.get('about')} from {entry.get('producer')}"


def _withheld(entry: Entry, names: Names) -> Said:
    because = WITHHELD.get(entry.get("ground") or "", "for a ground that has no words here")
    proposed = names.person(entry.get("proposed_by")) if entry.close else "somebody"
    return who(entry, names), f"withheld one text {because}, as {proposed} had proposed; that it was said stays", None


def _unreadable(*_: object) -> Said:
    return "This entry", "cannot be read any more: its bytes were changed", None


def something_else(entry: Entry, names: Names) -> Said:
    """Say that there are no words for an entry, and which type it is of."""
    return who(entry, names), f"said something that this page has no words for ({entry.event.type})", None


SAY: Mapping[str, Callable[[Entry, Names], Said]] = {
    "notifications.notice.delivered.v1": _told,
    "notifications.notice.failed.v1": _not_told,
    "audit.gap.found.v1": _gap_found,
    "audit.gap.closed.v1": _gap_closed,
    "audit.log.succeeded.v1": _succeeded,
    "audit.values.lost.v1": _lost,
    "audit.text.withheld.v1": _withheld,
    UNREADABLE: _unreadable,
    **{f"{service}.message.redriven.v1": _redriven for service in SERVICES},
    **{f"{service}.message.discarded.v1": _discarded for service in SERVICES},
}
