"""`countersign accounts`: what the operator does by hand, before anybody can sign in and when a mail does not come."""

import json
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from services.accounts import commands
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.accounts.domain.values import Organisation, Person
from services.accounts.words import GROUNDS, ROLES, STANDINGS
from services.kernel import ids
from services.kernel.errors import NotFound
from services.kernel.events import SYSTEM

app = typer.Typer(no_args_is_help=True, help="Organisations, people and sign-in links.")

OrganisationWithPeople = tuple[Organisation, list[tuple[Person, str | None]]]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")]


def one_of(words: Iterable[str]) -> Callable[[Any], Any]:
    """Return a check that an option's value, or each of its values, is one of these words."""

    def check(given: Any) -> Any:
        for word in given if isinstance(given, list) else [given]:
            if word is not None and word not in words:
                raise typer.BadParameter(f"{word!r} is none of: {', '.join(words)}.")
        return given

    return check


def listed(words: Iterable[str]) -> str:
    """Write the words to choose from, as `--help` shows them."""
    return f"[{'|'.join(words)}]"


Standing = Annotated[
    str,
    typer.Option(callback=one_of(STANDINGS), metavar=listed(STANDINGS), help="What the organisation says it is."),
]
Roles = Annotated[
    list[str], typer.Option(callback=one_of(ROLES), metavar=listed(ROLES), help="Can be given several times.")
]
Ground = Annotated[str, typer.Option(callback=one_of(GROUNDS), metavar=listed(GROUNDS), help="How it was checked.")]


@app.command("register-organisation")
def register_organisation(
    name: str,
    standing: Standing,
    country: Annotated[str | None, typer.Option(help="Two letters (ISO 3166-1), such as DE.")] = None,
    as_json: Json = False,
) -> None:
    """Register an organisation; its standing is a claim until it is confirmed."""
    event = commands.register(SYSTEM, NewOrganisation(name, standing, country and country.upper()))
    say(f"{name} is registered as {STANDINGS[standing]}, a claim so far: {event.subject}", as_json, id=event.subject)


@app.command("add-person")
def add_person(
    address: str,
    name: Annotated[str, typer.Option(help="The name shown beside the person's acts.")],
    organisation: Annotated[str, typer.Option(help="Its id or its name.")],
    role: Roles,
    as_json: Json = False,
) -> None:
    """Make somebody a member of an organisation at once, without an invitation."""
    where = commands.find_organisation(organisation)
    id = commands.add_person(address=address, name=name, organisation=where.id, roles=frozenset(role))
    say(f"{name} belongs to {where.name} now, as {', '.join(sorted(role))}: {id}", as_json, id=id)


@app.command()
def confirm(
    organisation: Annotated[str, typer.Argument(help="Its id or its name.")],
    ground: Ground,
    evidence: Annotated[str, typer.Option(help="What was found, such as the register number; it is public.")],
    standing: Annotated[
        str | None,
        typer.Option(callback=one_of(STANDINGS), metavar=listed(STANDINGS), help="By default what it claims."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Confirm that an organisation is what it claims to be."""
    where = commands.find_organisation(organisation)
    wish = Confirmation(standing or where.standing, ground, evidence)
    event = commands.confirm(SYSTEM, where.id, wish)
    say(f"{where.name} is confirmed as {STANDINGS[wish.standing]}.", as_json, id=where.id, event=event.id)


@app.command()
def link(
    address: str,
    days: Annotated[int | None, typer.Option(min=1, max=366, help="Good so long, again and again.")] = None,
    as_json: Json = False,
) -> None:
    """Print a fresh sign-in link that works now: once within 30 minutes, or with --days until then. No mail is sent."""
    person = commands.find_person(address)
    if person is None:
        raise NotFound(f"Nobody here has the address {address}: `countersign accounts add-person` adds somebody.")
    address_of_link = commands.mint_link(person.id, days)
    say(address_of_link, as_json, link=address_of_link, person=person.id)


@app.command()
def erase(
    person: Annotated[str, typer.Argument(help="An address, or the id of somebody who has left.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: Json = False,
) -> None:
    """Erase somebody, for good: name, address and words go from every service; that they acted stays, unnamed."""
    found = commands.find_person(person) if "@" in person else None
    if found is None and not ids.is_id(person):
        raise NotFound(f"Nobody here has the address {person}. Somebody who has left is erased by their id.")
    who, where = commands.erasable(SYSTEM, found.id if found else person)
    if not yes:
        typer.confirm(f"Erase {_name(who)} of {where.name}? This cannot be taken back", abort=True)
    event = commands.erase(SYSTEM, who.id)
    say(f"{who.id} of {where.name} is erased; their words go everywhere.", as_json, id=who.id, event=event.id)


@app.command("list")
def list_everybody(as_json: Json = False) -> None:
    """Show every organisation and who belongs to it."""
    everybody = commands.everybody()
    if as_json:
        typer.echo(json.dumps([_as_json(o, people) for o, people in everybody], ensure_ascii=False, indent=2))
    elif everybody:
        Console().print(_as_table(everybody))
    else:
        typer.echo("There is no organisation yet: `countersign accounts register-organisation` makes the first one.")


def say(sentence: str, as_json: bool, **fields: str) -> None:
    """Write what was done, for people or for programs."""
    typer.echo(json.dumps(fields) if as_json else sentence)


def _as_table(everybody: list[OrganisationWithPeople]) -> Table:
    table = Table("Organisation", "Standing", "Person", "Address", "Roles", header_style="bold")
    for organisation, people in everybody:
        claim = "" if organisation.confirmed else " (a claim)"
        table.add_row(organisation.name, STANDINGS[organisation.standing] + claim, end_section=not people)
        for person, address in people:
            last = person is people[-1][0]
            table.add_row("", "", _name(person), address or "", ", ".join(sorted(person.roles)), end_section=last)
    return table


def _name(person: Person) -> str:
    return person.display_name or ("name erased" if person.joined else "invited")


def _as_json(organisation: Organisation, people: list[tuple[Person, str | None]]) -> dict[str, object]:
    return {
        "id": organisation.id,
        "name": organisation.name,
        "standing": organisation.standing,
        "confirmed": organisation.confirmed,
        "people": [
            {"id": p.id, "name": p.display_name, "address": address, "roles": sorted(p.roles), "joined": p.joined}
            for p, address in people
        ],
    }
