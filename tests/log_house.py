"""A log of a test's own on the real database, with a folder, a key, a signer, and witnesses as wanted."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from services.audit import log
from services.audit.recording.entering import record
from services.audit.signing import checkpoints, log_folder
from services.audit.signing.checkpoints import Published, Signed
from services.audit.signing.identity import Identity
from services.audit.signing.log_folder import LogFolder
from services.audit.signing.signer import Signer
from services.audit.tlog.checkpoints import Checkpoint, opened
from services.audit.tlog.notes import ED25519, SigningKey
from services.audit.tlog.policies import Policy
from services.kernel import clock, config, db
from services.kernel.events import Event
from tests.facts import eventually
from tests.said import Speaker, message
from tests.small_witness import SmallWitness

ORIGIN = "countersign.test/log"


def administrator() -> psycopg.Connection[tuple[Any, ...]]:
    """Somebody whom no right and no trigger stops."""
    connection = psycopg.connect(config.admin_database_url(), options="-c search_path=audit", autocommit=True)
    connection.execute("SET session_replication_role = replica")
    return connection


def empty_log() -> None:
    """A log without entries, and without a folder: as quick as a rollback, where a new database takes a second."""
    with administrator() as admin:
        for schema in ("audit", "audit_own"):
            for (table,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall():
                if table not in ("head", "followed", "migration"):
                    admin.execute(f"DELETE FROM {schema}.{table}".encode())
        admin.execute("UPDATE head SET size = 0, root = sha256('')")
        admin.execute("UPDATE followed SET size = 0")
    shutil.rmtree(log_folder.of_settings().path, ignore_errors=True)


class Hands:
    """A clock whose hands a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.at)

    def on(self, **by: float) -> datetime:
        """Move on."""
        self.at += timedelta(**by)
        return self.at


@dataclass
class LogHouse:
    """The log, and what is around it. `quorum` is what the policy asks for, with the lines of groups before it."""

    hands: Hands
    witnesses: Sequence[SmallWitness] = ()
    quorum: str = "quorum none\n"
    speaker: Speaker = field(default_factory=Speaker)
    key: SigningKey = field(default_factory=lambda: SigningKey.generate(ORIGIN, ED25519))
    signers: list[Signer] = field(default_factory=list)

    def __post_init__(self) -> None:
        for witness in self.witnesses:
            witness.trust(self.key.verifier)

    @property
    def folder(self) -> LogFolder:
        """The folder of this test's log."""
        return log_folder.of_settings()

    @property
    def identity(self) -> Identity:
        """Who this log is."""
        lines = (f"log {self.key.verifier}\n", *(witness.line for witness in self.witnesses), self.quorum)
        text = "".join(lines).encode()
        return Identity(self.key, Policy.parse(text), text)

    def record(self, count: int, subject: str = "a") -> list[Event]:
        """Enter so many events."""
        events = self.speaker.ticks(subject, count)
        with db.of("audit").transaction() as tx:
            record(tx, [message(event) for event in events])
        return events

    def signer(self) -> Signer:
        """A new signer; those before are as if killed."""
        self.close()
        self.signers.append(Signer(self.identity, self.folder))
        with db.of("audit").transaction() as tx:
            tx.execute("DELETE FROM audit_own.lease")
        return self.signers[-1]

    def close(self) -> None:
        """Let no thread of a signer go on."""
        for signer in self.signers:
            signer._step_down()
        self.signers.clear()

    def publish(self, signer: Signer | None = None) -> Published:
        """Let a signer work until all there is is published."""
        signer = signer or self.signer()

        def is_done() -> bool:
            self.hands.on(seconds=1)
            signer.tick(0.02)
            assert not signer.refusal, signer.refusal
            newest = self.published
            return newest is not None and newest.size == self.head.size

        eventually(is_done)
        assert self.published
        return self.published

    @property
    def head(self) -> Checkpoint:
        """What is committed."""
        with db.of("audit").transaction() as tx:
            return Checkpoint(ORIGIN, *log.standing(tx))

    @property
    def published(self) -> Published | None:
        """The newest published checkpoint."""
        with db.of("audit").transaction() as tx:
            return checkpoints.newest(tx)

    @property
    def signed(self) -> Signed | None:
        """The newest signed checkpoint."""
        with db.of("audit").transaction() as tx:
            return checkpoints.newest_signed(tx)

    @property
    def served(self) -> Checkpoint | None:
        """What is served, held against the log's key."""
        note = self.folder.checkpoint()
        return opened(note, self.key.verifier)[0] if note else None

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with db.of("audit").transaction() as tx:
            return int(tx.value(f"SELECT count(*) FROM {table}"))
