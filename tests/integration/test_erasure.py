"""Erasing and withholding, through the whole platform: every place that has to be empty, and again after a restore."""

from __future__ import annotations

import json
import logging
import random
import subprocess
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from deploy.local.postgres import binaries
from services.accounts import commands as accounts
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.catalogue import commands as catalogue
from services.catalogue.domain.acts import Opening, Revision
from services.cli.audit import app as audit_cli
from services.cli.erasures import app as erasures_cli
from services.codesign import commands as codesign
from services.codesign import reading
from services.codesign.domain.answering import NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.kernel import catching_up, clock, config, db, documents, erasures, events, ids, outbox, rebuild
from services.kernel.errors import Refused, Unavailable
from services.kernel.events import SYSTEM, Actor, Event, Fact
from tests.places import places_with
from tests.wires import RECORDER, Wires

FOLDED = ("accounts", "catalogue", "codesign", "notifications")
NAME, QUESTION, COMMENT, WORDING, REASON, STATEMENT, SUMMARY, BECAUSE = (
    f"Unmistakable {word}"
    for word in ("Person", "question", "comment", "wording", "reason", "statement", "summary", "recall")
)


@dataclass
class House:
    """A provider with two people, an employer and a professional body, a draft; whatever they say goes by the wires."""

    wires: Wires = field(default_factory=Wires)

    def __post_init__(self) -> None:
        college = self._organisation("Rheinhafen College", "provider")
        self.employer = self._organisation("Nordhafen Logistik", "employer")
        chamber = self._organisation("Chamber", "professional_body")
        self.lena = self._member(college, "lead", "Lena Vogt")
        self.jonas = self._member(college, "lead", "Jonas Weber")
        self.anna = self._member(self.employer, "reviewer", NAME)
        self.emil = self._member(self.employer, "reviewer", "Emil Braun")
        self.greta = self._member(chamber, "reviewer", "Greta Lind")
        self.wires.deliver_all()
        document = json.loads(files("examples").joinpath("lithium-batteries.json").read_text("utf-8"))
        self.draft = catalogue.open_draft(self.lena, Opening(document)).subject
        self.wires.deliver_all()
        wish = NewConsultation(
            self.draft, clock.now() + timedelta(days=9), organisations=(self.employer, chamber), question=QUESTION
        )
        self.consultation = codesign.open_consultation(self.lena, wish).subject
        self.wires.deliver_all()

    def _organisation(self, name: str, standing: str) -> str:
        id = accounts.register(SYSTEM, NewOrganisation(name, standing, "DE")).subject
        accounts.confirm(SYSTEM, id, Confirmation(standing, "register_number", "HRB 1"))
        return id

    def _member(self, organisation: str, role: str, name: str) -> Actor:
        address = f"{ids.new_id()}@example.org"
        id = accounts.add_person(address=address, name=name, organisation=organisation, roles=frozenset({role}))
        return Actor(id, organisation, frozenset({role}), session=ids.new_id())

    @property
    def version(self) -> int:
        return catalogue.draft(self.lena, self.draft).version

    def comment(self, actor: Actor, text: str, wording: str | None = None) -> Event:
        wish = NewComment("/title/en", "concern", text, wording=wording)
        return codesign.submit_comment(actor, self.consultation, wish)

    def answer(self, actor: Actor, comment: Event, reason: str) -> Event:
        return codesign.record_disposition(actor, comment.data["comment"], NewDisposition("rejected", reason))

    def endorse(self, actor: Actor, statement: str) -> Event:
        return codesign.endorse(actor, self.consultation, NewEndorsement("none", statement=statement))

    def revise(self, actor: Actor, title: str, summary: str) -> Event:
        patch = [{"op": "replace", "path": "/title/en", "value": title}]
        return catalogue.revise(actor, self.draft, self.version, Revision(patch=patch, summary=summary))

    def erase(self, person: Actor) -> Event:
        return accounts.erase(SYSTEM, person.person)

    def withhold(self, event: Event, pointer: str) -> Event:
        about = {"type": event.type, "subject": event.subject, "sequence": event.sequence}
        data = {"event": event.id, "pointer": pointer, "ground": "unlawful", "proposed_by": ids.new_id()}
        with db.of("audit").transaction() as tx:
            return outbox.emit(
                tx, Fact("audit.text.withheld.v1", f"text:{event.id}", data | {"about": about}, self.lena)
            )


@pytest.fixture
def house(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    del database
    monkeypatch.setenv("COUNTERSIGN_LOG_FOLDER", str(tmp_path / "audit-log"))
    config.reset()
    return House()


def rebuilt(*seeds: int | None) -> None:
    """Every service's tables are the fold of the log, in its own order of subjects and in others."""
    for service in FOLDED:
        for seed in seeds or (None, 1):
            verdict = rebuild.check(service, seed)
            assert verdict.differs is None, (service, seed, verdict.live, verdict.folded)


def whole() -> str:
    answer = CliRunner().invoke(audit_cli, ["verify"])
    assert answer.exit_code == 0, answer.output
    return answer.output


class TestAPersonIsErased:
    def test_no_table_of_any_service_holds_their_words_or_their_name(self, house: House) -> None:
        """Said in every way there is, lying in every fold, outbox and the log before; nowhere afterwards."""
        comment = house.comment(house.anna, COMMENT, WORDING)
        house.endorse(house.anna, STATEMENT)
        house.wires.deliver_all()
        words = (NAME, COMMENT, WORDING, STATEMENT)
        assert places_with(*words) >= {
            "accounts.person",
            "accounts_own.outbox",
            "audit.private",
            "catalogue.person",
            "codesign.comment",
            "codesign.endorsement",
            "codesign.person",
            "codesign_own.outbox",
            "notifications.person",
            "notifications_own.letter",
        }
        house.answer(house.lena, comment, REASON)
        house.erase(house.anna)
        house.wires.deliver_all()
        assert places_with(*words) == set()
        assert places_with(REASON) >= {"codesign.disposition", "audit.private"}
        rebuilt()
        assert "Private values erased under entry" in whole()

    def test_a_providers_words_go_and_the_documents_stay(self, house: House) -> None:
        """Question, summary, reasons; the title they wrote is the provider's, and the versions keep their hashes."""
        comment = house.comment(house.anna, COMMENT)
        house.wires.deliver_all()
        house.answer(house.lena, comment, REASON)
        house.revise(house.lena, "A title of the provider", SUMMARY)
        catalogue.submit(house.lena, house.draft, house.version)
        catalogue.recall(house.lena, house.draft, house.version, BECAUSE)
        house.wires.deliver_all()
        words = (QUESTION, REASON, SUMMARY, BECAUSE, "Lena Vogt")
        assert places_with(*words) >= {"catalogue.version", "catalogue.submission", "codesign.consultation"}
        house.erase(house.lena)
        house.wires.deliver_all()
        assert places_with(*words) == set()
        assert {"catalogue.version", "codesign.version"} <= places_with("A title of the provider")
        rebuilt()
        whole()

    def test_applying_a_suggestion_keeps_its_words_in_the_document(self, house: House) -> None:
        """By an act of the provider they became the document's; the suggestion itself goes with its author."""
        comment = house.comment(house.anna, COMMENT, WORDING)
        house.wires.deliver_all()
        revision = Revision(patch=comment.words("/data/suggestion"), answers=[comment.data["comment"]])
        catalogue.revise(house.lena, house.draft, house.version, revision)
        house.wires.deliver_all()
        house.erase(house.anna)
        house.wires.deliver_all()
        assert places_with(COMMENT) == set()
        assert documents.at(catalogue.draft(house.lena, house.draft).document, "/title/en") == WORDING
        shown = reading.comment(house.lena, comment.data["comment"])
        assert (shown["text"], shown["suggestion"], shown["named_in"]) == (None, None, [2])
        assert "codesign.comment" not in places_with(WORDING)
        rebuilt()

    def test_what_waits_and_what_is_parked_is_blanked(self, house: House) -> None:
        """A message whose handler failed keeps its words beside it until the erasure, and not longer."""
        house.comment(house.anna, COMMENT)
        house.wires.look()
        with pytest.MonkeyPatch.context() as breaks:
            breaks.setattr("services.notifications.commands.hear", _fail)
            house.wires.deliver("notifications.follow_consultations")
        assert "notifications_own.waiting" in places_with(COMMENT)
        with db.of("notifications").transaction() as tx:
            tx.execute(
                """INSERT INTO notifications_own.parked (id, handler, event_id, type, body, private, reason, at)
                   SELECT gen_random_uuid(), 'another', event_id, type, body, private, '', now()
                   FROM notifications_own.waiting"""
            )
        house.erase(house.anna)
        house.wires.look()
        house.wires.deliver("notifications.forget")
        assert {place for place in places_with(COMMENT) if place.startswith("notifications")} == set()
        house.wires.deliver_all()
        assert places_with(COMMENT) == set()

    def test_an_erasure_that_arrives_first_is_remembered(self, house: House) -> None:
        """The words come to every hearer, and to the log, after the erasure, and are kept nowhere."""
        house.comment(house.anna, COMMENT)
        accounts.change_name(house.anna, "Unmistakable Other")
        house.wires.look()
        before = {name: list(messages) for name, messages in house.wires.queues.items()}
        house.wires.queues.clear()
        house.erase(house.anna)
        house.wires.deliver_all(but=[RECORDER])
        for name, messages in before.items():
            house.wires.queues[name] = messages + house.wires.queues[name]
        house.wires.deliver_all()
        assert places_with(COMMENT, "Unmistakable Other", NAME) == set()
        rebuilt()
        whole()

    def test_an_outbox_that_is_not_sent_yet_goes_out_without_the_words(self, house: House) -> None:
        """The entry in the log has its commitment and never had its value, which the erasure explains."""
        house.comment(house.anna, COMMENT)
        house.wires.look()
        house.wires.queues.clear()
        house.wires._moved.clear()
        house.erase(house.anna)
        house.wires.look()
        house.wires.deliver("codesign.forget", -1)
        assert places_with(COMMENT) == set()
        house.wires.queues.clear()
        house.wires._moved.clear()
        house.wires.deliver_all()
        assert places_with(COMMENT) == set()
        assert "erased under entry" in whole()
        rebuilt()

    def test_mail_that_is_not_sent_quotes_nothing(self, house: House) -> None:
        """The letter goes, and says that the words are no longer at hand."""
        house.comment(house.anna, COMMENT)
        house.wires.deliver_all()
        assert "notifications_own.letter" in places_with(COMMENT)
        house.erase(house.anna)
        house.wires.deliver_all()
        with db.of("notifications").transaction() as tx:
            letters = tx.all(
                "SELECT words FROM notifications_own.letter WHERE author = %(a)s", {"a": house.anna.person}
            )
        assert letters
        assert all(letter["words"] is None for letter in letters)

    def test_what_is_kept_for_repeated_requests_goes(self, house: House) -> None:
        """Answers hold ids only; the hash of a request with words in it is emptied, so that nobody can guess them."""
        with db.of("codesign").transaction() as tx:
            tx.execute(
                """INSERT INTO codesign_own.idempotency (person, key, request_hash, status, body)
                   VALUES (%(p)s, 'k', sha256('words'), 201, '{}')""",
                {"p": house.anna.person},
            )
        house.erase(house.anna)
        house.wires.deliver_all()
        with db.of("codesign").transaction() as tx:
            assert bytes(tx.value("SELECT request_hash FROM codesign_own.idempotency")) == b""

    def test_no_log_line_holds_the_words(
        self, house: House, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Neither while they are said and heard, nor when the database refuses a row that has them."""
        caplog.set_level(logging.DEBUG)
        with psycopg.connect(config.admin_database_url(), autocommit=True) as admin:
            admin.execute("ALTER TABLE notifications.person ADD CHECK (display_name NOT LIKE 'Unmistakable O%')")
        house.comment(house.anna, COMMENT, WORDING)
        accounts.change_name(house.anna, "Unmistakable Other")
        house.wires.look()
        for name in list(house.wires.queues):
            while house.wires.queues[name]:
                house.wires.deliver(name)
        printed = capsys.readouterr()
        assert "CheckViolation" in printed.out
        assert places_with("CheckViolation") == {"notifications_own.waiting"}
        assert "Unmistakable" not in printed.out + printed.err + caplog.text
        with db.of("notifications").transaction() as tx:
            assert "Unmistakable" not in tx.value("SELECT reason FROM notifications_own.waiting")


def _fail(*_: object) -> None:
    raise RuntimeError("not today")


class TestATextIsWithheld:
    @pytest.mark.parametrize("pointer", ["/data/text", "/data/suggestion"])
    def test_one_text_goes_everywhere_and_the_others_stay(self, house: House, pointer: str) -> None:
        """Of a comment either its words or its suggestion."""
        comment = house.comment(house.anna, COMMENT, WORDING)
        house.wires.deliver_all()
        house.withhold(comment, pointer)
        house.wires.deliver_all()
        gone, stays = (COMMENT, WORDING) if pointer == "/data/text" else (WORDING, COMMENT)
        assert places_with(gone) == set()
        assert {"codesign.comment", "audit.private", "codesign_own.outbox"} <= places_with(stays)
        rebuilt()
        assert "Private values withheld under entry" in whole()

    def test_every_kind_of_text_finds_its_row(self, house: House) -> None:
        """Every private value of every contract that a service folds: withheld, it is in no table any more."""
        comment = house.comment(house.anna, COMMENT)
        renamed = accounts.change_name(house.anna, "Unmistakable Other")
        house.wires.deliver_all()
        texts = [
            (house.answer(house.lena, comment, REASON), "/data/reason", REASON),
            (house.endorse(house.anna, STATEMENT), "/data/statement", STATEMENT),
            (house.revise(house.lena, "Another title", SUMMARY), "/data/summary", SUMMARY),
            (renamed, "/data/display_name", "Unmistakable Other"),
            (self._opened(house), "/data/question", QUESTION),
        ]
        house.wires.deliver_all()
        catalogue.submit(house.lena, house.draft, house.version)
        texts.append((catalogue.recall(house.lena, house.draft, house.version, BECAUSE), "/data/reason", BECAUSE))
        house.wires.deliver_all()
        for event, pointer, words in texts:
            assert len(places_with(words)) > 1, words
            house.withhold(event, pointer)
            house.wires.deliver_all()
            assert places_with(words) == set(), words
        rebuilt()

    def test_a_name_withheld_is_that_name_and_not_the_next(self, house: House) -> None:
        """Who was renamed since keeps the new one, in every service."""
        joined = self._said("accounts", "accounts.person.joined.v1", house.anna.person)
        accounts.change_name(house.anna, "Unmistakable Other")
        house.wires.deliver_all()
        house.withhold(joined, "/data/display_name")
        house.wires.deliver_all()
        assert places_with(NAME) == set()
        assert {f"{service}.person" for service in FOLDED} <= places_with("Unmistakable Other")
        rebuilt()

    def _opened(self, house: House) -> Event:
        return self._said("codesign", "codesign.consultation.opened.v1", house.consultation)

    def _said(self, service: str, type: str, subject: str) -> Event:
        with db.of(service).transaction() as tx:
            rows = tx.all(f"SELECT body FROM {service}_own.outbox WHERE type = %(type)s", {"type": type})
        found = (events.parse(bytes(row["body"])) for row in rows)
        return next(event for event in found if event.subject == subject)


class TestAtTheSameTime:
    def test_who_erases_waits_for_words_that_are_just_being_written(self, house: House) -> None:
        """A comment whose transaction is open when its author's erasure is heard is found, and blanked."""
        with psycopg.connect(config.database_url("codesign"), autocommit=True) as watch:
            with db.of("codesign").transaction() as tx:
                fact = Fact("codesign.message.redriven.v1", ids.new_id(), _redriven(), house.anna)
                outbox.emit(tx, fact)
                held = watch.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
                assert held
                assert held[0] > 0
                act = erasures.Erasure(ids.new_id(), person=house.anna.person)
                with pytest.raises(Unavailable):
                    _take("codesign", act, within="100ms")
            _take("codesign", act, within="5s")
        assert places_with(BECAUSE) == set()

    @pytest.mark.parametrize("seed", range(4))
    def test_in_whatever_order_things_arrive_and_how_often(self, house: House, seed: int) -> None:
        """Acts, erasures and withholdings among redeliveries and delays: the folds agree, and no words are left."""
        chance = random.Random(seed)
        said: list[Event] = []
        for step in range(25):
            _act(house, chance, said, step)
            house.wires.deliver_some(chance, chance.randrange(12))
        house.wires.deliver_all()
        house.erase(house.emil)
        house.wires.deliver_all()
        rebuilt(None, seed)
        whole()
        assert places_with("by Anna", "by Emil") == set()


def _take(service: str, erasure: erasures.Erasure, within: str) -> None:
    with db.of(service).transaction() as tx:
        tx.execute(f"SET LOCAL lock_timeout = '{within}'")
        erasures.take(tx, erasure)


def _redriven() -> dict[str, Any]:
    return {"message": ids.new_id(), "handler": "x", "because": BECAUSE}


def _act(house: House, chance: random.Random, said: list[Event], step: int) -> None:
    """One act of somebody; Anna is erased half way, and now and then a text is withheld."""
    if step == 12:
        house.erase(house.anna)
    elif said and chance.random() < 0.15:
        event = chance.choice(said)
        house.withhold(event, event.private[0].pointer if event.private else "/data/text")
    elif chance.random() < 0.3:
        said.append(house.revise(house.jonas, f"Title {step}", f"Step {step} by Jonas"))
    else:
        who, name = chance.choice([(house.emil, "Emil"), (house.greta, "Greta"), (house.anna, "Anna")])
        said.append(house.comment(who, f"Step {step} by {name}"))


def test_a_rebuild_waits_for_a_service_that_has_not_heard_of_an_erasure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are gone from the log and still in the rows: that is no difference yet, and told apart from one."""
    house.comment(house.anna, COMMENT)
    house.wires.deliver_all()
    house.erase(house.anna)
    house.wires.look()
    house.wires.deliver(RECORDER)
    monkeypatch.setattr(rebuild, "PATIENCE", 0.2)
    with pytest.raises(Refused, match="has not heard of 1 erasures"):
        rebuild.check("codesign")
    house.wires.deliver_all()
    rebuilt()


class TestAfterARestore:
    @pytest.fixture
    def dumped(self, house: House, tmp_path: Path) -> tuple[House, Path]:
        """Yesterday's dump, with the words in it; what was said since, and the erasure, are in the log alone."""
        house.comment(house.anna, COMMENT)
        house.wires.deliver_all()
        return house, _dump(tmp_path / "yesterday")

    def test_what_was_erased_since_is_gone_before_anything_starts(self, dumped: tuple[House, Path]) -> None:
        """The services' tables are yesterday's, the log is today's: `migrate` lets go of it again."""
        house, dump = dumped
        house.erase(house.anna)
        house.wires.deliver_all()
        _restore(dump, *(f"{service}{own}" for service in FOLDED for own in ("", "_own")))
        assert {"codesign.comment", "codesign_own.outbox", "accounts.person", "accounts_own.address"} <= places_with(
            COMMENT, NAME, "@example.org"
        )
        address = accounts.letter(house.anna.person)
        assert address
        told = CliRunner().invoke(erasures_cli, ["apply", "--missing"])
        assert told.exit_code == 0, told.output
        assert "codesign: 1 erasures applied." in told.output
        assert places_with(COMMENT, NAME, address.address) == set()
        assert accounts.letter(house.anna.person) is None
        assert "has heard of every erasure" in CliRunner().invoke(erasures_cli, ["apply", "--missing"]).output
        assert catching_up.catch_up("accounts") == 1, "the erasure itself, which accounts had said since"
        rebuilt()

    def test_doing_it_again_does_no_harm(self, dumped: tuple[House, Path]) -> None:
        """`countersign erasures apply` applies all of them to every service, heard of or not."""
        house, _ = dumped
        house.erase(house.anna)
        house.wires.deliver_all()
        told = CliRunner().invoke(erasures_cli, ["apply"])
        assert told.exit_code == 0, told.output
        rebuilt()
        whole()

    def test_what_the_bus_brings_again_is_no_second_time(self, dumped: tuple[House, Path]) -> None:
        """The erasure was applied at the start; its message, sent again, finds it done."""
        house, dump = dumped
        house.erase(house.anna)
        house.wires.look()
        again = house.wires.queues["codesign.forget"][0]
        house.wires.deliver_all()
        _restore(dump, "codesign", "codesign_own")
        assert CliRunner().invoke(erasures_cli, ["apply", "--missing"]).exit_code == 0
        house.wires.queues["codesign.forget"].append(again)
        house.wires.deliver("codesign.forget")
        rebuilt()


def _dump(path: Path) -> Path:
    words = ("--format=custom", f"--file={path}", config.admin_database_url())
    subprocess.run([binaries() / "pg_dump", *words], check=True)
    return path


def _restore(dump: Path, *schemas: str) -> None:
    """Put schemas back to what a dump holds, as an operator does whose disk is lost."""
    db.close_all()
    words = ("--clean", "--if-exists", f"--dbname={config.admin_database_url()}")
    only = [f"--schema={schema}" for schema in schemas]
    subprocess.run([binaries() / "pg_restore", *words, *only, str(dump)], check=True)


def test_every_service_that_folds_has_the_same_way_in() -> None:
    """What the bus calls and what `countersign erasures apply` calls is one function in each service."""
    for service in FOLDED:
        assert callable(import_module(f"services.{service}.commands").hear_of_erasure)
        assert hasattr(import_module(f"services.{service}.service").SERVICE, "forget")
