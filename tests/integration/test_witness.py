"""The witness as it runs: processes of its own, asked at once by many, killed and started again; and its commands."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.audit.witness import folder, store
from services.audit.witness.folder import Witness
from services.cli.witness import app
from services.kernel import ports
from services.kernel.processes import Process
from tests.facts import eventually
from tests.toy_log import ORIGIN, ToyLog

Start = Callable[[], str]


@pytest.fixture
def log() -> ToyLog:
    """A log of three hundred entries."""
    return ToyLog.of(300)


@pytest.fixture
def witness(tmp_path: Path, log: ToyLog) -> Witness:
    """A witness of that log."""
    return folder.begin(tmp_path / "witness", "agency.example/w1", [log.vkey])


@pytest.fixture
def start(witness: Witness) -> Iterator[Start]:
    """Start a process of the witness; all of them have the same folder. The answer is its address."""
    started: list[Process] = []

    def start() -> str:
        port = str(ports.free())
        words = ["witness", "run", "--folder", str(witness.file.parent), "--port", port]
        process = subprocess.Popen([sys.executable, "-m", "services.cli", *words], start_new_session=True)
        started.append(Process.find(process.pid) or Process(process.pid, 0))
        url = f"http://127.0.0.1:{port}/"
        eventually(lambda: asked(url, None)[0] == 200, within=20)
        return url

    yield start
    for process in started:
        process.end_session(0)


def asked(url: str, body: bytes | None) -> tuple[int, str]:
    """Ask, and return status and text; status 0 where nobody answers."""
    try:
        with urllib.request.urlopen(url if body is None else f"{url}add-checkpoint", body, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""


def seen(witness: Witness) -> int:
    with store.opened(witness.file) as tx:
        found = store.latest(tx, ORIGIN)
    return found.size if found else 0


def test_the_race_of_the_specification_rolls_nothing_back(start: Start, witness: Witness, log: ToyLog) -> None:
    """Requests for N and N+K at once, to two processes: one is co-signed, the other hears which size; never both."""
    urls = [start(), start()]
    size = 0
    with ThreadPoolExecutor(8) as pool:
        for _ in range(25):
            wished = [size + n for n in (1, 3, 2, 5, 4, 6, 8, 7)]
            bodies = [log.request(size, new) for new in wished]
            answers = list(pool.map(asked, urls * 4, bodies))
            agreed = [new for new, (status, _) in zip(wished, answers, strict=True) if status == 200]
            assert len(agreed) == 1
            assert [answer for answer in answers if answer[0] != 200] == [(409, f"{agreed[0]}\n")] * 7
            size = agreed[0]
            assert seen(witness) == size


def test_what_was_cosigned_outlives_a_kill(start: Start, witness: Witness, log: ToyLog) -> None:
    """After kill -9 the witness knows what it co-signed: it co-signs what continues it, and no fork."""
    url = start()
    assert asked(url, log.request(0, 200))[0] == 200
    for process, _ in Process.marked(f"COUNTERSIGN_WITNESS_FOLDER={witness.file.parent}"):
        process.end_session(0)
    assert asked(url, None)[0] == 0
    url = start()
    assert asked(url, log.forked(150).request(200, 250))[0] == 422
    assert asked(url, log.request(0, 250)) == (409, "200\n")
    assert asked(url, log.request(200, 250))[0] == 200


def run(*words: str) -> str:
    """Run `countersign witness`; it must succeed."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_its_commands_make_one_show_it_and_print_the_evidence(tmp_path: Path, log: ToyLog) -> None:
    """`init` prints key and policy, `add-log` takes a key or a file, `status` what was seen; `evidence` says 1."""
    here, file = str(tmp_path / "w"), tmp_path / "log.vkey"
    told = run("init", "--name", "agency.example/w1", "--folder", here, "--url", "https://agency.example/w1")
    vkey = told.splitlines()[0]
    assert f"witness witness {vkey} https://agency.example/w1\nquorum witness\n" in told
    file.write_text(f"{log.vkey}\n")
    assert ORIGIN in run("add-log", str(file), "--folder", here)
    assert "not seen yet" in run("status", "--folder", here)
    assert "Nothing" in run("evidence", "--folder", here)
    from services.audit.witness.cosigning import add_checkpoint

    assert add_checkpoint(folder.there(tmp_path / "w"), log.request(0, 7)).status == 200
    assert add_checkpoint(folder.there(tmp_path / "w"), log.forked(3).request(7, 7)).status == 409
    assert "size  7" in run("status", "--folder", here)
    evidence = CliRunner().invoke(app, ["evidence", "--folder", here])
    assert (evidence.exit_code, evidence.output.count(f"{ORIGIN}\n7\n")) == (1, 2)
    assert "two faces" in evidence.output


def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, log: ToyLog) -> None:
    """No witness there, a key that is none, a file that is none, nobody at an address: exit 1, and what to do."""
    here = str(tmp_path / "w")
    run("init", "--name", "agency.example/w1", "--folder", here)
    for words, says in (
        (["run", "--folder", str(tmp_path / "none")], "countersign witness init"),
        (["add-log", "nonsense", "--folder", here], "neither a public key"),
        (["add-log", log.vkey.replace("log+", "log+0"), "--folder", here], "not a verifier key"),
        (["init", "--name", "two words", "--folder", str(tmp_path / "x")], "not a key name"),
        (["init", "--name", "agency.example/w2", "--folder", here], "another folder"),
        (["status", "--url", f"http://127.0.0.1:{ports.free()}/"], "No witness answers"),
    ):
        command = [sys.executable, "-m", "services.cli", "witness", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
        assert says in done.stderr
