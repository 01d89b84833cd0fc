"""What the tests of accounts begin with: some organisations, their people, and actors made of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from services.accounts import commands
from services.accounts.domain.organisations import NewOrganisation
from services.kernel import clock, db, ids
from services.kernel.events import SYSTEM, Actor, Event
from services.kernel.events import parse as parse_event


@dataclass(slots=True)
class Watch:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


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
    """Every event that accounts emitted, those of one type where it is named, in order."""
    with db.of("accounts").transaction(read_only=True) as tx:
        rows = tx.all("SELECT body FROM accounts_own.outbox ORDER BY id")
    return [e for row in rows if (e := parse_event(bytes(row["body"]))).type.startswith(type)]


def secret_of(link: str | None) -> str:
    """The secret in a link's address."""
    assert link is not None
    return link.rpartition("/")[2]


def mailed_secret(person: str) -> str:
    """The secret of the link that was issued last, as notifications asks for it when it writes the mail."""
    token = events("accounts.token.issued")[-1].data["token"]
    letter = commands.letter(person, token)
    assert letter is not None
    return secret_of(letter.link)
