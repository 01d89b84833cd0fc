"""A whole platform on servers of its own: what is tested here stops them."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from services.kernel import children, migrate, ports, runner
from tests import private
from tests.local import Local


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Servers]:
    """A database and a broker of our own, for we stop them."""
    own = Servers(tmp_path / "servers")
    own.start()
    yield own
    own.erase()


@pytest.fixture
def start(own_servers: Servers, tmp_path: Path) -> Iterator[Callable[..., Local]]:
    """`start()` or `start("--apart")`: the platform before them, with its mail catcher."""
    web, smtp, mail = (str(ports.free()) for _ in range(3))
    own = {
        "COUNTERSIGN_FOLDER": str(tmp_path / "platform"),
        "COUNTERSIGN_SECRETS": str(tmp_path / "secrets"),
        "COUNTERSIGN_DATABASE_URL": own_servers.urls.database,
        "COUNTERSIGN_AMQP_URL": own_servers.urls.amqp,
        "COUNTERSIGN_WEB_PORT": web,
        "COUNTERSIGN_PUBLIC_URL": f"http://localhost:{web}",
        "COUNTERSIGN_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "COUNTERSIGN_SMTP_PORT": smtp,
        "COUNTERSIGN_MAIL_PORT": mail,
        "COUNTERSIGN_MAIL_PAGE": f"http://localhost:{mail}",
    }
    with private.settings(**own):
        migrate.migrate(own_servers.urls.database)
        platform = Local(tmp_path / "platform", int(web), {**os.environ})

        def up(*how: str) -> Local:
            platform.run("up", *how)
            return platform

        yield up
        if process := runner.running(platform.folder):
            process.send(signal.SIGKILL)
        for child in children.living(platform.folder):
            child.process.end_session(0)
