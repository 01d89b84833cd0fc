"""The way back: the log goes on as what was signed, or says that it cannot: from an old dump, a bundle, without its key."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.local.postgres import binaries
from services.audit import checkpoints, identity, log, log_folder
from services.audit.checkpoints import Published
from services.audit.recording import record
from services.audit.signer import Signer
from services.audit.witness import folder as folders
from services.audit.witness import store
from services.audit.witness.folder import Witness
from services.cli.audit import app
from services.kernel import db, ids, outbox, ports
from services.kernel.events import Actor, Event, Fact
from services.kernel.processes import Process
from tests import private
from tests.facts import eventually
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
    """A log on the real database, with the folder, the key and the policy of its settings, and a witness that runs."""

    url: str
    home: Path
    witness: Witness
    numbers: Iterator[int]

    def says(self, count: int, actor: Actor = ANNA) -> list[Event]:
        """Let catalogue say something with private words so many times; the recorder enters it."""
        said = []
        for _ in range(count):
            data = {
                "draft": ids.new_id(),
                "version": 1,
                "submission": ids.new_id(),
                "reason": f"Because {ids.new_id()}",
            }
            with db.of("catalogue").transaction() as tx:
                said.append(outbox.emit(tx, Fact("catalogue.draft.recalled.v1", data["draft"], data, actor)))
        self.enters(said)
        return said

    def erases(self, actor: Actor) -> None:
        """Let accounts erase a person."""
        data = {"person": actor.person, "organisation": actor.organisation}
        with db.of("accounts").transaction() as tx:
            said = outbox.emit(tx, Fact("accounts.person.erased.v1", actor.person, data, actor))
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

    def refusal(self) -> str:
        """What a signer says that refuses to sign."""
        signer = Signer(identity.of_settings(), log_folder.of_settings())
        try:
            eventually(lambda: signer.tick(0.05) or signer.refusal, within=30)
        finally:
            signer._resign()
        return signer.refusal

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
        words = ["witness", "run", "--folder", str(tmp_path / "witness"), "--port", str(port)]
        started = subprocess.Popen([sys.executable, "-m", "services.cli", *words], start_new_session=True)
        yield House(database, tmp_path, witness, iter(range(1, 1_000_000)))
        if process := Process.find(started.pid):
            process.end_session(0)
        started.wait()


def run(*words: str, exit_code: int = 0) -> str:
    """Run `countersign audit`."""
    done: Result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return done.output


def test_yesterdays_dump_of_the_log_comes_back_byte_for_byte(house: House) -> None:
    """Entries from the log folder, private values from the outboxes: every table as it was, and the witness agrees."""
    house.says(300)
    house.publishes()
    dump = house.dump("yesterday")
    house.says(220)
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
