"""What the tests of notifications begin with: a round as others tell of it, a post and a directory of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Any

from services.kernel import db, documents, events, ids, inbox, topology
from services.kernel.events import Actor, Event
from services.notifications import commands
from services.notifications.post import Unreachable
from services.notifications.service import Notifications
from tests.said import Speaker

DOCUMENT = {
    "title": {"en": "Solar roofs, safely"},
    "outcomes": {"lo-1": {"text": {"en": "Secure a roof before work"}}},
    "order": {"outcomes": ["lo-1"]},
}


def hear(event: Event) -> None:
    """Let the registered handler of an event handle it, as the bus does: once, and all or nothing."""
    handler = next(h for h in topology.handlers_of(Notifications) if event.type in h.types)
    getattr(Notifications, handler.name)(Notifications(), partial(_handle, event, handler.name))


def _handle(event: Event, handler: str, act: Any) -> bool:
    with db.of("notifications").transaction() as tx:
        if inbox.first_time(tx, event, handler):
            act(tx, event)
    return True


@dataclass
class Round:
    """One design with its people. Every method says one event; `tell` hears all that was said and not heard yet."""

    speaker: Speaker = field(default_factory=Speaker)
    said: list[Event] = field(default_factory=list)
    heard: int = 0
    draft: str = field(default_factory=ids.new_id)
    consultation: str = field(default_factory=ids.new_id)

    def __post_init__(self) -> None:
        self.school = self.organisation("Northfield College", "provider")
        self.employer = self.organisation("Brightwork Ltd", "employer")
        self.body = self.organisation("Institute of Roofers", "professional_body")
        self.dora = self.member(self.school, "Dora Diaz", "designer")
        self.lena = self.member(self.school, "Lena Lind", "lead")
        self.luis = self.member(self.school, "Luis Lopez", "lead")
        self.emil = self.member(self.employer, "Emil Ek", "reviewer")
        self.bo = self.member(self.body, "Bo Berg", "reviewer")

    def say(self, type: str, subject: str, actor: Actor = events.SYSTEM, /, **data: Any) -> Event:
        self.said.append(self.speaker.say(type, subject, data, actor))
        return self.said[-1]

    def tell(self) -> Round:
        for event in self.said[self.heard :]:
            hear(event)
        self.heard = len(self.said)
        return self

    def organisation(self, name: str, standing: str) -> str:
        id = ids.new_id()
        self.say("accounts.organisation.registered.v1", id, organisation=id, name=name, standing=standing)
        return id

    def member(self, organisation: str, name: str, *roles: str) -> Actor:
        actor = Actor(ids.new_id(), organisation, frozenset(roles), session=ids.new_id())
        who = {"person": actor.person, "organisation": organisation, "roles": sorted(roles), "display_name": name}
        self.say("accounts.person.joined.v1", actor.person, actor, **who)
        return actor

    def opened(self, document: Mapping[str, Any] = DOCUMENT) -> Round:
        """The draft is opened, and a consultation on it, with both reviewers' organisations invited."""
        same = {"draft": self.draft, "version": 1, "organisation": self.school}
        hash = documents.digest(document)
        self.say("catalogue.draft.opened.v1", self.draft, self.dora, **same, document=document, document_hash=hash)
        self.say(
            "codesign.consultation.opened.v1",
            self.consultation,
            self.dora,
            **same,
            consultation=self.consultation,
            document_hash=hash,
            closes_at="2030-03-12T12:00:00Z",
            visibility="everything",
        )
        for invited in (self.employer, self.body):
            self.invites(invited)
        return self

    def invites(self, organisation: str) -> Event:
        data = {"consultation": self.consultation, "organisation": organisation}
        return self.say("codesign.participant.invited.v1", self.consultation, self.dora, **data)

    def comments(self, actor: Actor, text: str = "Name the harness to be worn.", comment: str | None = None) -> Event:
        return self.say(
            "codesign.comment.submitted.v1",
            self.consultation,
            actor,
            **self._version(),
            consultation=self.consultation,
            comment=comment or ids.new_id(),
            pointer="/outcomes/lo-1/text/en",
            element="/outcomes/lo-1",
            element_hash=documents.digest(DOCUMENT["outcomes"]),
            kind="concern",
            text=text,
            public=True,
        )

    def answers(self, comment: Event, reason: str = "Added, thank you.") -> Event:
        data = {"consultation": self.consultation, "comment": comment.data["comment"], "disposition": "accepted"}
        return self.say("codesign.disposition.recorded.v1", self.consultation, self.dora, **data, reason=reason)

    def endorses(self, actor: Actor) -> Event:
        return self.say(
            "codesign.endorsement.given.v1",
            self.consultation,
            actor,
            **self._version(),
            consultation=self.consultation,
            endorsement=ids.new_id(),
            organisation=actor.organisation,
            elements={"/outcomes/lo-1": documents.digest(DOCUMENT["outcomes"])},
            interest="none",
            statement="We would hire for it.",
        )

    def submits(self, actor: Actor) -> Event:
        data = {**self._version(), "submission": ids.new_id(), "document": DOCUMENT}
        return self.say("catalogue.draft.submitted.v1", self.draft, actor, **data)

    def answered(self, submission: Event, what: str, **more: Any) -> Event:
        """Co-design's answer to a submission, `sealed` or `unready`."""
        same = {key: submission.data[key] for key in ("draft", "version", "submission", "document_hash")}
        data = {"consultation": self.consultation, **same, **more}
        return self.say(f"codesign.consultation.{what}.v1", self.consultation, **data)

    def publishes(self, actor: Actor, submission: Event, seal: Event) -> Event:
        data = {key: submission.data[key] for key in ("draft", "version", "submission", "document_hash")}
        data |= {"credential": ids.new_id(), "organisation": self.school, "seal": seal.id}
        return self.say("catalogue.credential.published.v1", self.draft, actor, **data, consultation=self.consultation)

    def issues(self, person: Actor, purpose: str, **more: Any) -> Event:
        """Accounts issues a link."""
        data = {
            "token": ids.new_id(),
            "person": person.person,
            "purpose": purpose,
            "expires_at": "2030-01-01T12:00:00Z",
        }
        actor = person if purpose == "sign_in" else self.dora
        return self.say("accounts.token.issued.v1", person.person, actor, **data, **more)

    def _version(self) -> dict[str, Any]:
        return {"draft": self.draft, "version": 1, "document_hash": documents.digest(DOCUMENT)}


@dataclass
class Box:
    """A post that keeps what it is given, unless it is told to fail."""

    sent: list[EmailMessage] = field(default_factory=list)
    problem: Exception | None = None

    def send(self, message: EmailMessage) -> None:
        if self.problem is not None:
            raise self.problem
        self.sent.append(message)

    def away(self) -> None:
        self.problem = Unreachable("connection refused")

    def back(self) -> None:
        self.problem = None


def directory(person: str, token: str | None) -> Mapping[str, Any]:
    """An accounts that knows everybody."""
    link = f"http://localhost:8080/accounts/link/secret-of-{token}" if token else None
    return {"address": f"{person}@example.org", "display_name": "Emil Ek", "link": link}


def send(box: Box, ask: commands.Directory = directory) -> int:
    """Make one round of the post."""
    return commands.send_due(ask, box)


def read(statement: str, **params: Any) -> list[dict[str, Any]]:
    """Read rows of notifications."""
    with db.of("notifications").transaction(read_only=True) as tx:
        return tx.all(statement, params)


def hearers(about: Event, channel: str = "inbox") -> set[str]:
    """Who was told of an event on a channel, or is about to be."""
    rows = read(
        "SELECT person FROM notifications_own.told WHERE event = %(event)s AND channel = %(channel)s",
        event=about.id,
        channel=channel,
    )
    return {row["person"] for row in rows}


def emitted() -> list[Event]:
    """Every event notifications emitted, in order."""
    rows = read("SELECT body FROM notifications_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"])) for row in rows]


def outcomes(channel: str = "email") -> list[tuple[str, str | None]]:
    """What notifications told of its notices on a channel: (noun and verb, ground)."""
    found = [event for event in emitted() if event.data["channel"] == channel]
    return [(event.type.removeprefix("notifications."), event.data.get("ground")) for event in found]
