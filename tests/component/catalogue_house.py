"""What the tests of the catalogue begin with: a provider and its people, and what it hears of others."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from services.catalogue import commands, examples
from services.catalogue.domain.acts import Opening
from services.catalogue.domain.draft import Draft
from services.catalogue.service import Catalogue
from services.kernel import clock, contracts, db, events, ids, inbox, topology
from services.kernel.db import Transaction
from services.kernel.events import Actor, Event, Fact
from tests.people import person


@dataclass
class Elsewhere:
    """Another service: it makes events as the outbox does, each stream with its own sequence."""

    sequences: dict[str, int] = field(default_factory=dict)

    def says(self, type: str, subject: str, **data: Any) -> Event:
        """Make an event of another service, its private values with it."""
        id = ids.new_id()
        private = []
        for pointer, _ in contracts.personal_pointers(type):
            name = pointer.removeprefix("/")
            if name in data:
                sealed, data[name] = events.seal_private(id, f"/data{pointer}", data[name], subject)
                private.append(sealed)
        contracts.check_sent(type, data)
        self.sequences[subject] = self.sequences.get(subject, 0) + 1
        return events.make(
            fact=Fact(type, subject, data),
            id=id,
            sequence=self.sequences[subject],
            time=clock.now(),
            data=data,
            private=tuple(private),
            trace={},
        )


def hear(event: Event) -> None:
    """Let every handler of the catalogue that is registered for an event handle it, as the bus does: once."""
    for handler in topology.handlers_of(Catalogue):
        if event.type in handler.types:
            getattr(Catalogue, handler.name)(Catalogue(), partial(_handle, event, handler.name))


def _handle(event: Event, handler: str, act: Any) -> bool:
    with db.of("catalogue").transaction() as tx:
        if inbox.first_time(tx, event, handler):
            act(tx, event)
    return True


def provider(name: str = "Rheinhafen Vocational College", standing: str = "provider") -> str:
    """Let the catalogue hear of a new organisation and return its id."""
    id = ids.new_id()
    hear(Elsewhere().says("accounts.organisation.registered.v1", id, organisation=id, name=name, standing=standing))
    return id


def member(organisation: str, *roles: str, name: str = "Jana Hofmann") -> Actor:
    """Let the catalogue hear of a new person and return them as they act when signed in."""
    actor = person(*roles, organisation=organisation)
    who = {"person": actor.person, "organisation": organisation, "roles": sorted(roles), "display_name": name}
    hear(Elsewhere().says("accounts.person.joined.v1", actor.person, **who))
    return actor


def lithium() -> dict[str, Any]:
    """A document that is complete, to change."""
    return copy.deepcopy(dict(examples.named("lithium-batteries").document))


def opened(actor: Actor, document: Mapping[str, Any] | None = None) -> str:
    """Open a draft and return its id."""
    return commands.open_draft(actor, Opening(document or lithium())).subject


class Consultation:
    """Co-design's side of the handshake."""

    def __init__(self, draft: Draft) -> None:
        self.id = ids.new_id()
        self.elsewhere = Elsewhere()
        self.opening = self.elsewhere.says(
            "codesign.consultation.opened.v1",
            self.id,
            consultation=self.id,
            draft=draft.id,
            version=draft.version,
            document_hash=draft.document_hash,
            organisation=draft.organisation,
            closes_at="2030-01-01T12:00:00Z",
            visibility="everything",
        )

    def seals(self, submission: Event) -> Event:
        """Make the answer that a submitted version is sealed."""
        return self._answers("sealed", submission, endorsements=[ids.new_id(), ids.new_id()])

    def finds_unready(self, submission: Event) -> Event:
        """Make the answer that something is missing."""
        missing = [{"code": "open_comments", "comments": [ids.new_id()]}, {"code": "no_employer_endorsement"}]
        return self._answers("unready", submission, missing=missing)

    def _answers(self, what: str, submission: Event, **more: Any) -> Event:
        same = {key: submission.data[key] for key in ("draft", "version", "submission", "document_hash")}
        return self.elsewhere.says(f"codesign.consultation.{what}.v1", self.id, consultation=self.id, **same, **more)


def in_consultation(actor: Actor, draft_id: str) -> Consultation:
    """Open a consultation on a draft, and let the catalogue hear of it."""
    consultation = Consultation(commands.draft(actor, draft_id))
    hear(consultation.opening)
    return consultation


def sealed(lead: Actor, document: Mapping[str, Any] | None = None) -> tuple[str, Event]:
    """Take a new draft as far as the seal, submitted by `lead`; return its id and the sealing event."""
    draft_id = opened(lead, document)
    consultation = in_consultation(lead, draft_id)
    answer = consultation.seals(commands.submit(lead, draft_id, 1))
    hear(answer)
    return draft_id, answer


def emitted() -> list[Event]:
    """Every event the catalogue emitted, in order, its private values with it."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        rows = tx.all("SELECT body, private FROM catalogue_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"]), events.private_from_json(row["private"])) for row in rows]


def rows(tx: Transaction, table: str) -> list[Any]:
    """Every row of a table of the fold, in the order of its first column, as text."""
    return [row["line"] for row in tx.all(f"SELECT t::text AS line FROM {table} t ORDER BY 1")]
