"""Sign-in links: asked for by address, made when the mail is sent, looked at before they are used."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.accounts.commands.organisations import existing
from services.accounts.commands.saving import save, transaction
from services.accounts.domain import links as rules
from services.accounts.domain.addresses import normalised
from services.accounts.domain.values import Link, Organisation, Person
from services.accounts.store import links, people
from services.kernel import clock, config, ids
from services.kernel.db import Transaction
from services.kernel.errors import Gone, NotFound, Refused
from services.kernel.events import SYSTEM, Actor
from services.kernel.language import say


@dataclass(frozen=True, slots=True)
class Letter:
    """What the sender of a mail needs: where to, how to call the person, and the link where one was asked for."""

    address: str
    display_name: str | None
    link: str | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as its holder sees it before using it: for whom, by whom, and the name to propose."""

    link: Link
    person: Person
    organisation: Organisation
    name: str | None
    inviter: str | None = None  # the organisation that gave it, where that is another


def request_link(address: str, *, client: str, next: str | None = None) -> None:
    """Have a sign-in link mailed to an address, if it is known here. The caller learns nothing of that.

    The work is the same either way: for an unknown address the rows of nobody's link are written, and rolled back.
    Raise TooMany past the limits, which hold for known and unknown addresses alike.
    """
    at, address = clock.now(), normalised(address)
    with transaction() as tx:
        for limit, key in ((rules.LINKS_TO_AN_ADDRESS, address), (rules.LINKS_FROM_A_CLIENT, client)):
            rules.within(limit, links.count(tx, limit, key, at))
        person = people.who_may_sign_in(tx, address, at)
        with tx.connection.transaction(force_rollback=person is None):
            _issue(tx, person or ids.new_id(), at, next)


def letter(person: str, token: str | None = None) -> Letter | None:
    """Return where to write to a person; None where they are unknown, have left or were erased.

    With a token, the letter holds a link with a secret made for this letter alone; None in its place where the link is
    not the person's, or opens nothing any more. Only the secret's hash stays here.
    """
    with transaction() as tx:
        contact, found = people.contact(tx, person), people.get(tx, person)
        if contact is None or found is None:
            return None
        link = _secret_of(tx, person, token) if token else None
        return Letter(contact.address, found.display_name or contact.suggested_name, link)


def mint_link(person: str, days: int | None = None) -> str:
    """Return a fresh sign-in link that works now, for an operator to hand over; no mail is sent.

    It works once within 30 minutes; with `days`, as often as wanted until then.
    """
    at = clock.now()
    lifetime = timedelta(days=days) if days else rules.SIGN_IN_LIFETIME
    with transaction() as tx:
        found = people.get(tx, person)
        if found is None or found.left:
            raise NotFound(say("There is no such person here."))
        token, purpose = ids.new_id(), "invitation" if days else "sign_in"
        save(tx, rules.issue(SYSTEM, person, token, purpose, at + lifetime, handed_over=True))
        return _mint(tx, token, at)


def look_at_link(secret: str) -> LinkView:
    """Return what a link would open, without using it: mail scanners follow links. Raise NotFound or Gone otherwise."""
    with transaction(read_only=True) as tx:
        view = usable_link(tx, secret, clock.now())
        giver = view.link.issued_by_organisation
        if giver is None or giver == view.organisation.id:
            return view
        return replace(view, inviter=existing(tx, giver).name)


def usable_link(tx: Transaction, secret: str, at: datetime, *, lock: bool = False) -> LinkView:
    """Return a link with whom it is for, locked on demand; raise NotFound or Gone where it opens nothing."""
    link = rules.usable(links.by_secret(tx, secret, lock=lock), at)
    person, contact = people.get(tx, link.person, lock=lock), people.contact(tx, link.person)
    if person is None or contact is None or person.left:
        raise Gone(say("This link is for somebody who is not here any more."), code="link-revoked")
    name = person.display_name or contact.suggested_name
    return LinkView(link, person, existing(tx, person.organisation), name)


def _issue(tx: Transaction, person: str, at: datetime, next: str | None) -> None:
    token = ids.new_id()
    save(tx, rules.issue(Actor(person), person, token, "sign_in", at + rules.SIGN_IN_LIFETIME))
    links.keep_next(tx, token, next)


def _secret_of(tx: Transaction, person: str, token: str) -> str | None:
    link, at = links.get(tx, token, lock=True), clock.now()
    if link is None or link.person != person:
        return None
    try:
        rules.usable(link, at)
    except Refused:
        return None
    return _mint(tx, token, at)


def _mint(tx: Transaction, token: str, at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    links.keep_secret(tx, token, secret, at)
    return f"{config.public_url()}/accounts/link/{secret}"
