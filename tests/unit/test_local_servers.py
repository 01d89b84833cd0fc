"""What the private servers rest on: processes told apart, ports kept, notes that do not go stale."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import platform, servers
from deploy.local.account import Account, CannotStart, server_home
from deploy.local.postgres import Postgres
from services.kernel import ports
from services.kernel.processes import Process


def test_a_process_is_known_by_its_pid_and_its_start() -> None:
    """The same pid with another start is another process: a reused pid is never taken for the old one."""
    me = Process.find(os.getpid())
    assert me is not None
    assert me.alive
    assert not Process(me.pid, me.started + 1).alive


def test_a_zombie_is_dead() -> None:
    """A child that has ended and was not waited for counts as gone."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process.find(child.pid)
    assert process is not None
    child.kill()
    assert process.wait(within=5)
    child.communicate()


def test_a_stale_note_is_pruned(tmp_path: Path) -> None:
    """A note of a process that is gone, or of another one with its pid, is removed when it is read."""
    note = tmp_path / "process"
    note.write_text(json.dumps({"pid": os.getpid(), "started": 1}))
    assert Process.load(note) is None
    assert not note.exists()


def test_a_note_of_another_command_is_pruned(tmp_path: Path) -> None:
    """A living process that does not bear the expected words is not the one that was noted."""
    note = tmp_path / "process"
    me = Process.find(os.getpid())
    assert me is not None
    me.save(note)
    assert Process.load(note, "python") == me
    assert Process.load(note, "beam.smp") is None


def test_a_stopped_process_is_woken_to_end_it() -> None:
    """A frozen process is ended as well: SIGTERM alone would wait until it thaws."""
    child = subprocess.Popen(["sleep", "60"])
    process = Process.find(child.pid)
    assert process is not None
    process.send(signal.SIGSTOP)
    process.end(within=5)
    assert child.wait() == -signal.SIGTERM


def test_ports_are_kept_while_free(tmp_path: Path) -> None:
    """A server finds its port again at the next start, and another one when somebody took it."""
    first = ports.keep(tmp_path / "ports", "one", "two")
    assert ports.keep(tmp_path / "ports", "one", "two") == first
    with socket.create_server(("127.0.0.1", first["one"])):
        assert ports.keep(tmp_path / "ports", "one", "two", in_use=True) == first
        second = ports.keep(tmp_path / "ports", "one", "two")
    assert second["one"] != first["one"]
    assert second["two"] == first["two"]


def test_postgres_is_not_taken_for_whoever_has_its_pid(tmp_path: Path) -> None:
    """After a reboot the noted pid may be anybody's: only a process of this data folder is this server."""
    postgres = Postgres(tmp_path, Account(os.geteuid(), os.getegid()))
    postgres.data.mkdir()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n")
    assert postgres.process is None
    postgres._prune_stale_pid()
    assert not (postgres.data / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another account for its servers")
def test_data_move_where_the_servers_can_reach_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder below one that is closed to others (a checkout in /root) has its servers' data under /var/lib."""
    monkeypatch.setattr(Account, "folder", lambda _, path: path)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = server_home(closed / ".local", Account(os.geteuid() + 1, os.getegid()))
    assert home.parent == Path("/var/lib")
    assert (closed / ".local/servers").readlink() == home


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a server the command says in a sentence what to install, and ends with 2."""

    def missing(*_: object, **__: object) -> None:
        raise CannotStart("PostgreSQL is not installed: ...")

    monkeypatch.setattr(servers, "Servers", missing)
    assert servers.main(["start", "anywhere"]) == 2
    assert "PostgreSQL is not installed" in capsys.readouterr().err


def test_given_servers_are_used_and_none_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With both addresses set, the settings name them, and no server is started."""
    monkeypatch.setattr(platform, "FOLDER", tmp_path)
    monkeypatch.setattr(platform, "SETTINGS", tmp_path / "countersign.env")
    monkeypatch.setattr(servers, "Servers", None)
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", "postgresql://elsewhere/db")
    monkeypatch.setenv("COUNTERSIGN_AMQP_URL", "amqp://elsewhere/v")
    platform.up()
    written = platform.read()
    assert written["COUNTERSIGN_DATABASE_URL"] == "postgresql://elsewhere/db"
    assert written["COUNTERSIGN_AMQP_URL"] == "amqp://elsewhere/v"
    assert (tmp_path / "countersign.env").stat().st_mode & 0o777 == 0o600


def test_settings_stay_from_one_start_to_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses that people have in their mails go on working after a restart."""
    monkeypatch.setattr(platform, "FOLDER", tmp_path)
    monkeypatch.setattr(platform, "SETTINGS", tmp_path / "countersign.env")
    first = platform.settings()
    platform.write(first)
    assert platform.settings() == first
