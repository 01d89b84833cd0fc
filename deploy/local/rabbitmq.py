"""A private RabbitMQ node: loopback only, its own account, cookie, ports and epmd; data that survives a kill."""

import json
import signal
import time
from pathlib import Path

from deploy.local.account import Account, CannotStart, short_hash
from deploy.local.management import Management
from services.kernel import ports
from services.kernel.processes import Process

USER = "countersign"
# The programs themselves: /usr/sbin/rabbitmq-server is a wrapper that insists on root and the system's own node.
PROGRAMS = Path("/usr/lib/rabbitmq/bin")
SETTINGS = """\
listeners.tcp.local = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
default_user = {user}
default_pass = {password}
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
# Quorum queues hold their write-ahead log in memory up to this size; the default, 512 MB, is for machines of their own.
raft.wal_max_size_bytes = 64000000
"""
# Schedulers that wait without spinning (+sbwt) leave the other core to whoever has work.
ERLANG = "-noinput -kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none"


class RabbitMQ:
    """One node under `home`/rabbitmq."""

    def __init__(self, home: Path, account: Account) -> None:
        self.folder = account.folder(home / "rabbitmq")
        self.account = account
        self.node = f"countersign-{short_hash(self.folder)}@localhost"
        self.password = account.password(self.folder / "password")

    @property
    def ports(self) -> dict[str, int]:
        """amqp, management, distribution, epmd: as chosen at the last start."""
        chosen: dict[str, int] = json.loads((self.folder / "ports").read_text())
        return chosen

    @property
    def url(self) -> str:
        """The address of the vhost `/`."""
        return f"amqp://{USER}:{self.password}@127.0.0.1:{self.ports['amqp']}/%2F"

    @property
    def management(self) -> Management:
        """The node's management interface."""
        return Management(f"http://{USER}:{self.password}@127.0.0.1:{self.ports['management']}")

    @property
    def process(self) -> Process | None:
        """The node's own process, while it lives."""
        return Process.load(self.folder / "process", "beam")

    @property
    def healthy(self) -> bool:
        """True when it takes connections and answers questions."""
        if not self.process or not ports.answers(self.ports["amqp"]):
            return False
        try:
            self.management.ask("GET", "/overview")
        except OSError:
            return False
        return True

    def start(self) -> None:
        """Start it, unless it runs, and wait until it takes connections."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it, unless it runs, without waiting."""
        if process := self.process:
            process.send(signal.SIGCONT)
            return
        if not (PROGRAMS / "rabbitmq-server").exists():
            raise CannotStart(
                "RabbitMQ is not installed: run `make setup`, install the package `rabbitmq-server`, "
                "or set COUNTERSIGN_AMQP_URL"
            )
        self._end_epmd()
        chosen = ports.keep(self.folder / "ports", "amqp", "management", "distribution", "epmd")
        for name in ("home", "log", "mnesia"):
            self.account.folder(self.folder / name)
        self.account.write(self.folder / "plugins", "[rabbitmq_management].\n")
        settings = SETTINGS.format(user=USER, password=self.password, **chosen)
        self.account.write(self.folder / "rabbitmq.conf", settings)
        pid = self.account.spawn(self.folder / "log/start.log", PROGRAMS / "rabbitmq-server", env=self._environment())
        if process := Process.find(pid):
            process.save(self.folder / "process")

    def wait(self, within: float = 120) -> None:
        """Wait until it takes connections; CannotStart, with the last lines of its log, when it does not."""
        deadline = time.monotonic() + within
        while not self.healthy:
            # Until the shell script has become the node, the process does not bear its name yet.
            died = not (self.folder / "process").exists() or not _noted(self.folder / "process")
            if died or time.monotonic() > deadline:
                raise CannotStart(f"RabbitMQ did not start:\n{self._last_words()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it, and the name server it started."""
        if process := self.process:
            process.end(within=30)
        self._end_epmd()

    def rabbitmqctl(self, *words: str) -> str:
        """Run the operators' tool on this node and answer what it prints."""
        return self.account.run(PROGRAMS / "rabbitmqctl", "-q", *words, env=self._environment()).stdout

    def _environment(self) -> dict[str, str]:
        folder = self.folder
        return {
            "HOME": str(folder / "home"),
            "RABBITMQ_NODENAME": self.node,
            "RABBITMQ_DIST_PORT": str(self.ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
            "RABBITMQ_ALLOW_INPUT": "1",  # the script then becomes the server, with the pid we know
            "ERL_EPMD_PORT": str(self.ports["epmd"]),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_CRASH_DUMP_BYTES": "0",
        }

    def _end_epmd(self) -> None:
        """End the name server of this node; it outlives its node and would be nobody's."""
        try:
            port = self.ports["epmd"]
        except (OSError, ValueError, KeyError):
            return
        if ports.answers(port):
            self.account.run("epmd", "-port", str(port), "-kill", check=False)

    def _last_words(self) -> str:
        logs = sorted((self.folder / "log").glob("*.log"), key=lambda log: log.stat().st_mtime)
        return "\n".join(logs[-1].read_text(errors="replace").splitlines()[-8:]) if logs else "it left no log"


def _noted(path: Path) -> bool:
    return Process.load(path) is not None
