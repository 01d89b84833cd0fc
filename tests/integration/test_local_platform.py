"""The whole platform on one machine: up, a killed runner, a killed web server, services apart, down."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel import children, ports, runner
from services.kernel.processes import Process
from tests.conftest import Platform
from tests.facts import eventually
from tests.local import Local


@pytest.fixture
def local(platform_env: Platform, tmp_path: Path) -> Iterator[Local]:
    """A platform of its own on a fresh database and vhost; what is left of it is ended."""
    port = ports.free()
    own = {
        "COUNTERSIGN_FOLDER": str(tmp_path),
        "COUNTERSIGN_WEB_PORT": str(port),
        "COUNTERSIGN_PUBLIC_URL": f"http://localhost:{port}",
        "COUNTERSIGN_DATABASE_URL": platform_env.database,
        "COUNTERSIGN_AMQP_URL": platform_env.amqp,
    }
    platform = Local(tmp_path, port, {**os.environ, **own})
    yield platform
    if process := runner.running(tmp_path):
        process.send(signal.SIGKILL)
    for child in children.living(tmp_path):
        child.process.end_session(0)


def test_a_killed_runner_costs_nothing(local: Local) -> None:
    """After kill -9 of the runner the platform serves on; `up` adopts every process; `down` leaves none."""
    local.run("up")
    before = local.children()
    assert set(before) == {"web", "worker", "relay", "recorder", "signer"}
    local.kill_runner()
    assert local.status("/readyz") == 200
    local.run("up")
    assert local.children() == before
    assert "web" in local.run("status")
    local.run("down")
    assert local.children() == {}
    assert local.status("/readyz") == 0


def test_a_killed_web_server_leaves_no_worker_on_its_port(local: Local) -> None:
    """After kill -9 of Granian's main process its workers die as well, and the next one gets the port."""
    local.run("up")
    main = local.children()["web"]
    workers = _children_of(main)
    assert workers
    main.send(signal.SIGKILL)
    eventually(lambda: not any(worker.alive for worker in workers))
    eventually(lambda: local.children().get("web") not in (None, main))
    eventually(lambda: local.status("/readyz") == 200)
    local.run("down")


def test_apart_one_service_may_be_away(local: Local) -> None:
    """With --apart each service has its own web and worker; the pages of a held one say so, the others serve."""
    local.run("up", "--apart")
    before = local.children()
    local.kill_runner()
    local.run("up", "--apart")
    assert local.children() == before
    local.run("hold", "web-catalogue", "worker-notifications")
    assert local.status("/catalogue/") == 503
    assert local.status("/readyz") == 200
    assert "web-catalogue" not in local.children()
    local.run("release", "web-catalogue", "worker-notifications")
    eventually(lambda: local.status("/catalogue/") not in (0, 503), within=30)
    local.run("down")
    assert local.children() == {}


def test_a_platform_that_runs_otherwise_is_not_started_over(local: Local) -> None:
    """`up --apart` beside a platform that runs together is refused with a sentence, and changes nothing."""
    local.run("up")
    before = local.children()
    with pytest.raises(AssertionError, match="runs already"):
        local.run("up", "--apart")
    assert local.children() == before
    local.run("down")


def _children_of(parent: Process) -> list[Process]:
    pids = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    return [process for pid in pids if (process := Process.find(int(pid)))]
