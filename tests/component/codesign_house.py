"""What the tests of co-design begin with: a provider, its reviewers, and what is heard of drafts."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from typing import Any

from services.codesign import commands
from services.codesign.domain.answering import NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.codesign.service import Codesign
from services.kernel import clock, db, documents, events, ids, inbox, topology
from services.kernel.events import Actor, Event
from tests.component.catalogue_house import Elsewhere
from tests.people import person


def hear(*heard: Event) -> None:
    """Let every handler of co-design that is registered for an event handle it, as the bus does: once."""
    for event in heard:
        for handler in topology.handlers_of(Codesign):
            if event.type in handler.types:
                getattr(Codesign, handler.name)(Codesign(), partial(_handle, event, handler.name))


def _handle(event: Event, handler: str, act: Any) -> bool:
    with db.of("codesign").transaction() as tx:
        if inbox.first_time(tx, event, handler):
            act(tx, event)
    return True


def lithium() -> dict[str, Any]:
    """A design that is complete, to change."""
    found: dict[str, Any] = json.loads(files("examples").joinpath("lithium-batteries.json").read_text("utf-8"))
    return found


@dataclass
class World:
    """Accounts and the catalogue as co-design hears them; everything they ever said is kept."""

    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    heard: list[Event] = field(default_factory=list)

    def says(self, type: str, subject: str, actor: Actor = events.SYSTEM, /, **data: Any) -> Event:
        """Let co-design hear one event."""
        event = self.elsewhere.says(type, subject, **data)
        if actor is not events.SYSTEM:
            event = _by(event, actor)
        self.heard.append(event)
        hear(event)
        return event

    def organisation(self, name: str, standing: str, *, confirmed: bool = True) -> str:
        """Register an organisation and return its id."""
        id = ids.new_id()
        self.says("accounts.organisation.registered.v1", id, organisation=id, name=name, standing=standing)
        if confirmed:
            self.confirm(id, standing)
        return id

    def confirm(self, organisation: str, standing: str) -> None:
        """Confirm a standing."""
        proof = {"standing": standing, "ground": "register_number", "evidence": "HRB 4711"}
        self.says("accounts.organisation.confirmed.v1", organisation, organisation=organisation, **proof)

    def member(self, organisation: str, *roles: str, name: str = "Jana Hofmann", scope: str | None = None) -> Actor:
        """Let a person join and return them as they act when signed in."""
        actor = person(*roles, organisation=organisation, scope=scope)
        who = {"organisation": organisation, "roles": sorted(roles), "display_name": name}
        self.says("accounts.person.joined.v1", actor.person, person=actor.person, **who)
        return actor


def _by(event: Event, actor: Actor) -> Event:
    values = {name: getattr(event, name) for name in Event.__slots__}
    return Event(**values | {"actor": actor.person, "organisation": actor.organisation})


class Draft:
    """A draft as the catalogue speaks of it."""

    def __init__(self, world: World, provider: str, document: Mapping[str, Any] | None = None) -> None:
        self.world, self.id, self.number = world, ids.new_id(), 1
        self.document: dict[str, Any] = copy.deepcopy(dict(document or lithium()))
        whole = {"document": copy.deepcopy(self.document), "document_hash": documents.digest(self.document)}
        self._says("draft.opened", organisation=provider, **whole)
        self.provider = provider

    def revise(self, pointer: str, value: Any, answers: Sequence[str] = ()) -> int:
        """Make the next version by replacing what stands at a place; return its number."""
        patch = [{"op": "replace", "path": pointer, "value": value}]
        self.document, self.number = documents.patched(self.document, patch), self.number + 1
        more = {"answers": list(answers)} if answers else {}
        self._says("draft.revised", patch=patch, document_hash=documents.digest(self.document), **more)
        return self.number

    def submit(self) -> str:
        """Submit the newest version and return the id of the submission; co-design answers while it hears it."""
        self.submission = ids.new_id()
        whole = {"document": copy.deepcopy(self.document), "document_hash": documents.digest(self.document)}
        self._says("draft.submitted", submission=self.submission, **whole)
        return self.submission

    def recall(self) -> None:
        """Take the submission back."""
        self._says("draft.recalled", submission=self.submission)

    def publish(self, seal: Event) -> None:
        """Publish the sealed version."""
        self._says(
            "credential.published",
            submission=self.submission,
            credential=ids.new_id(),
            organisation=self.provider,
            document_hash=documents.digest(self.document),
            seal=seal.id,
            consultation=seal.subject,
        )

    def _says(self, what: str, **data: Any) -> None:
        self.world.says(f"catalogue.{what}.v1", self.id, draft=self.id, version=self.number, **data)


@dataclass
class House:
    """A college with a draft in consultation, two employers and a professional body who are invited, an auditor."""

    world: World
    draft: Draft
    consultation: str
    designer: Actor
    employer: Actor
    other: Actor
    body: Actor
    auditor: Actor

    def comment(self, actor: Actor | None = None, **wish: Any) -> str:
        """Comment, and return the id of the comment."""
        usual: dict[str, Any] = {"pointer": "/outcomes/lo-store", "kind": "concern", "text": "Which distances?"}
        wished = NewComment(**usual | wish)
        made = commands.submit_comment(actor or self.employer, self.consultation, wished)
        return str(made.data["comment"])

    def answer(self, comment: str, disposition: str = "accepted", reason: str = "You are right.", **how: Any) -> Event:
        """Answer a comment."""
        return commands.record_disposition(self.designer, comment, NewDisposition(disposition, reason, **how))

    def endorse(self, actor: Actor, interest: str = "none", **wish: Any) -> Event:
        """Endorse for the organisation of an actor."""
        return commands.endorse(actor, self.consultation, NewEndorsement(interest, **wish))

    def endorsed(self) -> None:
        """Let the employer and the professional body endorse the whole design."""
        self.endorse(self.employer)
        self.endorse(self.body)

    @property
    def answered(self) -> Event:
        """The last event with which co-design answered a submission."""
        return [e for e in emitted() if e.type.endswith((".sealed.v1", ".unready.v1"))][-1]


def house(visibility: str = "nothing_until_closed", *, lasts: timedelta = timedelta(days=14)) -> House:
    """Open a consultation on a draft with everybody invited."""
    world = World()
    college = world.organisation("Rheinhafen Vocational College", "provider")
    employers = [world.organisation(name, "employer") for name in ("Spedition Krämer", "Nordlager GmbH")]
    body = world.organisation("Chamber of Logistics", "professional_body")
    designer = world.member(college, "designer", "lead", name="Jana Hofmann")
    draft = Draft(world, college)
    opened = commands.open_consultation(
        designer,
        NewConsultation(
            draft.id,
            clock.now() + lasts,
            organisations=(*employers, body),
            visibility=visibility,
            question="Would you send your own people?",
        ),
    )
    return House(
        world,
        draft,
        opened.subject,
        designer,
        world.member(employers[0], "reviewer", name="Ute Krämer"),
        world.member(employers[1], "reviewer", name="Piet Jansen"),
        world.member(body, "reviewer", name="Dr. Amal Haddad"),
        world.member(world.organisation("Agency for Quality", "quality_agency"), "auditor", name="Nils Berg"),
    )


@dataclass(slots=True)
class Watch:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


def emitted() -> list[Event]:
    """Every event co-design emitted, in order, its private values with it."""
    with db.of("codesign").transaction(read_only=True) as tx:
        rows = tx.all("SELECT body, private FROM codesign_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"]), events.private_from_json(row["private"])) for row in rows]
