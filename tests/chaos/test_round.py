"""Rounds of co-design while everything around them dies: nothing acknowledged is lost, nothing is done twice."""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from deploy.local.servers import Servers
from services import SERVICES
from services.audit.verification import verify
from services.cli.round.cast import Cast, assemble
from services.cli.round.play import play, script
from services.kernel import db, rebuild
from tests import told
from tests.facts import eventually
from tests.local import Local, mails

# `make test` kills each process twice and stops the broker briefly; `make chaos` ten times, and for half a minute.
KILLS = int(os.environ.get("COUNTERSIGN_KILLS", "2"))
BROKER_AWAY = float(os.environ.get("COUNTERSIGN_BROKER_AWAY", "6"))
HEALED = 60.0  # seconds, with no command given
KILLED = ("web", "worker", "relay", "recorder", "mailcatcher")


def test_rounds_go_on_while_everything_is_killed_and_restarted(
    start: Callable[..., Local], own_servers: Servers
) -> None:
    """Each process killed with -9 again and again, the broker away, PostgreSQL restarted: within a minute every
    acknowledged act is in the log once, in its service's rows once, seen by every handler, and told to just those
    whom it concerns; only a mail may come twice, under the same Message-ID.
    """
    local = start()
    cast = assemble(script(), local.settings["COUNTERSIGN_PUBLIC_URL"])
    enough = threading.Event()
    with ThreadPoolExecutor(1) as stage:
        playing = stage.submit(_play_until, enough, cast)
        try:
            _kill_each(local)
            _fold_is_right()  # on the live system, under load
            own_servers.stop_broker()
            threading.Event().wait(BROKER_AWAY)  # an outage has a length; nothing is waited for
            own_servers.start_broker()
            own_servers.restart_postgres()
        finally:
            enough.set()
        acknowledged = playing.result(timeout=600)
    assert len(acknowledged) >= 14, "not even one round was played"
    db.close_all()  # our own connections are those of before the restart
    eventually(lambda: _entered(acknowledged) == len(acknowledged), within=HEALED, every=0.5)
    eventually(lambda: [name for name in SERVICES if _unsettled(name)] == [], within=HEALED, every=0.5)
    _fold_is_right()
    with verify.connect() as connection:
        verify.verify(connection, lambda *_: None)
    eventually(lambda: told.holds(cast), within=HEALED, every=1)
    caught = mails()
    print(f"{len(acknowledged)} acts; {len(caught['messages'])} mails, of which twice: {caught['doubles']}")


def _play_until(enough: threading.Event, cast: Cast) -> list[str]:
    """Play rounds until told, and return the events of every acknowledged act."""
    said: list[str] = []
    while not enough.is_set():
        said += [step.event for step in play(script(), cast) if step.event]
    return said


def _fold_is_right() -> None:
    for service in ("accounts", "catalogue", "codesign", "notifications"):
        verdict = rebuild.check(service, shuffle=7)
        assert verdict.differs is None, (service, verdict)


def _kill_each(local: Local) -> None:
    for _ in range(KILLS):
        for name in KILLED:
            _kill(local, name)


def _kill(local: Local, name: str) -> None:
    process = eventually(lambda: local.children().get(name), within=HEALED)
    assert process
    process.send(signal.SIGKILL)
    eventually(lambda: local.children().get(name) not in (None, process), within=HEALED)


def _entered(wanted: list[str]) -> int:
    """How many of the events are in the log; twice is impossible, `entry.event_id` is unique."""
    with db.of("audit").transaction(read_only=True) as tx:
        return int(tx.value("SELECT count(*) FROM entry WHERE event_id = ANY(%(ids)s::uuid[])", {"ids": wanted}))


def _unsettled(service: str) -> int:
    """What a service has not yet sent, handled, or mailed; anything parked counts too."""
    statement = f"""SELECT (SELECT count(*) FROM {service}_own.outbox WHERE sent_at IS NULL)
                         + (SELECT count(*) FROM {service}_own.waiting) + (SELECT count(*) FROM {service}_own.parked)"""
    letters = "SELECT count(*) FROM notifications_own.letter" if service == "notifications" else "SELECT 0"
    with db.of(service).transaction(read_only=True) as tx:
        return int(tx.value(statement)) + int(tx.value(letters))
