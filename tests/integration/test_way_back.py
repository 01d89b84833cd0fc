"""The way back: the log goes on as what was signed, or says that it cannot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner
from werkzeug.serving import make_server

from deploy.local.postgres import binaries
from services.audit import log
from services.audit.evidence import exporting
from services.audit.recording.entering import Fenced, record
from services.audit.recovery import copies
from services.audit.recovery.recovering import NoWayBack
from services.audit.signing import checkpoints, identity, log_folder
from services.audit.signing.checkpoints import Published
from services.audit.signing.signer import Signer
from services.audit.tlog import tree
from services.audit.tlog.checkpoints import opened
from services.audit.tlog.notes import VerifierKey
from services.audit.tlog.policies import Policy
from services.audit.verifier import build
from services.audit.witness import folder as folders
from services.audit.witness import store
from services.audit.witness.api import create_app
from services.audit.witness.folder import Witness
from services.catalogue import commands
from services.catalogue.domain.acts import Opening, Revision
from services.cli.audit import app
from services.kernel import db, ids, outbox, ports, rebuild
from services.kernel.errors import Misconfigured, Refused
from services.kernel.events import Actor, Event, Fact
from tests import private
from tests.component.catalogue_house import Elsewhere, hear, lithium
from tests.facts import eventually
from tests.people import person
from tests.said import message

ANNA, BEN = (Actor(ids.new_id(), ids.new_id()) for _ in "ab")
ALL, THE_LOG = (), ("--schema=audit", "--schema=audit_own")
COMPARED = {
    "entry": "SELECT idx, event_id, body, leaf, source, type, subject, sequence, organisation, actor, time FROM entry",
    "node": "SELECT * FROM node",
    "head": "SELECT * FROM head",
    "private": "SELECT * FROM private",
    "aggregate": "SELECT * FROM aggregate",
    "missing": "SELECT * FROM missing",
    "stream": "SELECT * FROM audit_own.stream",
}


@dataclass
class House:
    """A log on the real database, with folder, key and policy of its settings, and a witness that answers."""

    url: str
    home: Path
    witness: Witness
    numbers: Iterator[int]

    def says(self, count: int, actor: Actor = ANNA) -> list[Event]:
        """Let catalogue say something with private words so many times; the recorder enters it."""
        said = []
        for _ in range(count):
            draft, submission = ids.new_id(), ids.new_id()
            data = {"draft": draft, "version": 1, "submission": submission, "reason": f"Because {submission}"}
            with db.of("catalogue").transaction() as tx:
                said.append(outbox.emit(tx, Fact("catalogue.draft.recalled.v1", draft, data, actor)))
        self.enters(said)
        return said

    def erases(self, actor: Actor) -> None:
        """Let accounts erase a person."""
        data = {"person": actor.person, "organisation": actor.organisation}
        with db.of("accounts").transaction() as tx:
            said = outbox.emit(tx, Fact("accounts.person.erased.v1", actor.person, data, actor))
        self.enters([said])

    def misses(self) -> None:
        """Let the log say that something is missing."""
        data = {"about": ids.new_id(), "producer": "catalogue", "first": 1, "last": 4}
        with db.of("audit").transaction() as tx:
            said = outbox.emit(tx, Fact("audit.gap.found.v1", f"gap:{data['about']}", data))
        self.enters([said])

    def enters(self, said: list[Event]) -> None:
        """Record events as the relay sends them."""
        with db.of("audit").transaction() as tx:
            record(tx, [message(event, next(self.numbers)) for event in said])

    def publishes(self) -> Published:
        """Let a signer work until the quorum of witnesses has co-signed all there is."""
        signer = Signer(identity.of_settings(), log_folder.of_settings())
        try:
            eventually(lambda: self._is_published(signer), within=30)
        finally:
            signer._resign()
        with db.of("audit").transaction() as tx:
            newest = checkpoints.newest(tx)
        assert newest
        return newest

    def _is_published(self, signer: Signer) -> bool:
        signer.tick(0.05)
        assert not signer.refusal, signer.refusal
        with db.of("audit").transaction() as tx:
            newest = checkpoints.newest(tx)
            return newest is not None and newest.size == log.size(tx)

    def complaint(self, of: Callable[[Signer], str]) -> str:
        """What a signer says that something is wrong with, once it does."""
        signer = Signer(identity.of_settings(), log_folder.of_settings())

        def said() -> str:
            signer.tick(0.05)
            return of(signer)

        try:
            return eventually(said, within=30)
        finally:
            signer._resign()

    def refusal(self) -> str:
        """What a signer says that refuses to sign."""
        return self.complaint(lambda signer: signer.refusal)

    def problem(self) -> str:
        """What a witness answers where it does not co-sign."""
        return self.complaint(_told_of_a_witness)

    def dump(self, name: str) -> Path:
        """Dump the whole database."""
        file = self.home / name
        subprocess.run([binaries() / "pg_dump", "--format=custom", f"--file={file}", self.url], check=True)
        return file

    def restore(self, file: Path, schemas: tuple[str, ...] = ALL) -> None:
        """Put back what a dump holds, in the place of what is there."""
        db.close_all()
        words = ("--clean", "--if-exists", *schemas, f"--dbname={self.url}", str(file))
        subprocess.run([binaries() / "pg_restore", *words], check=True)

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """What the tables of the log hold, without what only the recorder knew: positions, and when it was."""
        with db.of("audit").transaction() as tx:
            return {name: sorted(tx.all(statement), key=str) for name, statement in COMPARED.items()}

    def witnessed(self) -> int:
        """The size that the witness has co-signed last."""
        with store.opened(self.witness.file) as tx:
            seen = store.latest(tx, identity.origin())
        return seen.size if seen else 0

    @property
    def folder(self) -> Path:
        """The log folder."""
        return log_folder.of_settings().path


def _told_of_a_witness(signer: Signer) -> str:
    asked = signer._leading and signer._leading._witnesses
    return next((sentence for sentence, _ in asked._told.values()), "") if asked else ""


@pytest.fixture
def house(database: str, tmp_path: Path) -> Iterator[House]:
    """A log with a real witness; its secrets are its own, for some tests lose them."""
    shutil.copytree(private.FOLDER / "secrets", tmp_path / "secrets")
    port = ports.free()
    with private.settings(
        COUNTERSIGN_SECRETS=str(tmp_path / "secrets"), COUNTERSIGN_LOG_POLICY=str(tmp_path / "policy")
    ):
        vkey = str(identity.of_settings().key.verifier)
        witness = folders.begin(tmp_path / "witness", "agency.example/w1", [vkey])
        (tmp_path / "policy").write_text(witness.policy(f"http://127.0.0.1:{port}"))
        server = make_server("127.0.0.1", port, create_app(witness), threaded=True)
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield House(database, tmp_path, witness, iter(range(1, 1_000_000)))
        server.shutdown()


def run(*words: str, exit_code: int = 0) -> str:
    """Run `countersign audit`."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.output


def test_yesterdays_dump_of_the_log_comes_back_byte_for_byte(house: House) -> None:
    """Entries from the log folder, private values from the outboxes: every table as it was, and the witness agrees."""
    house.says(300)
    house.publishes()
    dump = house.dump("yesterday")
    house.says(219)
    house.misses()
    house.publishes()
    today = house.rows()
    house.restore(dump, THE_LOG)
    assert house.rows() != today
    assert "520 entries" in house.refusal()
    assert "220 entries were brought back" in run("recover", "--from", str(house.folder))
    assert house.rows() == today
    assert "The log is whole" in run("verify")
    house.says(3)
    assert house.publishes().size == house.witnessed() == 523


def test_what_no_copy_has_is_lost_and_the_log_says_so(house: House) -> None:
    """The whole database is yesterday's, outboxes too: an entry names what is gone; later erasures are done again."""
    before = house.says(30, ANNA) + house.says(5, BEN)
    house.publishes()
    dump = house.dump("yesterday")
    house.says(40, ANNA)
    house.says(2, BEN)
    house.erases(BEN)
    house.publishes()
    house.restore(dump)
    told = run("recover", "--from", str(house.folder))
    assert "43 entries were brought back" in told
    assert "Private values lost, for no copy had them: 40; see entry 78 and on." in told
    assert "The log is whole" in run("verify")
    with db.of("audit").transaction() as tx:
        kept = tx.all("SELECT DISTINCT person FROM private")
        lost = tx.one("SELECT * FROM entry WHERE type = 'audit.values.lost.v1'")
    assert [row["person"] for row in kept] == [ANNA.person]
    assert lost
    assert lost["idx"] == 78
    assert not {value["event"] for value in json.loads(lost["body"])["data"]["values"]} & {e.id for e in before}
    assert house.publishes().size == house.witnessed() == 79
    run("recover", "--from", str(house.folder))
    assert house.publishes().size == 79, "what was said once is not said again"


def test_entries_and_values_come_back_from_a_bundle(house: House) -> None:
    """Database and folder are gone; a bundle of an auditor has all that was published, words included."""
    empty = house.dump("empty")
    house.says(300)
    house.publishes()
    exporting.export(house.home / "bundle.zip", lambda *_: None)
    today = house.rows()
    house.restore(empty)
    shutil.rmtree(house.folder)
    assert "300 entries were brought back" in run("recover", "--from", str(house.home / "bundle.zip"))
    assert house.rows() == today
    assert "The log is whole" in run("verify")
    house.says(1)
    assert house.publishes().size == house.witnessed() == 301


def known_to_catalogue(house: House) -> Actor:
    """A lead of a provider; accounts has said so, catalogue has heard it, and the log has it."""
    lead, says = person("designer", "lead"), Elsewhere().says
    college = {"organisation": lead.organisation, "name": "Rheinhafen Vocational College", "standing": "provider"}
    who = {"person": lead.person, "organisation": lead.organisation, "roles": ["designer", "lead"]}
    said = [
        says("accounts.organisation.registered.v1", str(lead.organisation), **college),
        says("accounts.person.joined.v1", lead.person, **who, display_name="Lena Vogt"),
    ]
    for event in said:
        hear(event)
    house.enters(said)
    return lead


def test_services_take_back_what_they_said_after_the_dump(house: House) -> None:
    """The whole database is yesterday's: catalogue's tables are the fold of the log again, and it goes on."""
    lead = known_to_catalogue(house)
    first = commands.open_draft(lead, Opening(lithium()))
    house.enters([first])
    house.publishes()
    dump = house.dump("yesterday")
    patch = [{"op": "replace", "path": "/title/en", "value": "Lithium batteries, once more"}]
    house.enters([commands.revise(lead, first.subject, 1, Revision(patch, summary="Once more"))])
    house.enters([commands.open_draft(lead, Opening(lithium()))])
    house.publishes()
    house.restore(dump)
    assert "catalogue had forgotten 2 of its own events" in run("recover", "--from", str(house.folder))
    assert rebuild.check("catalogue").differs is None
    assert commands.draft(lead, first.subject).version == 2
    house.enters([commands.revise(lead, first.subject, 2, Revision(document=lithium(), summary="As it was"))])
    assert "forgotten" not in run("recover", "--from", str(house.folder))
    assert rebuild.check("catalogue").differs is None
    with db.of("audit").transaction() as tx:
        assert tx.all("SELECT * FROM audit_own.parked") == []


def test_nothing_is_given_up_before_the_best_copy_was_found(house: House) -> None:
    """From a copy that ends too early nothing is declared lost: an entry of now would bar the way to a better one."""
    empty = house.dump("empty")
    house.says(5)
    house.publishes()
    shutil.copytree(house.folder, house.home / "older")
    house.says(3)
    house.publishes()
    exporting.export(house.home / "bundle", lambda *_: None)
    today = house.rows()
    house.restore(empty)
    assert "missing (5) are not given up" in run("recover", "--from", str(house.home / "older"), exit_code=1)
    run("recover", "--from", str(house.home / "bundle"))
    assert house.rows() == today


def test_a_value_that_the_entry_does_not_commit_to_is_not_taken(house: House) -> None:
    """Whoever kept the bundle has changed a word: it is lost, and the log says so."""
    empty = house.dump("empty")
    house.says(3)
    house.publishes()
    exporting.export(house.home / "bundle", lambda *_: None)
    house.restore(empty)
    file = house.home / "bundle/private.json"
    file.write_text(file.read_text().replace("Because", "Before", 1))
    assert "Private values brought back: 2." in run("recover", "--from", str(house.home / "bundle"))
    assert "Private values lost under entry 3: 1." in run("verify")


def test_a_log_that_was_changed_has_no_successor(house: House, tmp_path: Path) -> None:
    """Entries that are not those that were signed are not carried over, whatever happened to the key."""
    house.says(300)
    house.publishes()
    (tmp_path / "secrets/log-key.pem").unlink()
    with psycopg.connect(house.url) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE audit.entry SET leaf = sha256('x') WHERE idx = 298")
    with pytest.raises(Refused, match="not those that were signed"):
        run("succeed", "--reason", "To hide something.")


def test_a_folder_without_its_head_file_reaches_as_far_as_its_checkpoint(house: House) -> None:
    """The newest published checkpoint stands in for it, if this log has signed it."""
    empty = house.dump("empty")
    house.says(3)
    house.publishes()
    house.restore(empty)
    (house.folder / "head").unlink()
    note = house.folder / "public/checkpoint"
    signed = note.read_bytes()
    note.write_bytes(signed.replace(b"\n3\n", b"\n2\n"))
    with pytest.raises(Misconfigured, match="cannot be used"):
        run("recover", "--from", str(house.folder))
    note.write_bytes(signed)
    assert "3 entries were brought back" in run("recover", "--from", str(house.folder))


def test_nothing_is_recorded_on_top_of_an_older_copy(house: House) -> None:
    """While the log folder knows of more entries than the database has, the recorder stops and acknowledges nothing."""
    dump = house.dump("empty")
    house.says(3)
    house.publishes()
    house.restore(dump, THE_LOG)
    with pytest.raises(Fenced, match="countersign audit recover"):
        house.says(1)
    run("recover", "--from", str(house.folder))
    house.says(1)


def test_a_copy_that_was_changed_brings_nothing_back(house: House) -> None:
    """One byte of one entry of the copy is another: refused, the database is left as it was."""
    dump = house.dump("empty")
    house.says(300)
    house.publishes()
    house.restore(dump, THE_LOG)
    bundle = house.folder / "private/tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"recalled", b"recaLled", 1))
    with pytest.raises(NoWayBack, match="do not make the root"):
        run("recover", "--from", str(house.folder))
    with db.of("audit").transaction() as tx:
        assert log.size(tx) == 0


def test_what_was_recorded_on_top_of_the_old_state_bars_the_way_and_is_named(house: House) -> None:
    """Where the recorder could not see the folder: the copy does not continue the database from entry 2 on."""
    house.says(2)
    house.publishes()
    dump = house.dump("yesterday")
    house.says(3)
    house.publishes()
    house.restore(dump, THE_LOG)
    with private.settings(COUNTERSIGN_LOG_FOLDER=str(house.home / "elsewhere")):
        house.says(1)
    with pytest.raises(NoWayBack, match=r"part at entry 2.*restore the dump once more"):
        run("recover", "--from", str(house.folder))


def test_a_place_without_a_copy_is_told_of(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such file, a folder that is none, the folder of another log: a sentence, and what to give."""
    house.says(1)
    house.publishes()
    (house.home / "empty").mkdir()
    for place in ("nothing", "empty"):
        with pytest.raises(Misconfigured, match="Give the log folder, or an evidence bundle"):
            run("recover", "--from", str(house.home / place))
    monkeypatch.setenv("COUNTERSIGN_LOG_ORIGIN", "countersign.local/other")
    with pytest.raises(Misconfigured, match="is that of the log"):
        run("recover", "--from", str(house.folder))


def first_entry() -> dict[str, Any]:
    """What the first entry of the log says."""
    with db.of("audit").transaction() as tx:
        row = tx.one("SELECT body FROM entry WHERE idx = 0")
    assert row
    found: dict[str, Any] = json.loads(row["body"])
    return found


def test_where_no_copy_reaches_the_signed_head_another_log_takes_its_place(house: House, tmp_path: Path) -> None:
    """Database and folder are gone, an old bundle is left: its entries follow one that names where the old ended."""
    empty = house.dump("empty")
    said = house.says(120)
    old = house.publishes()
    exporting.export(tmp_path / "bundle", lambda *_: None)
    house.says(30)
    last = house.publishes()
    house.restore(empty)
    shutil.rmtree(house.folder)
    assert "That is not all: 150" in run("recover", "--from", str(tmp_path / "bundle"), exit_code=1)
    assert "recover" in house.refusal()
    told = run("succeed", "--reason", "Both disks failed.")
    assert "Missing of what was signed: 30." in told
    first = first_entry()
    assert first["type"] == "audit.log.succeeded.v1"
    assert first["data"] == {
        "successor": "countersign.local/log/2",
        "origin": "countersign.local/log",
        "size": 150,
        "root": last.root.hex(),
        "carried": 120,
        "checkpoint": first["data"]["checkpoint"],
        "ground": "Both disks failed.",
    }
    assert opened(first["data"]["checkpoint"].encode(), identity.of_settings().key.verifier)[0].size == 150
    with private.settings(COUNTERSIGN_LOG_ORIGIN="countersign.local/log/2"):
        assert "The log is whole" in run("verify")
        assert "does not know the log" in house.problem()
        folders.add(house.witness, str(identity.of_settings().key.verifier))
        house.enters(said[:5])  # which are there
        house.says(2)
        new = house.publishes()
        assert (new.size, house.witnessed()) == (123, 123)
        with db.of("audit").transaction() as tx:
            leaves = log.leaves(tx, 1, 121)
        assert tree.root(tree.append(0, (), leaves)[0]) == old.root
        exporting.export(tmp_path / "new", lambda *_: None)
        checked = verifies(tmp_path / "new")
        assert "took the place of countersign.local/log" in checked
        assert "30 are lost" in checked


def test_a_lost_key_ends_a_log_and_nothing_else(house: House, tmp_path: Path) -> None:
    """With a new key the signer refuses, the successor carries every entry, and all of them are as they were."""
    house.says(300)
    last = house.publishes()
    (tmp_path / "kept").write_bytes(last.note)
    with pytest.raises(Refused, match="This log can go on"):
        run("succeed", "--reason", "For no reason.")
    (tmp_path / "secrets/log-key.pem").unlink()
    told = run("succeed", "--reason", "The key was lost with its safe.")
    assert "Missing of what was signed: 0." in told
    assert "key was changed" not in told
    with db.of("audit").transaction() as tx:
        former = tx.one("SELECT origin, size, note, published FROM former_checkpoint")
        assert tx.value("SELECT count(*) FROM checkpoint") == 0
    assert former
    assert (former["origin"], former["size"], bytes(former["published"])) == ("countersign.local/log", 300, last.note)
    with private.settings(COUNTERSIGN_LOG_ORIGIN="countersign.local/log/2"):
        folders.add(house.witness, str(identity.of_settings().key.verifier))
        house.says(1)
        assert house.publishes().size == 302
        assert "log (300 entries, all of which follow)" in run("verify")
        with psycopg.connect(house.url) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute("UPDATE audit.former_checkpoint SET root = sha256('x')")
        assert "are not those that it had signed" in run("verify", exit_code=1)
        exporting.export(tmp_path / "new.zip", lambda *_: None)
        assert "all of which follow here, unchanged" in verifies(tmp_path / "new.zip")
        assert len(list(copies.of(house.folder / "former/countersign.local_log", old_key(last)).entries(0, 300))) == 300


def test_a_log_that_ended_twice_names_both_and_no_signer_may_be_at_work(house: House, tmp_path: Path) -> None:
    """The successor of a successor begins with two such entries; while a signer holds its lease none is made."""
    house.says(3)
    house.publishes()
    signer = Signer(identity.of_settings(), log_folder.of_settings())
    assert signer.leads()
    (tmp_path / "secrets/log-key.pem").unlink()
    with pytest.raises(Refused, match="A signer is at work"):
        run("succeed", "--reason", "Lost.")
    signer._resign()
    with db.of("audit").transaction() as tx:
        tx.execute("DELETE FROM audit_own.lease")
    run("succeed", "--reason", "Lost.")
    with private.settings(COUNTERSIGN_LOG_ORIGIN="countersign.local/log/2"):
        folders.add(house.witness, str(identity.of_settings().key.verifier))
        house.publishes()
        (tmp_path / "secrets/log-key.pem").unlink()
        run("succeed", "--reason", "Lost again.")
    with private.settings(COUNTERSIGN_LOG_ORIGIN="countersign.local/log/3"):
        folders.add(house.witness, str(identity.of_settings().key.verifier))
        assert house.publishes().size == 5
        assert run("verify").count("took the place of") == 2
        exporting.export(tmp_path / "new", lambda *_: None)
        checked = verifies(tmp_path / "new")
        assert checked.count("took the place of") == 2


def test_a_checkpoint_that_somebody_kept_says_where_the_log_ended(house: House, tmp_path: Path) -> None:
    """Without folder and without a witness that says it, a file is believed, if the log's key has signed it."""
    empty = house.dump("empty")
    house.says(10)
    last = house.publishes()
    vkey = str(identity.of_settings().key.verifier)
    (tmp_path / "kept").write_bytes(last.note)
    house.restore(empty)
    shutil.rmtree(house.folder)
    (tmp_path / "policy").write_text("quorum none\n")
    (tmp_path / "secrets/log-key.pem").unlink()
    with pytest.raises(Refused, match="Nothing is known to have been signed"):
        run("succeed", "--reason", "All lost.")
    with pytest.raises(Misconfigured, match="--log"):
        run("succeed", "--reason", "All lost.", "--checkpoint", str(tmp_path / "kept"))
    told = run("succeed", "--reason", "All lost.", "--checkpoint", str(tmp_path / "kept"), "--log", vkey)
    assert "Carried over: 0. Missing of what was signed: 10." in told
    assert (first_entry()["data"]["size"], first_entry()["data"]["root"]) == (10, last.root.hex())


def old_key(published: Published) -> VerifierKey:
    """The key of the folder that was put away, by the policy in it."""
    text = (log_folder.of_settings().path / "former/countersign.local_log/public/policy").read_bytes()
    (found,) = Policy.parse(text).logs
    assert opened(published.note, found.key)
    return found.key


def verifies(bundle: Path) -> str:
    """What the auditor's tool says of a good bundle."""
    file = bundle.parent / "countersign-verify.py"
    file.write_bytes(build.built())
    done = subprocess.run([sys.executable, file, "bundle", bundle], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
