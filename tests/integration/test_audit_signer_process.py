"""The signer as a process: beside another, frozen, killed, and asked after its health."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.audit.recording.entering import record
from services.audit.signing import checkpoints, identity, log_folder
from services.audit.tlog.notes import ED25519, SigningKey
from services.cli.health import app
from services.kernel import config, db, ids, migrate
from services.kernel.errors import Misconfigured
from services.kernel.keys import LOG_KEY
from tests import private
from tests.facts import eventually
from tests.said import Speaker, message


@contextmanager
def process() -> Iterator["subprocess.Popen[bytes]"]:
    """A signer process; killed at the end where it still lives."""
    child = subprocess.Popen([sys.executable, "-m", "services.cli", "signer"], env=dict(os.environ))
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def enter(count: int) -> int:
    """Enter so many events; return how many entries there are."""
    events = Speaker().ticks(ids.new_id(), count)
    with db.of("audit").transaction() as tx:
        return record(tx, [message(event) for event in events]).head.size


def published() -> int:
    with db.of("audit").transaction() as tx:
        newest = checkpoints.newest(tx)
    return newest.size if newest else 0


def health() -> tuple[int, str]:
    answer = CliRunner().invoke(app, ["signer"])
    return answer.exit_code, answer.output


@pytest.mark.usefixtures("database")
def test_another_goes_on_where_the_first_is_killed_or_frozen_and_the_thawed_one_stands_by() -> None:
    """One signs at a time; what was entered meanwhile is published by whoever is well; SIGTERM ends it with 0."""
    assert health() == (1, "No signer leads: nothing new in the log is signed.\n")
    size = enter(3)
    with process() as first:
        eventually(lambda: published() == size, within=30)
        assert health()[0] == 0
        with process() as second:
            size = enter(3)
            eventually(lambda: published() == size)
            first.send_signal(signal.SIGSTOP)
            size = enter(3)
            eventually(lambda: published() == size, within=30)
            first.send_signal(signal.SIGCONT)
            size = enter(3)
            eventually(lambda: published() == size)
            second.send_signal(signal.SIGTERM)
            assert second.wait(timeout=15) == 0
            size = enter(3)
            eventually(lambda: published() == size, within=30)
            first.send_signal(signal.SIGTERM)
            assert first.wait(timeout=15) == 0
    assert health()[0] == 1
    policy = identity.of_settings().policy
    assert policy.check(log_folder.of_settings().checkpoint() or b"").checkpoint.size == size


@pytest.mark.usefixtures("database")
def test_health_tells_why_nothing_is_signed() -> None:
    """The sentence of the refusal, and exit code 1, while the signer lives and waits for it to be put right."""
    enter(3)
    folder = log_folder.of_settings().path
    folder.mkdir()
    (folder / "head").write_bytes(b"countersign.local/other\n3\n" + b"A" * 43 + b"=\n")
    with process() as signer:
        eventually(lambda: "The origin was changed" in health()[1], within=30)
        assert health()[0] == 1
        assert signer.poll() is None
        assert published() == 0
        (folder / "head").unlink()
        eventually(lambda: published() == 3, within=30)
        eventually(lambda: health()[0] == 0)


@pytest.mark.usefixtures("database")
def test_without_its_key_it_says_what_is_missing() -> None:
    """Exit code 1 and the sentence; no key is made by anybody but `countersign migrate`."""
    with private.settings(COUNTERSIGN_SECRETS=str(log_folder.of_settings().path)), pytest.raises(Misconfigured) as told:
        identity.of_settings()
    assert LOG_KEY in str(told.value)
    assert "countersign migrate" in str(told.value)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """`countersign migrate` makes it where it is missing, and leaves it where it is."""
    with private.settings(COUNTERSIGN_SECRETS=f"{tmp_path}/secrets"):
        migrate.ensure_secrets()
        path = config.secrets_folder() / LOG_KEY
        made = path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600
        migrate.ensure_secrets()
        assert path.read_bytes() == made
        assert identity.of_settings().key.name == "countersign.local/log"


def test_a_policy_that_is_not_good_stops_it_at_once(tmp_path: Path) -> None:
    """It says in which line, or that this log is not in it; one that names no log is of this one."""
    other = SigningKey.generate("log.example", ED25519).verifier
    with private.settings(COUNTERSIGN_SECRETS=f"{tmp_path}/secrets"):
        migrate.ensure_secrets()
        for policy, sentence in (
            ("quorum nobody\n", "Line 1 of the policy"),
            (f"log {other}\nquorum none\n", "other logs"),
        ):
            identity.policy_path().write_text(policy)
            with pytest.raises(Misconfigured, match=sentence):
                identity.of_settings()
        identity.policy_path().write_text("quorum none\n")
        (log,) = identity.of_settings().policy.logs
        assert (log.key.name, log.url) == ("countersign.local/log", "http://localhost:8080/audit")
