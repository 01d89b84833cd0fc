"""Sentences about consultations: who was asked, what was said, what became of it."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, count, listed, possessive, version, who
from services.audit.words.vocabulary import DISPOSITIONS, INTERESTS, KINDS, MISSING, SERVICES
from services.kernel import clock


def _opened_consultation(entry: Entry, names: Names) -> Said:
    did = f"opened a consultation on version {version(entry)} of {names.design(entry.get('draft'))}{_until(entry)}"
    return who(entry, names), did, entry.open("question")


def _until(entry: Entry) -> str:
    try:
        at = clock.parse(entry.get("closes_at") or "")
    except ValueError:
        return ""
    return f" until {at.day} {at:%B %Y}"


def _asked(entry: Entry, names: Names) -> Said:
    design = names.design(names.consultations.get(entry.event.subject))
    return who(entry, names), f"asked {names.organisation(entry.get('organisation'))} to take part in {design}", None


def _commented(entry: Entry, names: Names) -> Said:
    element = names.element(entry.get("draft") or "", version(entry), entry.get("element") or "")
    suggesting = ", suggesting other words" if "suggestion" in entry.event.data else ""
    kind = KINDS.get(entry.get("kind") or "", "comment")
    return who(entry, names), f"commented on {element} ({kind}){suggesting}", entry.open("text")


def _answered(entry: Entry, names: Names) -> Said:
    comment = names.comments.get(entry.get("comment") or "")
    became = DISPOSITIONS.get(entry.get("disposition") or "", "answered")
    about = f"{possessive(names.organisation(comment.organisation))} comment on " if comment else "a comment"
    element = names.element(comment.design, comment.version, comment.element) if comment else ""
    answered_in = entry.event.data.get("answered_in")
    change = f", changed in version {answered_in}" if isinstance(answered_in, int) else ""
    return who(entry, names), f"answered {about}{element}: {became}{change}", entry.open("reason")


def _endorsed(entry: Entry, names: Names) -> Said:
    interest = INTERESTS.get(entry.get("interest") or "", "no interest declared")
    design = names.design(entry.get("draft"))
    did = f"endorsed {_covered(entry, names)} of {design} as in version {version(entry)} ({interest})"
    return who(entry, names), did, entry.open("statement")


def _covered(entry: Entry, names: Names) -> str:
    elements = entry.event.data.get("elements")
    covered = elements.keys() if isinstance(elements, dict) else ()
    known = names.labels.get((entry.get("draft") or "", version(entry)), {})
    return "the whole" if known and covered == known.keys() else count(len(covered), "element")


def _sealed(entry: Entry, names: Names) -> Said:
    endorsements = entry.event.data.get("endorsements")
    number = len(endorsements) if isinstance(endorsements, list) else 0
    design = names.design(entry.get("draft"))
    did = f"sealed version {version(entry)} of {design}: no comment is open, and {count(number, 'endorsement')} stand"
    return SERVICES["codesign"], did, None


def _unready(entry: Entry, names: Names) -> Said:
    missing = entry.event.data.get("missing")
    codes = [str(item.get("code")) for item in missing if isinstance(item, dict)] if isinstance(missing, list) else []
    lacking = listed([MISSING.get(code, code) for code in codes])
    design = names.design(entry.get("draft"))
    return SERVICES["codesign"], f"could not seal version {version(entry)} of {design}. It waits for {lacking}", None


SAY: Mapping[str, Callable[[Entry, Names], Said]] = {
    "codesign.consultation.opened.v1": _opened_consultation,
    "codesign.participant.invited.v1": _asked,
    "codesign.comment.submitted.v1": _commented,
    "codesign.disposition.recorded.v1": _answered,
    "codesign.endorsement.given.v1": _endorsed,
    "codesign.consultation.sealed.v1": _sealed,
    "codesign.consultation.unready.v1": _unready,
}
