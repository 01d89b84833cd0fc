"""Sentences about designs, their versions and their publication."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, count, version, who
from services.kernel.language import say


def _opened_design(entry: Entry, names: Names) -> Said:
    return who(entry, names), say("opened the design {design}", design=names.design(entry.event.subject)), None


def _revised(entry: Entry, names: Names) -> Said:
    answers = entry.event.data.get("answers")
    number = len(answers) if isinstance(answers, list) else 0
    comments = count(number, say("comment"), say("comments"))
    answering = say(", answering {comments}", comments=comments) if number else ""
    did = say(
        "made version {version} of {design}{answering}",
        version=version(entry),
        design=names.design(entry.event.subject),
        answering=answering,
    )
    return who(entry, names), did, entry.open("summary")


def _submitted(entry: Entry, names: Names) -> Said:
    did = say(
        "submitted version {version} of {design} for the seal",
        version=version(entry),
        design=names.design(entry.event.subject),
    )
    return who(entry, names), did, None


def _recalled(entry: Entry, names: Names) -> Said:
    did = say(
        "took back version {version} of {design}", version=version(entry), design=names.design(entry.event.subject)
    )
    return who(entry, names), did, entry.open("reason")


def _published(entry: Entry, names: Names) -> Said:
    return (
        who(entry, names),
        say(
            "published version {version} of {design}", version=version(entry), design=names.design(entry.event.subject)
        ),
        None,
    )


SAY: Mapping[str, Callable[[Entry, Names], Said]] = {
    "catalogue.draft.opened.v1": _opened_design,
    "catalogue.draft.revised.v1": _revised,
    "catalogue.draft.submitted.v1": _submitted,
    "catalogue.draft.recalled.v1": _recalled,
    "catalogue.credential.published.v1": _published,
}
