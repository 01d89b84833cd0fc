"""The runner: what dies is started again, what a killed runner left is adopted, and a stop leaves nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.kernel import children, runner
from services.kernel.children import Child
from services.kernel.processes import Process
from services.kernel.runner import Need, NotYet
from tests.facts import eventually

# A child that notes its stop; `ignores` is one that will not hear of it.
NOTES_STOP = "trap 'echo {name} >>stopped; exit 0' TERM; while :; do sleep 0.05; done"
RUNNER = """
import logging, sys
from pathlib import Path
from services.kernel import children, runner
from tests.integration.test_runner import toys, THERE

children.PATIENCE = 1.0
logging.basicConfig(level=logging.INFO, stream=sys.stdout)
need = runner.Need("the file", THERE(Path(sys.argv[1])))
runner.Runner(Path(sys.argv[1]), toys(*sys.argv[3:]), {"COUNTERSIGN_TOY": sys.argv[2]}, [need]).run()
"""
Start = Callable[..., "subprocess.Popen[str]"]


def toys(*names: str) -> list[Child]:
    """Children that sleep: `lonely` needs a file, `deaf` ignores SIGTERM, `ill` dies at once."""
    scripts = {"deaf": "trap '' TERM; while :; do sleep 0.05; done", "ill": "exit 7"}
    return [
        Child(
            name,
            ("sh", "-c", scripts.get(name, NOTES_STOP.format(name=name))),
            needs=("the file",) if name == "lonely" else (),
        )
        for name in names
    ]


class THERE:
    """The need of `lonely`: a file called `there`."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "there"

    def __call__(self) -> None:
        if not self.file.exists():
            raise NotYet("it is not there")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a runner with toys in a folder of its own; nothing of it is left afterwards."""
    started: list[subprocess.Popen[str]] = []

    def start(*names: str, setting: str = "one") -> "subprocess.Popen[str]":
        words = [sys.executable, "-c", RUNNER, str(tmp_path), setting, *names]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        started.append(subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
    for child in children.living(tmp_path):
        child.process.end_session(0)


def alive(folder: Path) -> dict[str, Process]:
    """Name -> process of the children that live."""
    return {child.name: child.process for child in children.living(folder)}


def all_of(folder: Path, *names: str) -> dict[str, Process]:
    """The children, once just these live."""

    def just_these() -> dict[str, Process]:
        found = alive(folder)
        assert set(found) == set(names)
        return found

    return eventually(just_these)


def all_of_others(folder: Path, than: Process) -> dict[str, Process]:
    """The children, once a process other than this one bears the name `first`."""

    def first_is_another() -> dict[str, Process]:
        found = alive(folder)
        assert found["first"] != than
        return found

    return eventually(first_is_another)


def test_a_killed_child_is_started_again(start: Start, tmp_path: Path) -> None:
    """After kill -9 of a child another takes its place, and the others go on undisturbed."""
    start("first", "second")
    before = all_of(tmp_path, "first", "second")
    before["first"].send(signal.SIGKILL)
    after = all_of_others(tmp_path, before["first"])
    assert after["second"] == before["second"]


def test_children_of_a_killed_runner_are_adopted(start: Start, tmp_path: Path) -> None:
    """After kill -9 of the runner its children go on; the next runner takes them on and doubles none."""
    first = start("first", "second")
    before = all_of(tmp_path, "first", "second")
    first.kill()
    first.wait()
    assert alive(tmp_path) == before
    second = start("first", "second")
    eventually(lambda: runner.running(tmp_path) == Process.find(second.pid))
    eventually(lambda: _said(second, 2, "adopted"))
    assert alive(tmp_path) == before


def test_an_adopted_child_is_kept_alive(start: Start, tmp_path: Path) -> None:
    """What was adopted is looked after like one's own."""
    first = start("first")
    before = all_of(tmp_path, "first")
    first.kill()
    first.wait()
    start("first")
    eventually(lambda: runner.running(tmp_path))
    before["first"].send(signal.SIGKILL)
    all_of_others(tmp_path, before["first"])


def test_children_that_run_otherwise_are_not_adopted(start: Start, tmp_path: Path) -> None:
    """With other settings, or when nobody asked for them, the children of a killed runner are ended first."""
    first = start("first", "second")
    before = all_of(tmp_path, "first", "second")
    first.kill()
    first.wait()
    start("first", setting="two")
    after = all_of_others(tmp_path, before["first"])
    assert set(after) == {"first"}
    assert not before["second"].alive


def test_a_stop_is_in_order_and_leaves_nothing(start: Start, tmp_path: Path) -> None:
    """SIGTERM to the runner stops the children one after the other as they were given; the deaf one is killed."""
    process = start("first", "deaf", "second", "third")
    all_of(tmp_path, "first", "deaf", "second", "third")
    process.terminate()
    assert process.wait(timeout=20) == 0
    assert alive(tmp_path) == {}
    assert (tmp_path / "stopped").read_text().split() == ["first", "second", "third"]
    assert runner.running(tmp_path) is None


def test_what_a_killed_runner_left_can_be_stopped(start: Start, tmp_path: Path) -> None:
    """`countersign down` finds the children of a runner that is no more."""
    process = start("first", "second")
    all_of(tmp_path, "first", "second")
    process.kill()
    process.wait()
    assert children.stop(tmp_path, ["second", "first"]) == ["second", "first"]
    assert alive(tmp_path) == {}


def test_a_held_child_stays_down_until_it_is_released(start: Start, tmp_path: Path) -> None:
    """`countersign hold` stops one child, which the runner then leaves alone; `release` lets it run again."""
    start("first", "second")
    before = all_of(tmp_path, "first", "second")
    children.hold(tmp_path, "first")
    assert children.held(tmp_path) == ["first"]
    before["second"].send(signal.SIGKILL)  # the runner has looked at both once this one is another
    eventually(lambda: alive(tmp_path).get("second") not in (None, before["second"]))
    assert "first" not in alive(tmp_path)
    children.release(tmp_path, "first")
    all_of(tmp_path, "first", "second")


def test_a_folder_has_one_runner(start: Start, tmp_path: Path) -> None:
    """A second runner of the same folder is refused with a sentence, and the first goes on."""
    start("first")
    before = all_of(tmp_path, "first")
    eventually(lambda: runner.running(tmp_path))
    second = subprocess.run(
        [sys.executable, "-m", "services.cli", "all"],
        env={**os.environ, "COUNTERSIGN_FOLDER": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "runs already" in second.stderr
    assert alive(tmp_path) == before


def test_a_child_waits_for_what_it_needs(start: Start, tmp_path: Path) -> None:
    """A child that needs something away is started once it is there; the others do not wait for it."""
    start("lonely", "first")
    all_of(tmp_path, "first")
    (tmp_path / "there").touch()
    all_of(tmp_path, "first", "lonely")


def test_a_need_tells_its_reason_once(caplog: pytest.LogCaptureFixture) -> None:
    """The log says what is waited for and when it has come, not every second anew."""
    reasons = iter(["refused", "refused", None])

    def ask() -> None:
        if reason := next(reasons):
            raise NotYet(reason)

    need = Need("the broker", ask)
    with caplog.at_level("INFO"):
        for _ in range(3):
            need.ask_again_at = 0
            need.is_met()
    assert [record.message for record in caplog.records] == ["waiting for the broker: refused", "the broker is there"]


def test_pauses_grow_and_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that dies at once is started again after 0.2 s, 0.4 s ... 5 s; after half a minute of life, 0.2 s."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    life = runner.Life(toys("ill")[0])
    pauses = []
    for _ in range(7):
        life.begin(Process(2**30, 0))
        pauses.append(life.bury())
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    life.begin(Process(2**30, 0))
    now += 31
    assert life.bury() == 0.2


def test_what_children_say_is_kept_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child's words go to its log; a large log is put aside once, while the child writes on."""
    monkeypatch.setattr(children, "LARGEST_LOG", 20)
    child = Child("talker", ("sh", "-c", "echo one is longer than twenty bytes; read _; echo two"))
    started = child.start(tmp_path, {})
    log = tmp_path / "log/talker.log"
    eventually(lambda: "two" in log.read_text())
    started.wait()
    children.rotate(tmp_path / "log")
    assert log.read_text() == ""
    assert "two" in (tmp_path / "log/talker.log.1").read_text()


def _said(process: "subprocess.Popen[str]", times: int, word: str) -> bool:
    assert process.stdout
    return sum(word in process.stdout.readline() for _ in range(times)) == times
