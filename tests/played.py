"""Catalogue, co-design and the log in one process: real commands, handlers and tables, and a broker that is a test's.

Messages wait here until the test delivers them: late, twice, and in any order that a broker may come to.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from random import Random
from typing import Any

import psycopg

from services.audit.erasing import erasures
from services.audit.recording.entering import record
from services.catalogue import commands as catalogue
from services.catalogue.domain.acts import Opening, Revision
from services.catalogue.service import Catalogue
from services.codesign import commands as codesign
from services.codesign.domain.answering import DISPOSITIONS, NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.codesign.service import Codesign
from services.kernel import clock, config, db, events, topology
from services.kernel.bus import attempts
from services.kernel.bus.attempts import Act
from services.kernel.bus.delivery import Delivery
from services.kernel.errors import Refused
from services.kernel.events import Actor, Event
from services.kernel.topology import Handler
from tests.component.catalogue_house import lithium
from tests.people import person
from tests.said import Speaker, message

SERVED = {"catalogue": Catalogue, "codesign": Codesign}
RECORDER = "audit.recorder"
PLACES = ("/title/en", "/outcomes/lo-store/text/en", "/outcomes/lo-pack/text/en", "/awarding_body/name/en", "/notes/en")


@cache
def hearers() -> dict[str, Handler]:
    """Every queue of the two services, by its name."""
    return {f"{name}.{h.name}": h for name, served in SERVED.items() for h in topology.handlers_of(served)}


@dataclass
class Played:
    """A platform and its people, of whom some will be erased. Every choice is that of `random`."""

    random: Random
    speaker: Speaker = field(default_factory=Speaker)
    queues: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    collected: dict[str, int] = field(default_factory=dict)
    said: list[Event] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)
    consultations: dict[str, str] = field(default_factory=dict)
    comments: list[tuple[str, str]] = field(default_factory=list)
    done: int = 0

    def __post_init__(self) -> None:
        self.college, leads = self._organisation("provider", "lead", people=2)
        self.leads = leads
        self.others = [self._organisation(s, "reviewer") for s in ("employer", "employer", "professional_body")]
        self.reviewers = [one for _, people in self.others for one in people]
        self.office = person("administrator")
        self.settle()

    def _organisation(self, standing: str, role: str, people: int = 1) -> tuple[str, list[Actor]]:
        members = [person(role)]
        id = str(members[0].organisation)
        members += [person(role, organisation=id) for _ in range(people - 1)]
        self.say("accounts.organisation.registered.v1", id, organisation=id, name=standing, standing=standing)
        proof: dict[str, Any] = {
            "organisation": id,
            "standing": standing,
            "ground": "register_number",
            "evidence": "HRB 4711",
        }
        self.say("accounts.organisation.confirmed.v1", id, **proof)
        for one in members:
            who = {"person": one.person, "organisation": id, "roles": [role], "display_name": f"Somebody {role}"}
            self.say("accounts.person.joined.v1", one.person, one, **who)
        return id, members

    def say(self, type: str, subject: str, actor: Actor = events.SYSTEM, **data: Any) -> None:
        """Let accounts, or the log's office, say an event."""
        self._send(self.speaker.say(type, subject, data, actor))

    def act(self, what: str) -> None:
        """Do something, if the rules allow it, and send what came of it."""
        try:
            getattr(self, what)()
            self.done += 1
        except Refused:
            pass
        self.collect()

    def opens(self) -> None:
        document = lithium()
        self.drafts.append(catalogue.open_draft(self.random.choice(self.leads), Opening(document)).subject)

    def revises(self) -> None:
        draft = self._draft()
        where = self.random.choice(PLACES)
        patch = [{"op": "replace", "path": where, "value": f"Text {self.random.random()}"}]
        answers = [id for of, id in self.comments if of == draft.id and self.random.random() < 0.3]
        wish = Revision(patch=patch, summary="Clearer", answers=answers)
        catalogue.revise(self.random.choice(self.leads), draft.id, draft.version, wish)

    def consults(self) -> None:
        wish = NewConsultation(
            self._draft().id,
            clock.now() + timedelta(days=9),
            organisations=tuple(id for id, _ in self.others if self.random.random() < 0.8),
            visibility=self.random.choice(["nothing_until_closed", "everything"]),
            question="Would you send your own people?",
        )
        event = codesign.open_consultation(self.random.choice(self.leads), wish)
        self.consultations[wish.draft] = event.subject

    def invites(self) -> None:
        codesign.invite_organisation(self.leads[0], self._consultation()[1], self.random.choice(self.others)[0])

    def comment(self) -> None:
        draft, consultation = self._consultation()
        where = self.random.choice(PLACES).removesuffix("/en")
        suggestion = [{"op": "replace", "path": f"{where}/en", "value": "Say how far."}]
        document = copy.deepcopy(catalogue.draft(self.leads[0], draft).document)
        place: Any = document
        for step in where.split("/")[1:]:
            place = place[step]
        suggestion.insert(0, {"op": "test", "path": f"{where}/en", "value": place["en"]})
        wish = NewComment(
            pointer=where,
            kind=self.random.choice(["concern", "demand"]),
            text=f"Words {self.random.random()}",
            suggestion=suggestion if self.random.random() < 0.4 else None,
            public=self.random.random() < 0.5,
        )
        event = codesign.submit_comment(self.random.choice(self.reviewers), consultation, wish)
        self.comments.append((draft, event.data["comment"]))

    def disposes(self) -> None:
        _, comment = self._choice(self.comments)
        wish = NewDisposition(self.random.choice(DISPOSITIONS), f"Because {self.random.random()}")
        codesign.record_disposition(self.random.choice(self.leads), comment, wish)

    def answers_all(self) -> None:
        for _, comment in self.comments:
            codesign.record_disposition(self.leads[0], comment, NewDisposition("accepted", "All of them."))

    def endorses(self) -> None:
        wish = NewEndorsement("none", statement=f"We hire for this {self.random.random()}")
        for reviewer in self.random.sample(self.reviewers, self.random.randint(1, len(self.reviewers))):
            codesign.endorse(reviewer, self._consultation()[1], wish)

    def submits(self) -> None:
        draft = self._draft()
        catalogue.submit(self.leads[0], draft.id, draft.version)

    def finishes(self) -> None:
        """Take a draft in consultation as far as it will go: answered, endorsed, submitted, and published."""
        draft_id, consultation = self._consultation()
        self.settle()
        for of, comment in self.comments:
            if of == draft_id:
                codesign.record_disposition(self.leads[0], comment, NewDisposition("accepted", "Yes."))
        for reviewer in self.reviewers:
            codesign.invite_organisation(self.leads[0], consultation, str(reviewer.organisation))
            codesign.endorse(reviewer, consultation, NewEndorsement("none"))
        draft = catalogue.draft(self.leads[0], draft_id)
        catalogue.submit(self.leads[0], draft_id, draft.version)
        self.settle()
        catalogue.publish(self.leads[-1], draft_id, draft.version)

    def recalls(self) -> None:
        draft = self._draft()
        catalogue.recall(self.leads[0], draft.id, draft.version, "One more look")

    def publishes(self) -> None:
        draft = self._draft()
        catalogue.publish(self.leads[-1], draft.id, draft.version)

    def erases(self) -> None:
        """Somebody is erased, and does nothing any more; one is always left."""
        people = self.random.choice([self.leads, self.reviewers])
        if len(people) < 2:
            raise Refused("Somebody must be left.")
        gone = people.pop(self.random.randrange(len(people)))
        whose = {"person": gone.person, "organisation": gone.organisation}
        self.say("accounts.person.erased.v1", gone.person, self.office, **whose)

    def withholds(self) -> None:
        """One text is withheld by two people."""
        event, value = self._choice([(event, value) for event in self.said for value in event.private])
        self.say(
            "audit.text.withheld.v1",
            erasures.subject_of(event.id),
            self.office,
            event=event.id,
            pointer=value.pointer,
            ground="confidential",
            proposed_by=person("administrator").person,
            about={"type": event.type, "subject": event.subject, "sequence": event.sequence},
        )

    def collect(self) -> None:
        """Send what the services have committed to their outboxes."""
        for service in SERVED:
            with db.of(service).transaction(read_only=True) as tx:
                rows = tx.all(
                    f"SELECT id, body, private FROM {service}_own.outbox WHERE id > %(last)s ORDER BY id",
                    {"last": self.collected.get(service, 0)},
                )
            for row in rows:
                self.collected[service] = row["id"]
                self._send(events.parse(bytes(row["body"]), events.private_from_json(row["private"])))

    def _send(self, event: Event) -> None:
        self.said.append(event)
        self.queues[RECORDER].append(event)
        for name, handler in hearers().items():
            if event.type in handler.types:
                self.queues[name].append(event)

    def deliver(self) -> bool:
        """Deliver a message that is near the front of a queue, and now and then keep it to be delivered again."""
        waiting = [name for name, queue in self.queues.items() if queue]
        if not waiting:
            return False
        name = self.random.choice(waiting)
        queue = self.queues[name]
        at, many = self.random.randrange(min(3, len(queue))), 4 if name == RECORDER else 1
        some = queue[at : at + many]
        if self.random.random() > 0.15:
            del queue[at : at + many]
        self._hand_out(name, some)
        if name.startswith("codesign."):
            self.collect()  # it may have answered
        return True

    def settle(self) -> None:
        """Deliver all there is, and all that comes of it, until nothing waits."""
        self.collect()
        while any(self.queues.values()):
            for name, queue in list(self.queues.items()):
                some, self.queues[name] = queue, []
                self._hand_out(name, some)
            for handler in hearers().values():
                self._try_again(handler)
            self.collect()

    def _hand_out(self, name: str, some: list[Event]) -> None:
        if name == RECORDER:
            with db.of("audit").transaction() as tx:
                record(tx, [message(event) for event in some])
            return
        handler = hearers()[name]
        for event in some:
            delivery = Delivery(event.body, message(event).headers, events.CONTENT_TYPE)
            _through(handler, lambda act, d=delivery: attempts.take(handler, d, act, _nothing))  # type: ignore[misc]

    def _try_again(self, handler: Handler) -> None:
        while ids := list(_due(handler)):
            for id in ids:
                _through(handler, lambda act, id=id: attempts.take_again(handler, id, act, _nothing))  # type: ignore[misc]

    def _draft(self) -> Any:
        return catalogue.draft(self.leads[0], self._choice(self.drafts))

    def _consultation(self) -> tuple[str, str]:
        draft, consultation = self._choice(list(self.consultations.items()))
        return draft, consultation

    def _choice(self, there: list[Any]) -> Any:
        if not there:
            raise Refused("There is none yet.")
        return self.random.choice(there)


def _through(handler: Handler, attempt: Callable[[Act], None]) -> None:
    served = SERVED[handler.service]
    getattr(served, handler.name)(served(), attempt)


def _due(handler: Handler) -> Iterator[str]:
    with db.of(handler.service).transaction(read_only=True) as tx:
        rows = tx.all(
            f"SELECT id FROM {handler.service}_own.waiting WHERE handler = %(handler)s AND due <= %(now)s",
            {"handler": handler.name, "now": clock.now()},
        )
    yield from (str(row["id"]) for row in rows)


def _nothing() -> None:
    pass


@dataclass
class Slate:
    """A database that is made clean again, quicker than a new one."""

    tables: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        with self._admin() as admin:
            rows = admin.execute(
                """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                   WHERE split_part(schemaname, '_', 1) IN ('catalogue', 'codesign', 'audit')"""
            ).fetchall()
            kept = "SELECT count(*) FROM "
            self.tables = [str(t) for (t,) in rows if not admin.execute(f"{kept}{t}".encode()).fetchone()[0]]  # type: ignore[index]

    def clean(self) -> None:
        """Empty every table that a migrated database has empty."""
        with self._admin() as admin:
            admin.execute("SET session_replication_role = replica")  # a log is emptied by nobody but a test
            admin.execute(";".join(f"DELETE FROM {table}" for table in self.tables).encode())
            admin.execute("UPDATE audit.head SET size = 0, root = sha256('')")
            admin.execute("UPDATE audit.followed SET size = 0")

    @staticmethod
    def _admin() -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(config.admin_database_url())
