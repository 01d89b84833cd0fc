"""Sentences about consultations: who was asked, what was said, what became of it."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, count, listed, possessive, version, who
from services.audit.words.vocabulary import DISPOSITIONS, INTERESTS, KINDS, MISSING, SERVICES
from services.kernel import clock
from services.kernel.language import say


def _opened_consultation(entry: Entry, names: Names) -> Said:
    did = say(
        "opened a consultation on version {version} of {design}{until}",
        version=version(entry),
        design=names.design(entry.get("draft")),
        until=_until(entry),
    )
    return who(entry, names), did, entry.open("question")


def _until(entry: Entry) -> str:
    try:
        at = clock.parse(entry.get("closes_at") or "")
    except ValueError:
        return ""
    return say(" until {day}", day=at)


def _asked(entry: Entry, names: Names) -> Said:
    design = names.design(names.consultations.get(entry.event.subject))
    return (
        who(entry, names),
        say(
            "asked {organisation} to take part in {design}",
            organisation=names.organisation(entry.get("organisation")),
            design=design,
        ),
        None,
    )


def _commented(entry: Entry, names: Names) -> Said:
    element = names.element(entry.get("draft") or "", version(entry), entry.get("element") or "")
    suggesting = say(", suggesting other words") if "suggestion" in entry.event.data else ""
    kind = KINDS.get(entry.get("kind") or "", "comment")
    return (
        who(entry, names),
        say("commented on {element} ({kind}){suggesting}", element=element, kind=kind, suggesting=suggesting),
        entry.open("text"),
    )


def _answered(entry: Entry, names: Names) -> Said:
    comment = names.comments.get(entry.get("comment") or "")
    became = DISPOSITIONS.get(entry.get("disposition") or "", say("answered"))
    answered_in = entry.event.data.get("answered_in")
    change = say(", changed in version {answered_in}", answered_in=answered_in) if isinstance(answered_in, int) else ""
    if comment is None:
        return (
            who(entry, names),
            say("answered a comment: {became}{change}", became=became, change=change),
            entry.open("reason"),
        )
    whose = possessive(names.organisation(comment.organisation))
    element = names.element(comment.design, comment.version, comment.element)
    return (
        who(entry, names),
        say(
            "answered {whose} comment on {element}: {became}{change}",
            whose=whose,
            element=element,
            became=became,
            change=change,
        ),
        entry.open("reason"),
    )


def _endorsed(entry: Entry, names: Names) -> Said:
    interest = INTERESTS.get(entry.get("interest") or "", say("no interest declared"))
    design = names.design(entry.get("draft"))
    did = say(
        "endorsed {covered} of {design} as in version {version} ({interest})",
        covered=_covered(entry, names),
        design=design,
        version=version(entry),
        interest=interest,
    )
    return who(entry, names), did, entry.open("statement")


def _covered(entry: Entry, names: Names) -> str:
    elements = entry.event.data.get("elements")
    covered = elements.keys() if isinstance(elements, dict) else ()
    known = names.labels.get((entry.get("draft") or "", version(entry)), {})
    return (
        say("the whole") if known and covered == known.keys() else count(len(covered), say("element"), say("elements"))
    )


def _sealed(entry: Entry, names: Names) -> Said:
    endorsements = entry.event.data.get("endorsements")
    number = len(endorsements) if isinstance(endorsements, list) else 0
    design = names.design(entry.get("draft"))
    stand = count(number, say("endorsement"), say("endorsements"))
    did = say(
        "sealed version {version} of {design}: no comment is open, and {stand} stand",
        version=version(entry),
        design=design,
        stand=stand,
    )
    return SERVICES["codesign"], did, None


def _unready(entry: Entry, names: Names) -> Said:
    missing = entry.event.data.get("missing")
    codes = [str(item.get("code")) for item in missing if isinstance(item, dict)] if isinstance(missing, list) else []
    lacking = listed([MISSING.get(code, code) for code in codes])
    design = names.design(entry.get("draft"))
    return (
        SERVICES["codesign"],
        say(
            "could not seal version {version} of {design}. It waits for {lacking}",
            version=version(entry),
            design=design,
            lacking=lacking,
        ),
        None,
    )


SAY: Mapping[str, Callable[[Entry, Names], Said]] = {
    "codesign.consultation.opened.v1": _opened_consultation,
    "codesign.participant.invited.v1": _asked,
    "codesign.comment.submitted.v1": _commented,
    "codesign.disposition.recorded.v1": _answered,
    "codesign.endorsement.given.v1": _endorsed,
    "codesign.consultation.sealed.v1": _sealed,
    "codesign.consultation.unready.v1": _unready,
}
