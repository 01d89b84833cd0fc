"""Where a measurement happens: private servers, a fresh database and vhost, and processes of ours before them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.kernel import config, db, topology
from services.kernel.events import Actor, Fact
from services.kernel.ids import new_id
from tests import private

ACTOR = Actor(new_id(), new_id())
OURS = (sys.executable, "-m", "services.cli")


@contextmanager
def house(*processes: str) -> Iterator[None]:
    """An empty platform with these processes of ours (`relay catalogue`, `recorder`) running."""
    urls = private.start()
    template = private.migrated_template(urls, private.FOLDER / "secrets")
    with private.fresh_database(template), private.fresh_vhost(urls):
        topology.declare(config.amqp_url())
        with running(*((*OURS, *words.split()) for words in processes)):
            yield


@contextmanager
def running(*commands: tuple[str, ...], **environment: str) -> Iterator[None]:
    """Processes that are stopped at the end."""
    began = [
        subprocess.Popen(words, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for words in commands
    ]
    try:
        yield
    finally:
        for process in began:
            process.send_signal(signal.SIGTERM)
        for process in began:
            process.wait(20)


def fact(subject: str) -> Fact:
    """A small event with private words, as most are."""
    data = {"draft": subject, "version": 1, "submission": subject, "reason": "The course is offered again in spring."}
    return Fact("catalogue.draft.recalled.v1", subject, data, ACTOR)


def wait_for_entries(count: int) -> float:
    """Wait until the log has so many entries, and return when that was."""
    return wait_for(lambda: entries() >= count)


def entries() -> int:
    """Return how many entries the log has."""
    row = db.of("audit").at_once("SELECT size FROM head")
    return int(row["size"]) if row else 0


def wait_for(fact: Callable[[], bool], within: float = 90.0) -> float:
    """Wait until something is so, and return when that was; raise TimeoutError after `within` seconds."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        if fact():
            return time.monotonic()
        time.sleep(0.005)
    raise TimeoutError(f"not within {within:.0f} s")
