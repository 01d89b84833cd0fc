"""The cast of a round: its organisations and people, made by the operator where they are not there yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.accounts import commands
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.cli.round.person import Person
from services.kernel.errors import NotFound
from services.kernel.events import SYSTEM

Script = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part, by the names of the script: organisation ids and people."""

    organisations: Mapping[str, str]
    people: Mapping[str, Person]


def assemble(script: Script, base: str) -> Cast:
    """Return the cast of a script, with what is missing made; a second round finds the same people."""
    organisations = {key: _organisation(wanted) for key, wanted in script["organisations"].items()}
    people = {
        key: _person(wanted, organisations[wanted["organisation"]], base) for key, wanted in script["people"].items()
    }
    return Cast(organisations, people)


def _organisation(wanted: Script) -> str:
    try:
        return commands.find_organisation(wanted["name"]).id
    except NotFound:
        event = commands.register(SYSTEM, NewOrganisation(wanted["name"], wanted["standing"], wanted["country"]))
    if "evidence" in wanted:
        commands.confirm(SYSTEM, event.subject, Confirmation(wanted["standing"], "register_number", wanted["evidence"]))
    return event.subject


def _person(wanted: Script, organisation: str, base: str) -> Person:
    found = commands.find_person(wanted["address"])
    id = found.id if found else _join(wanted, organisation)
    return Person(
        wanted["name"],
        wanted["address"],
        wanted["title"],
        id,
        organisation,
        base,
        lambda: commands.mint_link(id, None),
    )


def _join(wanted: Script, organisation: str) -> str:
    return commands.add_person(
        address=wanted["address"], name=wanted["name"], organisation=organisation, roles=frozenset(wanted["roles"])
    )
