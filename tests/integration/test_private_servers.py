"""Private servers heal: killed, frozen or restarted, they come back with their data and leave nothing behind."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pika
import psycopg
import pytest

from deploy.local.servers import Servers
from services.kernel import ports
from tests import private


@pytest.fixture(scope="module")
def own() -> Iterator[Servers]:
    """Servers of this module alone, for it kills them."""
    if private.GIVEN_DATABASE or private.GIVEN_BROKER:
        pytest.skip("the servers were given; killing them is not ours to do")
    servers = Servers(private.FOLDER.with_name("test-own"), fsync=False)
    servers.start()
    yield servers
    servers.erase()
    shutil.rmtree(servers.folder)


def test_killed_servers_come_back_with_their_data(own: Servers) -> None:
    """After kill -9 of both, the next start finds tables, queues and the same addresses."""
    before = own.urls
    _write(own)
    for process in (own.postgres.process, own.rabbitmq.process):
        assert process
        process.send(signal.SIGKILL)
        assert process.wait(within=10)
    own.start()
    assert own.urls == before
    _read(own)


def test_start_wakes_a_frozen_broker(own: Servers) -> None:
    """A broker that somebody froze is thawed, not doubled."""
    frozen = own.rabbitmq.process
    own.pause_broker()
    own.start()
    assert own.rabbitmq.process == frozen
    assert own.rabbitmq.healthy


def test_postgres_restarts_after_a_crash(own: Servers) -> None:
    """An immediate stop is a crash; what was committed is there afterwards."""
    _write(own)
    own.restart_postgres("immediate")
    _read(own)


def test_servers_are_not_root_and_listen_on_loopback_alone(own: Servers) -> None:
    """Neither runs as root, and no port of theirs is open to the network."""
    listening = _listening_ports()
    for process in (own.postgres.process, own.rabbitmq.process):
        assert process
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "Uid:\t0" not in status
    for port in (*own.rabbitmq.ports.values(), int(own.urls.database.rpartition(":")[2].partition("/")[0])):
        assert listening[port] <= {"127.0.0.1", "::1"}


def test_stop_leaves_nothing(own: Servers) -> None:
    """After a stop no process of theirs lives and every port is free; a second start brings all back."""
    _write(own)
    own.stop()
    assert own.postgres.process is None
    assert own.rabbitmq.process is None
    assert all(ports.is_free(port) for port in own.rabbitmq.ports.values())
    own.start()
    _read(own)


def _write(own: Servers) -> None:
    with psycopg.connect(own.urls.database) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer")
    with pika.BlockingConnection(pika.URLParameters(own.urls.amqp)) as connection:
        connection.channel().queue_declare("kept", durable=True, arguments={"x-queue-type": "quorum"})


def _read(own: Servers) -> None:
    with psycopg.connect(own.urls.database) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    with pika.BlockingConnection(pika.URLParameters(own.urls.amqp)) as connection:
        connection.channel().queue_declare("kept", passive=True)


def _listening_ports() -> dict[int, set[str]]:
    """Port -> addresses that somebody listens on, from /proc/net/tcp (state 0A)."""
    found: dict[int, set[str]] = {}
    names = {"0100007F": "127.0.0.1", "00000000": "0.0.0.0", "0" * 32: "::", "0" * 24 + "01000000": "::1"}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            address, _, port = words[1].partition(":")
            if words[3] == "0A":
                found.setdefault(int(port, 16), set()).add(names.get(address, address))
    return found
