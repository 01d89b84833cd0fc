"""Sentences about notices, about what operators did, and about the record itself."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import UNREADABLE, Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, capital, person, who
from services.audit.words.vocabulary import ABOUT, NOT_TOLD, SERVICES, WITHHELD
from services.kernel.language import say


def _told(entry: Entry, names: Names) -> Said:
    channel = say("by e-mail") if entry.get("channel") == "email" else say("in the inbox")
    what = ABOUT.get(entry.get("about_type") or "", say("of an entry"))
    return (
        capital(person(entry, names, entry.get("person"))),
        say("was told {channel} {what}", channel=channel, what=what),
        None,
    )


def _not_told(entry: Entry, names: Names) -> Said:
    ground = NOT_TOLD.get(entry.get("ground") or "", say("it failed"))
    what = ABOUT.get(entry.get("about_type") or "", say("of an entry"))
    return (
        capital(person(entry, names, entry.get("person"))),
        say("could not be told {what}, because {ground}", what=what, ground=ground),
        None,
    )


def _redriven(entry: Entry, _: Names) -> Said:
    return (
        say("An operator"),
        say("gave a message that was put aside to {handler} again", handler=entry.get("handler")),
        entry.open("because"),
    )


def _discarded(entry: Entry, _: Names) -> Said:
    return (
        say("An operator"),
        say("gave up a message that {handler} could not take", handler=entry.get("handler")),
        entry.open("because"),
    )


def _gap_found(entry: Entry, _: Names) -> Said:
    return SERVICES["audit"], say("misses {span}", span=_span(entry)), None


def _gap_closed(entry: Entry, _: Names) -> Said:
    return SERVICES["audit"], say("has got, late, {span}", span=_span(entry)), None


def _succeeded(entry: Entry, _: Names) -> Said:
    size, origin = entry.event.data.get("size"), entry.get("origin")
    ended = say(
        "took the place of {origin}, which ended with {size} entries, because: {ground}",
        origin=origin,
        size=size,
        ground=entry.get("ground"),
    )
    return SERVICES["audit"], say("{ended} ({carried})", ended=ended, carried=_carried(entry)), None


def _carried(entry: Entry) -> str:
    size, carried = entry.event.data.get("size"), entry.event.data.get("carried")
    return say("all of them follow") if carried == size else say("{carried} of them follow", carried=carried)


def _lost(entry: Entry, _: Names) -> Said:
    values = entry.event.data.get("values")
    number = len(values) if isinstance(values, list) else 0
    which = say("the words of one entry") if number == 1 else say("words of entries, in {number} places", number=number)
    return SERVICES["audit"], say("lost {which}: no copy had them when it was recovered", which=which), None


def _span(entry: Entry) -> str:
    first, last = entry.event.data.get("first"), entry.event.data.get("last")
    numbers = (
        say("event {first}", first=first) if first == last else say("events {first} to {last}", first=first, last=last)
    )
    return say(
        "{numbers} of {about} from {producer}",
        numbers=numbers,
        about=entry.get("about"),
        producer=entry.get("producer"),
    )


def _withheld(entry: Entry, names: Names) -> Said:
    because = WITHHELD.get(entry.get("ground") or "", say("for a ground that has no words here"))
    proposed = names.person(entry.get("proposed_by")) if entry.close else say("somebody")
    return (
        who(entry, names),
        say(
            "withheld one text {because}, as {proposed} had proposed; that it was said stays",
            because=because,
            proposed=proposed,
        ),
        None,
    )


def _unreadable(*_: object) -> Said:
    return say("This entry"), say("cannot be read any more: its bytes were changed"), None


def something_else(entry: Entry, names: Names) -> Said:
    """Say that there are no words for an entry, and which type it is of."""
    return (
        who(entry, names),
        say("said something that this page has no words for ({type})", type=entry.event.type),
        None,
    )


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
