"""Reconciliation on a real broker: what a queue has lost, before the log or behind it, is found and mended, once."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pika
import pytest

from services.kernel import config, db, topology
from services.kernel.events import Actor, Event, Fact
from services.kernel.ids import new_id
from services.kernel.outbox import emit
from tests.facts import eventually

ANNA = Actor(new_id(), new_id())
RECORDER = topology.recorder_queue().name
HANDLER = "codesign.remember_person"

pytestmark = pytest.mark.usefixtures("platform_env")


@contextmanager
def running(*words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the platform, stopped at the end."""
    process = subprocess.Popen([sys.executable, "-m", "services.cli", *words])
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def reconcile() -> tuple[int, str]:
    """Run `countersign audit reconcile` over everything; its exit code, and what it says."""
    command = [sys.executable, "-m", "services.cli", "audit", "reconcile", "--older-than", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def joins(times: int) -> list[Event]:
    """Let people join: events of accounts that co-design hears, each with a name beside it."""
    said = []
    with db.of("accounts").transaction() as tx:
        for number in range(times):
            person = new_id()
            data = {
                "person": person,
                "organisation": ANNA.organisation,
                "roles": ["reviewer"],
                "display_name": f"P {number}",
            }
            said.append(emit(tx, Fact("accounts.person.joined.v1", person, data, ANNA, person=person)))
    return said


def changed(person: str, times: int) -> list[Event]:
    """Let a person change their name again and again."""
    with db.of("accounts").transaction() as tx:
        data = {"person": person, "display_name": "Another name"}
        return [emit(tx, Fact("accounts.person.changed.v1", person, data, ANNA, person=person)) for _ in range(times)]


def ids_of(events: Sequence[Event]) -> list[str]:
    return [event.id for event in events]


def answered(reconciled: tuple[int, str]) -> tuple[int, str]:
    """Hold that everybody was there to be asked."""
    assert "does not answer" not in reconciled[1]
    return reconciled


def unsent() -> int:
    with db.of("accounts").transaction(read_only=True) as tx:
        return int(tx.value("SELECT count(*) FROM accounts_own.outbox WHERE sent_at IS NULL"))


def logged() -> list[str]:
    with db.of("audit").transaction(read_only=True) as tx:
        return [str(row["event_id"]) for row in tx.all("SELECT event_id FROM entry ORDER BY idx")]


def known() -> list[tuple[str, str | None]]:
    with db.of("codesign").transaction(read_only=True) as tx:
        return [(row["person_id"], row["display_name"]) for row in tx.all("SELECT * FROM person")]


def heard() -> int:
    """How many events the handler has claimed."""
    with db.of("codesign").transaction(read_only=True) as tx:
        return int(tx.value("SELECT count(*) FROM codesign_own.inbox WHERE handler = 'remember_person'"))


def purge(queue: str) -> int:
    """Delete what is in a queue, as nobody should; how many it were."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        return int(connection.channel().queue_purge(queue).method.message_count)


def waiting(queue: str) -> int:
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).method.message_count)


def lose(queue: str, number: int) -> None:
    """Take one message out of a queue, counted from 1, and leave the others."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel = connection.channel()
        for count, (method, _, _) in enumerate(channel.consume(queue, inactivity_timeout=10), start=1):
            if count == number:
                channel.basic_ack(method.delivery_tag)
                return


def said() -> set[str]:
    """What the audit service has said of its log."""
    with db.of("audit").transaction(read_only=True) as tx:
        return {row["type"] for row in tx.all("SELECT type FROM audit_own.outbox")}


def let_time_pass() -> None:
    """Let whatever has happened have happened two minutes ago."""
    for service, statement in (
        ("accounts", "UPDATE accounts_own.outbox SET at = at - ago, sent_at = sent_at - ago"),
        ("audit", "UPDATE audit_own.early SET at = at - ago"),
        ("audit", "UPDATE audit_own.hole SET since = since - ago"),
    ):
        with db.of(service).transaction() as tx:
            tx.execute(statement.replace("ago", "interval '2 minutes'"))


def test_what_was_lost_between_outbox_and_log_is_sent_again_to_the_log_alone() -> None:
    """Three messages vanish from the recorder's queue: they are found by their positions, entered, and entered once."""
    topology.declare(config.amqp_url())
    with running("worker"), running("relay", "accounts"):
        lost = joins(3)
        eventually(lambda: unsent() == 0, within=30)
        assert purge(RECORDER) == 3
        later = joins(2)
        eventually(lambda: len(known()) == 5, within=60)
        with running("recorder"):
            eventually(lambda: logged() == ids_of(later), within=30)
            code, table = reconcile()
            assert code == 1, table
            assert "accounts: Missing in the log: 3 sent again to the recorder." in table
            eventually(lambda: logged() == ids_of([*later, *lost]), within=30)
            code, table = reconcile()
            assert code == 0, table
    assert len(logged()) == 5
    assert heard() == 5
    assert waiting(HANDLER) == 0


def test_what_was_lost_between_log_and_handler_is_sent_again_to_the_handler_alone() -> None:
    """Three messages vanish from one handler's queue: it is given them from the log, as far as words are still kept."""
    topology.declare(config.amqp_url())
    with running("relay", "accounts"), running("recorder"):
        lost = joins(3)
        eventually(lambda: len(logged()) == 3, within=30)
        assert purge(HANDLER) == 3
        with db.of("audit").transaction() as tx:
            tx.execute("DELETE FROM private WHERE event_id = %(id)s", {"id": lost[0].id})
        with db.of("accounts").transaction() as tx:
            tx.execute("DELETE FROM accounts_own.outbox")  # as after ninety days
        with running("worker"):
            code, table = eventually(lambda: answered(reconcile()), within=60)
            assert code == 1, table
            assert "codesign.remember_person: 3 entries were not seen and are sent again." in table
            eventually(lambda: len(known()) == 3, within=30)
            code, table = reconcile()
            assert code == 0, table
    names = dict(known())
    assert [names[event.subject] for event in lost] == [None, "P 1", "P 2"]
    assert heard() == 3


def test_what_is_missing_in_the_middle_of_an_aggregate_is_asked_for_before_a_gap_is_declared() -> None:
    """The second of three events is lost: a minute later the worker asks for it, and all three enter in their order."""
    topology.declare(config.amqp_url())
    with running("relay", "accounts"), running("worker"):
        (joined,) = joins(1)
        changes = changed(joined.subject, 2)
        eventually(lambda: unsent() == 0, within=30)
        lose(RECORDER, 2)
        with running("recorder"):
            eventually(lambda: logged() == [joined.id], within=30)
            let_time_pass()
            eventually(lambda: logged() == ids_of([joined, *changes]), within=30)
    assert said() == set()


def test_where_nobody_can_be_asked_that_is_said() -> None:
    """No worker runs: exit 2, and each service is named."""
    topology.declare(config.amqp_url())
    code, table = reconcile()
    assert code == 2
    assert "accounts: accounts does not answer just now" in table
