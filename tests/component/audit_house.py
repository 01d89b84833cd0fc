"""What the tests of the record's pages begin with: one round, entered in a log, and the people who read it."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from services.audit.recording.entering import record
from services.audit.signing import checkpoints, log_folder
from services.audit.tlog import cosignatures
from services.audit.tlog.checkpoints import Checkpoint, signed
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, SigningKey
from services.audit.tlog.policies import Policy
from services.kernel import clock, db, documents, ids
from services.kernel.events import Actor, Event
from tests.people import person
from tests.said import Speaker


def lithium() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("examples").joinpath("lithium-batteries.json").read_text("utf-8"))
    return found


@dataclass
class Round:
    """A college asks two employers and a professional body; what is said is entered at once, in `said` by its names."""

    speaker: Speaker = field(default_factory=Speaker)
    document: dict[str, Any] = field(default_factory=lithium)
    version: int = 1
    said: dict[str, Event] = field(default_factory=dict)
    entries: list[Event] = field(default_factory=list)
    draft: str = field(default_factory=ids.new_id)
    consultation: str = field(default_factory=ids.new_id)
    college: str = field(default_factory=ids.new_id)
    nordhafen: str = field(default_factory=ids.new_id)
    spedition: str = field(default_factory=ids.new_id)
    chamber: str = field(default_factory=ids.new_id)

    def __post_init__(self) -> None:
        self.lena = self._organisation(self.college, "Rheinhafen Vocational College", "provider", "Lena Vogt", "lead")
        self.amina = self._organisation(self.nordhafen, "Nordhafen Logistik", "employer", "Amina Rahman", "reviewer")
        self.emil = self._organisation(self.spedition, "Spedition Ulm", "employer", "Emil Braun", "reviewer")
        body = "professional_body"
        self.greta = self._organisation(self.chamber, "Chamber of Logistics", body, "Greta Lind", "reviewer")
        self.jonas = self._joins(self.college, "Jonas Weber", "lead")
        self.auditor = person("auditor")

    def _organisation(self, id: str, name: str, standing: str, who: str, *roles: str) -> Actor:
        data = {"organisation": id, "name": name, "standing": standing}
        self.says("accounts.organisation.registered.v1", id, data)
        return self._joins(id, who, *roles)

    def _joins(self, organisation: str, who: str, *roles: str) -> Actor:
        actor = person(*roles, organisation=organisation)
        joined = {"person": actor.person, "organisation": organisation, "roles": list(roles), "display_name": who}
        self.says("accounts.person.joined.v1", actor.person, joined, actor)
        return actor

    def says(self, type: str, subject: str, data: dict[str, Any], *by: Actor, name: str = "") -> Event:
        """Say an event and enter it; `name` is how to ask for it later."""
        event = self.speaker.say(type, subject, data, *by)
        with db.of("audit").transaction() as tx:
            record(tx, [self.speaker.message(event)])
        self.entries.append(event)
        self.said[name] = event
        return event

    def number(self, name: str) -> int:
        """Return the entry of something said."""
        return self.entries.index(self.said[name])

    def opens(self) -> None:
        """Open the draft."""
        data = self._whole() | {"organisation": self.college}
        self.says("catalogue.draft.opened.v1", self.draft, data, self.lena, name="opened")

    def consults(self, visibility: str = "nothing_until_closed", days: float = 14) -> None:
        """Open a consultation and ask both employers and the professional body."""
        data = self._version() | {
            "consultation": self.consultation,
            "organisation": self.college,
            "closes_at": clock.rfc3339(clock.now() + timedelta(days=days)),
            "visibility": visibility,
            "question": "Is this what your people need?",
        }
        self._consults("consultation.opened", data, self.lena, "consults")
        for organisation in (self.nordhafen, self.spedition, self.chamber):
            self._consults("participant.invited", {"organisation": organisation}, self.lena, f"asked {organisation}")

    def comments(self, actor: Actor, text: str, name: str, *, public: bool = False, **more: Any) -> str:
        """Comment on the second outcome; return the comment's id."""
        id, element = ids.new_id(), "/outcomes/lo-store"
        data = self._version() | {
            "comment": id,
            "pointer": element,
            "element": element,
            "element_hash": documents.elements(self.document)[element],
            "kind": "concern",
            "text": text,
            "public": public,
        }
        self._consults("comment.submitted", data | more, actor, name)
        return id

    def revises(self, path: str, value: Any, *answers: str) -> None:
        """Make the next version by replacing what stands at a place."""
        before = self.document
        self.document = copy.deepcopy(before)
        self.document = documents.patched(before, [{"op": "replace", "path": path, "value": value}])
        self.version += 1
        data = self._version() | {"patch": [{"op": "replace", "path": path, "value": value}], "answers": list(answers)}
        data |= {"summary": "Says the distances now"}
        self.says("catalogue.draft.revised.v1", self.draft, data, self.lena, name=f"version {self.version}")

    def suggests(self, actor: Actor, words: str, text: str, name: str) -> str:
        """Comment on the second outcome with other words for it; return the comment's id."""
        path = "/outcomes/lo-store/text/en"
        now = documents.at(self.document, path)
        patch = [{"op": "test", "path": path, "value": now}, {"op": "replace", "path": path, "value": words}]
        return self.comments(actor, text, name, suggestion=patch)

    def answers(self, comment: str, disposition: str, reason: str, name: str) -> None:
        """Record a disposition."""
        data = {"comment": comment, "disposition": disposition, "reason": reason, "answered_in": self.version}
        self._consults("disposition.recorded", data, self.lena, name)

    def endorses(self, actor: Actor, name: str, **more: Any) -> str:
        """Endorse the whole design as it is; return the endorsement's id."""
        id = ids.new_id()
        data = self._version() | {
            "endorsement": id,
            "organisation": actor.organisation,
            "elements": documents.elements(self.document),
            "interest": "none",
            "statement": "This is what we hire for.",
        }
        self._consults("endorsement.given", data | more, actor, name)
        return id

    def seals(self, *endorsements: str) -> str:
        """Submit the newest version and have it sealed; return the submission."""
        submission = ids.new_id()
        self.says(
            "catalogue.draft.submitted.v1",
            self.draft,
            self._whole() | {"submission": submission},
            self.lena,
            name="submitted",
        )
        data = self._version() | {"submission": submission, "endorsements": list(endorsements)}
        self._consults("consultation.sealed", data, Actor("system"), "sealed")
        return submission

    def publishes(self, submission: str) -> None:
        """Publish the sealed version."""
        data = self._version() | {
            "submission": submission,
            "credential": ids.new_id(),
            "organisation": self.college,
            "seal": self.said["sealed"].id,
            "consultation": self.consultation,
        }
        self.says(
            "catalogue.credential.published.v1",
            self.draft,
            data,
            self.jonas,
            name="published",
        )

    def _consults(self, what: str, data: dict[str, Any], actor: Actor, name: str) -> None:
        data = {"consultation": self.consultation} | data
        self.says(f"codesign.{what}.v1", self.consultation, data, actor, name=name)

    def _version(self) -> dict[str, Any]:
        return {"draft": self.draft, "version": self.version, "document_hash": documents.digest(self.document)}

    def _whole(self) -> dict[str, Any]:
        return self._version() | {"document": self.document}


KEY = SigningKey.generate("countersign.test/log", ED25519)
POLICY = Policy.parse(f"log {KEY.verifier}\nquorum none\n".encode())


def published(at: datetime | None = None) -> Checkpoint:
    """Sign the record as it is, and publish that, under a policy that asks for no witness."""
    with db.of("audit").transaction() as tx:
        row = tx.one("SELECT size, root FROM head") or {}
        checkpoint = Checkpoint(KEY.name, row["size"], bytes(row["root"]))
        note = signed(checkpoint, KEY).encode()
        checkpoints.add_signed(tx, checkpoint, note, at or clock.now())
        checkpoints.add_published(tx, checkpoint.size, note, at or clock.now())
    return checkpoint


AGENCY = SigningKey.generate("agency.test/witness", COSIGNATURE)
WITNESSED_POLICY = f"log {KEY.verifier}\nwitness agency {AGENCY.verifier}\nquorum agency\n".encode()


def witnessed(at: datetime | None = None) -> Checkpoint:
    """Sign the record as it is and let the agency co-sign it; both, and the policy, are where the signer puts them."""
    at = at or clock.now()
    folder = log_folder.of_settings()
    with db.of("audit").transaction() as tx:
        row = tx.one("SELECT size, root FROM head") or {}
        checkpoint = Checkpoint(KEY.name, row["size"], bytes(row["root"]))
        ours = signed(checkpoint, KEY)
        theirs = cosignatures.cosign(checkpoint.text(), AGENCY, int(at.timestamp()))
        note = Note(ours.text, (*ours.signatures, theirs)).encode()
        checkpoints.add_signed(tx, checkpoint, ours.encode(), at)
        checkpoints.add_published(tx, checkpoint.size, note, at)
    folder.keep_policy(WITNESSED_POLICY)
    folder.keep_checkpoint(note)
    return checkpoint


def whole_round() -> Round:
    """From the first draft to the publication."""
    round = Round()
    round.opens()
    round.consults()
    first = round.comments(round.amina, "Say which distances: our insurer asks for metres.", "first", public=True)
    second = round.comments(round.emil, "Half of our depots have no sprinklers.", "second")
    path = "/outcomes/lo-store/text/en"
    round.revises(path, "Store packages with lithium batteries at least 2.5 metres apart.", first)
    round.answers(first, "accepted", "Version 2 says 2.5 metres.", "accepts")
    round.answers(second, "out_of_scope", "What the depot has is for the operator.", "declines")
    endorsements = [round.endorses(actor, f"endorsed by {actor.person}") for actor in (round.amina, round.greta)]
    round.publishes(round.seals(*endorsements))
    return round
