"""Stock nameko measured: from an event dispatched to a row inserted, sustained and at 200 a second."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from amqp.exceptions import NotFound
from kombu import Queue
from nameko.standalone.events import event_dispatcher

from benchmarks.house import house, running, wait_for
from benchmarks.log import RATE, SECONDS, Waits
from benchmarks.peers import stock
from services.kernel import config, ports, topology

COUNT = 2_000
BODY = "x" * 900  # about what an event of ours has


@contextmanager
def serving(port: int) -> Iterator[None]:
    """The stock services in a process of their own, the gateway on this port."""
    stock.make_tables()
    words = {"COUNTERSIGN_BENCH_PORT": str(port), "PSYCOPG_WAIT_FUNC": "wait_select"}
    with running((sys.executable, "-m", "benchmarks.peers.serve"), **words):
        yield


def is_heard() -> bool:
    """Say whether the service behind the gateway listens: a call that comes before that is never forgiven."""
    return topology.unread(config.amqp_url(), [Queue("rpc-comments")]) == []


def sustained() -> float:
    """Return events per second, from the first dispatch to the last row."""
    with house(), serving(ports.free()):
        dispatch = event_dispatcher(uri=config.amqp_url())
        wait_for(lambda: _one_arrives(dispatch))
        before, begun = stock.inserted("peer_log"), time.monotonic()
        for _ in range(COUNT):
            dispatch("comments", "submitted", BODY)
        return COUNT / (wait_for(lambda: stock.inserted("peer_log") >= before + COUNT) - begun)


def waits() -> Waits:
    """Dispatch on the same schedule as ours, and read from each row when it was inserted."""
    with house(), serving(ports.free()):
        dispatch = event_dispatcher(uri=config.amqp_url())
        wait_for(lambda: _one_arrives(dispatch))
        count = RATE * SECONDS
        before, begun, sent = stock.inserted("peer_log"), time.time(), list[float]()
        for number in range(count):
            time.sleep(max(0.0, begun + number / RATE - time.time()))
            sent.append(time.time())
            dispatch("comments", "submitted", f"{sent[-1]:.6f} {BODY}")
        wait_for(lambda: stock.inserted("peer_log") >= before + count)
        return sorted(stock.waited()), (count - 1) / (sent[-1] - sent[0])


def _one_arrives(dispatch: Callable[..., None]) -> bool:
    try:
        dispatch("comments", "submitted", BODY)
    except NotFound:  # the exchange comes with the services
        return False
    time.sleep(0.2)
    return stock.inserted("peer_log") > 0
