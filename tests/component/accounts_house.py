"""What the tests of accounts begin with: organisations, their people, a clock that waits, and what was said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.accounts import commands
from services.accounts.domain.organisations import NewOrganisation
from services.kernel import clock, db, ids
from services.kernel.events import SYSTEM, Actor, Event, private_from_json
from services.kernel.events import parse as parse_event
from tests.people import hidden_fields


@dataclass(slots=True)
class Watch:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True, slots=True)
class House:
    """A provider with its people, an employer with a reviewer, and the platform's own administrator."""

    provider: str
    employer: str
    platform: str
    lead: Actor
    designer: Actor
    reviewer: Actor
    administrator: Actor


def built() -> House:
    """Build the house in the present database."""
    provider = organisation("Weserkolleg", "provider")
    employer = organisation("Nordhafen Logistik", "employer")
    platform = organisation("Countersign", "public_authority")
    return House(
        provider=provider,
        employer=employer,
        platform=platform,
        lead=member(provider, "lead@weserkolleg.example", "lead", name="Jutta Harms"),
        designer=member(provider, "designer@weserkolleg.example", "designer", name="Ole Brandt"),
        reviewer=member(employer, "anna@nordhafen.example", "reviewer", name="Anna Berger"),
        administrator=member(platform, "admin@countersign.example", "administrator", name="Maren Vogt"),
    )


def stop_clock(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Let the platform read a watch of ours."""
    watch = Watch(clock.now())
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    return watch


def organisation(name: str, standing: str) -> str:
    """Register an organisation and return its id."""
    return commands.register(SYSTEM, NewOrganisation(name, standing, "DE")).subject


def member(organisation_id: str, address: str, *roles: str, name: str = "Anna Berger") -> Actor:
    """Make a person and return them as they act when signed in."""
    id = commands.add_person(address=address, name=name, organisation=organisation_id, roles=frozenset(roles))
    return Actor(id, organisation_id, frozenset(roles), session=ids.new_id())


def events(type: str = "") -> list[Event]:
    """Every event that accounts emitted, those whose type begins so, in order."""
    with db.of("accounts").transaction(read_only=True) as tx:
        rows = tx.all("SELECT body, private FROM accounts_own.outbox ORDER BY id")
    said = (parse_event(bytes(row["body"]), private_from_json(row["private"])) for row in rows)
    return [event for event in said if event.type.startswith(type)]


def secret_of(link: str | None) -> str:
    """The secret in a link's address."""
    assert link is not None
    return link.rpartition("/")[2]


def mailed_secret(person: str) -> str:
    """The secret of the link that was issued last, as notifications asks for it when it writes the mail."""
    letter = commands.letter(person, events("accounts.token.issued")[-1].data["token"])
    assert letter is not None
    return secret_of(letter.link)


def press(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Press the button of the page at a path: the form's hidden fields are sent with it."""
    return client.post(path, data=hidden_fields(client.get(path)) | fields)
