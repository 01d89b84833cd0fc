"""People: made by the operator, changed by themselves, given roles, let go."""

from dataclasses import dataclass

from services.accounts import policy
from services.accounts.commands.organisations import existing
from services.accounts.commands.saving import save, transaction
from services.accounts.domain import people as rules
from services.accounts.domain.addresses import normalised
from services.accounts.domain.values import Organisation, Person
from services.accounts.store import organisations
from services.accounts.store import people as rows
from services.kernel import ids
from services.kernel.db import Transaction
from services.kernel.errors import Forbidden, NotFound, Refused
from services.kernel.events import SYSTEM, Actor, Event
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, as they see themselves."""

    person: Person
    organisation: Organisation
    address: str


def add_person(*, address: str, name: str, organisation: str, roles: frozenset[str] | set[str]) -> str:
    """Make somebody a member of an organisation at once, as the operator, and return their id.

    Raise Refused with the code "address-taken" where the address is somebody's: `find_person` says whose.
    """
    address = normalised(address)
    with transaction() as tx:
        person = ids.new_id()
        facts = rules.new_person(SYSTEM, existing(tx, organisation), person, frozenset(roles), name)
        if not rows.keep_address(tx, person, address, None):
            raise Refused(say("{address} is used here already.", address=address), code="address-taken")
        save(tx, *facts)
        return person


def find_person(address: str) -> Person | None:
    """Return whose address this is, or None: for operators."""
    with transaction(read_only=True) as tx:
        return rows.by_address(tx, normalised(address))


def me(actor: Actor) -> Me:
    """Return what is known of whoever is signed in."""
    with transaction(read_only=True) as tx:
        person, contact = rows.get(tx, actor.person), rows.contact(tx, actor.person)
        if person is None or contact is None:
            raise NotFound(say("Your account is not here any more."))
        return Me(person, existing(tx, person.organisation), contact.address)


def people(actor: Actor, organisation: str) -> list[Person]:
    """Return who belongs to an organisation: for its own people and for administrators."""
    if not policy.see_people(actor, organisation):
        raise Forbidden(say("Who belongs to an organisation is shown to its own people and to administrators."))
    with transaction(read_only=True) as tx:
        existing(tx, organisation)
        return rows.of_organisation(tx, organisation)


def person(actor: Actor, person_id: str) -> tuple[Person, Organisation]:
    """Return somebody the actor looks after, and their organisation."""
    with transaction(read_only=True) as tx:
        found = rows.get(tx, person_id)
        if found is None or found.left:
            raise NotFound(say("There is no such person here."))
        policy.look_after(actor, found)
        return found, existing(tx, found.organisation)


def everybody() -> list[tuple[Organisation, list[tuple[Person, str | None]]]]:
    """Return every organisation with its people and their addresses: for operators."""
    with transaction(read_only=True) as tx:
        return [(o, _with_addresses(tx, o.id)) for o in organisations.every(tx)]


def change_name(actor: Actor, name: str) -> Event:
    """Change the name shown beside one's acts."""
    with transaction() as tx:
        return save(tx, rules.change_name(actor, _locked(tx, actor.person), name))[0]


def leave(actor: Actor, person_id: str) -> Event:
    """Let somebody leave: their sessions end, their address is deleted."""
    with transaction() as tx:
        return save(tx, rules.leave(actor, _locked(tx, person_id)))[0]


def erasable(actor: Actor, person_id: str) -> tuple[Person, Organisation]:
    """Return somebody whom the actor may erase, who may have left, and their organisation; raise where they may not."""
    with transaction(read_only=True) as tx:
        found = rows.get(tx, person_id)
        if found is None:
            raise NotFound(say("There is no such person here."))
        rules.erase(actor, found)
        return found, existing(tx, found.organisation)


def erase(actor: Actor, person_id: str) -> Event:
    """Erase somebody: their words go everywhere, their address and sessions too. What they did stays, unnamed."""
    with transaction() as tx:
        return save(tx, rules.erase(actor, _locked(tx, person_id)))[0]


def grant_role(actor: Actor, person_id: str, role: str) -> Event:
    """Give somebody one more role; they have it from the next renewal of their session on."""
    with transaction() as tx:
        person = _locked(tx, person_id)
        return save(tx, rules.grant(actor, existing(tx, person.organisation), person, role))[0]


def revoke_role(actor: Actor, person_id: str, role: str) -> Event:
    """Take a role back; every token given until now ends, and the next is given without it."""
    with transaction() as tx:
        person = _locked(tx, person_id)
        return save(tx, rules.revoke(actor, existing(tx, person.organisation), person, role))[0]


def _locked(tx: Transaction, person_id: str) -> Person:
    person = rows.get(tx, person_id, lock=True)
    if person is None:
        raise NotFound(say("There is no such person here."))
    return person


def _with_addresses(tx: Transaction, organisation: str) -> list[tuple[Person, str | None]]:
    contacts = rows.contacts(tx, organisation)
    return [(p, contacts[p.id].address if p.id in contacts else None) for p in rows.of_organisation(tx, organisation)]
