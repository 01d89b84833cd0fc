"""Organisations: register, rename, confirm, find, show."""

from dataclasses import dataclass
from typing import Any

from services.accounts import policy
from services.accounts.commands.saving import save, transaction
from services.accounts.domain import organisations as rules
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.accounts.domain.values import Link, Organisation, Person
from services.accounts.store import links, people
from services.accounts.store import organisations as rows
from services.accounts.store.people import Contact
from services.kernel import clock, ids
from services.kernel.db import Transaction
from services.kernel.errors import Invalid, NotFound, Refused
from services.kernel.events import Actor, Event
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation as somebody may see it; its people only for its own and for administrators."""

    organisation: Organisation
    people: list[Person]
    contacts: dict[str, Contact]
    invitations: list[Link]
    names: dict[str, str]  # of the organisations that invited some of them

    def name_of(self, person: str) -> str | None:
        """Return what a person is called here: by themselves, else by who invited them."""
        said = next((p.display_name for p in self.people if p.id == person), None)
        contact = self.contacts.get(person)
        return said or (contact.suggested_name if contact else None)


def register(actor: Actor, wish: NewOrganisation) -> Event:
    """Register an organisation; what it is stays a claim until it is confirmed."""
    with transaction() as tx:
        return register_in(tx, actor, wish)


def register_in(tx: Transaction, actor: Actor, wish: NewOrganisation) -> Event:
    """Register an organisation within a larger act."""
    namesake = bool(rows.named(tx, wish.name))
    return save(tx, rules.register(actor, ids.new_id(), wish, namesake=namesake))[0]


def rename(actor: Actor, organisation_id: str, name: str) -> Event:
    """Change an organisation's public name."""
    with transaction() as tx:
        organisation = existing(tx, organisation_id, lock=True)
        namesake = any(found.id != organisation_id for found in rows.named(tx, name))
        return save(tx, rules.rename(actor, organisation, name, namesake=namesake))[0]


def confirm(actor: Actor, organisation_id: str, wish: Confirmation) -> Event:
    """Confirm that an organisation is what it claims to be."""
    with transaction() as tx:
        organisation = existing(tx, organisation_id, lock=True)
        return save(tx, rules.confirm(actor, organisation, wish))[0]


def organisations() -> list[Organisation]:
    """Return every organisation by name: names and standings are public."""
    with transaction(read_only=True) as tx:
        return rows.every(tx)


def organisations_page(after: str | None, limit: int) -> list[dict[str, Any]]:
    """Return organisations as rows, the oldest first, past an id; raise Invalid where that is none."""
    if after is not None and not ids.is_id(str(after)):
        raise Invalid(say("This is no cursor of ours."), fields={"?cursor": [say("Use `next` of the page before.")]})
    with transaction(read_only=True) as tx:
        return rows.page(tx, after, limit)


def organisation(actor: Actor, organisation_id: str) -> OrganisationView:
    """Return an organisation, with its people where the actor may see them."""
    with transaction(read_only=True) as tx:
        found = existing(tx, organisation_id)
        if not policy.see_people(actor, organisation_id):
            return OrganisationView(found, [], {}, [], {})
        members = people.of_organisation(tx, organisation_id)
        inviters = {m.invited_by_organisation for m in members} - {None, organisation_id}
        return OrganisationView(
            organisation=found,
            people=members,
            contacts=people.contacts(tx, organisation_id),
            invitations=links.invitations(tx, organisation_id, clock.now()),
            names={o.id: o.name for id in inviters if id and (o := rows.get(tx, id))},
        )


def find_organisation(name_or_id: str) -> Organisation:
    """Return the one organisation of an id or a name; raise NotFound, or Refused where several share the name."""
    with transaction(read_only=True) as tx:
        if ids.is_id(name_or_id):
            return existing(tx, name_or_id)
        found = rows.named(tx, name_or_id)
    if not found:
        raise NotFound(
            say(
                "There is no organisation named {name_or_id!r}: `countersign accounts list` shows those there are.",
                name_or_id=name_or_id,
            )
        )
    if len(found) > 1:
        raise Refused(
            say(
                "{count} organisations are named {name_or_id!r}: give the id instead.",
                count=len(found),
                name_or_id=name_or_id,
            )
        )
    return found[0]


def existing(tx: Transaction, id: str, *, lock: bool = False) -> Organisation:
    """Return an organisation; raise NotFound where there is none."""
    organisation = rows.get(tx, id, lock=lock)
    if organisation is None:
        raise NotFound(say("There is no such organisation here."))
    return organisation
