"""Where a measurement happens: private servers, a fresh database and vhost, relay and recorder as processes."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from services.kernel import config, db, topology
from services.kernel.events import Actor, Fact
from services.kernel.ids import new_id
from tests import private

ACTOR = Actor(new_id(), new_id())


@contextmanager
def house(*processes: str) -> Iterator[None]:
    """An empty platform with these processes (`relay catalogue`, `recorder`) running."""
    urls = private.start()
    template = private.migrated_template(urls, private.FOLDER / "secrets")
    with private.fresh_database(template), private.fresh_vhost(urls):
        topology.declare(config.amqp_url())
        running = [subprocess.Popen([sys.executable, "-m", "services.cli", *words.split()]) for words in processes]
        try:
            yield
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)


def fact(subject: str) -> Fact:
    """A small event with private words, as most are."""
    data = {"draft": subject, "version": 1, "submission": subject, "reason": "The course is offered again in spring."}
    return Fact("catalogue.draft.recalled.v1", subject, data, ACTOR)


def wait_for_entries(count: int, within: float = 90.0) -> float:
    """Wait until the log has so many entries, and return when that was; raise TimeoutError after `within` seconds."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        with db.of("audit").transaction(read_only=True) as tx:
            if int(tx.value("SELECT size FROM head")) >= count:
                return time.monotonic()
        time.sleep(0.005)
    raise TimeoutError(f"the log has not reached {count:,} entries in {within:.0f} s")
