"""Sentences about organisations, people and their links."""

from collections.abc import Callable, Mapping

from services.audit.reading.entries import Entry
from services.audit.telling.names import Names
from services.audit.words.phrases import Said, capital, listed, person, who
from services.audit.words.vocabulary import GROUNDS, STANDINGS
from services.kernel.language import say


def _registered(entry: Entry, names: Names) -> Said:
    standing = STANDINGS.get(entry.get("standing") or "", say("of unknown standing"))
    return (
        who(entry, names),
        say(
            "registered {name} as {standing}, a claim until it is confirmed", name=entry.get("name"), standing=standing
        ),
        None,
    )


def _renamed(entry: Entry, names: Names) -> Said:
    return who(entry, names), say("gave an organisation the name {name}", name=entry.get("name")), None


def _confirmed(entry: Entry, names: Names) -> Said:
    standing = STANDINGS.get(entry.get("standing") or "", say("what it claims"))
    ground = GROUNDS.get(entry.get("ground") or "", say("evidence"))
    name = names.organisation(entry.event.subject)
    return (
        who(entry, names),
        say(
            "confirmed that {name} is {standing} ({ground}: {evidence})",
            name=name,
            standing=standing,
            ground=ground,
            evidence=entry.get("evidence"),
        ),
        None,
    )


def _invited_person(entry: Entry, names: Names) -> Said:
    organisation = names.organisation(entry.get("organisation"))
    return (
        who(entry, names),
        say(
            "invited somebody by address to act for {organisation}{roles}",
            organisation=organisation,
            roles=_roles(entry),
        ),
        None,
    )


def _joined(entry: Entry, names: Names) -> Said:
    whom = person(entry, names, entry.event.subject)
    return (
        capital(whom),
        say(
            "joined {organisation}{roles}",
            organisation=names.organisation(entry.get("organisation")),
            roles=_roles(entry),
        ),
        None,
    )


def _roles(entry: Entry) -> str:
    roles = entry.event.data.get("roles")
    return (
        say(" as {listed}", listed=listed([str(role) for role in roles])) if isinstance(roles, list) and roles else ""
    )


def _changed_name(entry: Entry, names: Names) -> Said:
    return capital(person(entry, names, entry.event.subject)), say("goes by another name now"), None


def _erased(entry: Entry, names: Names) -> Said:
    if entry.event.actor == entry.event.subject:
        return who(entry, names), say("had their name, address and words erased; that they acted stays"), None
    return who(entry, names), say("erased a person’s name, address and words; that they acted stays"), None


def _left(entry: Entry, names: Names) -> Said:
    whom = person(entry, names, entry.event.subject)
    return capital(whom), say("left {organisation}", organisation=names.organisation(entry.get("organisation"))), None


def _granted(entry: Entry, names: Names) -> Said:
    whom, organisation = person(entry, names, entry.event.subject), names.organisation(entry.get("organisation"))
    return (
        who(entry, names),
        say(
            "gave {whom} the role of {role} in {organisation}",
            whom=whom,
            role=entry.get("role"),
            organisation=organisation,
        ),
        None,
    )


def _revoked(entry: Entry, names: Names) -> Said:
    whom, organisation = person(entry, names, entry.event.subject), names.organisation(entry.get("organisation"))
    return (
        who(entry, names),
        say(
            "took the role of {role} in {organisation} back from {whom}",
            role=entry.get("role"),
            organisation=organisation,
            whom=whom,
        ),
        None,
    )


def _session_ended(entry: Entry, names: Names) -> Said:
    if entry.event.actor == entry.event.subject:
        return who(entry, names), say("signed out"), None
    return who(entry, names), say("ended a session of {person}", person=person(entry, names, entry.event.subject)), None


def _link_issued(entry: Entry, names: Names) -> Said:
    what = say("an invitation") if entry.get("purpose") == "invitation" else say("a link to sign in")
    return (
        who(entry, names),
        say("had {what} sent to {person}", what=what, person=person(entry, names, entry.get("person"))),
        None,
    )


def _link_revoked(entry: Entry, names: Names) -> Said:
    return (
        who(entry, names),
        say("made a link of {person} invalid", person=person(entry, names, entry.get("person"))),
        None,
    )


SAY: Mapping[str, Callable[[Entry, Names], Said]] = {
    "accounts.organisation.registered.v1": _registered,
    "accounts.organisation.changed.v1": _renamed,
    "accounts.organisation.confirmed.v1": _confirmed,
    "accounts.person.invited.v1": _invited_person,
    "accounts.person.joined.v1": _joined,
    "accounts.person.changed.v1": _changed_name,
    "accounts.person.left.v1": _left,
    "accounts.person.erased.v1": _erased,
    "accounts.role.granted.v1": _granted,
    "accounts.role.revoked.v1": _revoked,
    "accounts.session.revoked.v1": _session_ended,
    "accounts.token.issued.v1": _link_issued,
    "accounts.token.revoked.v1": _link_revoked,
}
