"""`countersign audit verify`: a log that was changed is found, and the first bad entry is named."""

import psycopg
import pytest
from typer.testing import CliRunner

from services.audit.recording.entering import record
from services.audit.verification import verify
from services.cli.audit import app
from services.kernel import config, db, ids
from services.kernel.events import Actor
from tests.said import Speaker, message

ANNA = Actor(ids.new_id(), ids.new_id())
ENTRIES = 300  # more than a tile of 256, so that a kept node is among what is checked


@pytest.fixture
def log(database: str) -> None:
    """A log of some entries, each with private words."""
    del database
    speaker = Speaker()
    data = {"draft": ids.new_id(), "version": 1, "submission": ids.new_id(), "reason": "Because"}
    said = [speaker.say("catalogue.draft.recalled.v1", "one", data, ANNA) for _ in range(ENTRIES)]
    with db.of("audit").transaction() as tx:
        record(tx, [message(event, n) for n, event in enumerate(said, 1)])


def tamper(statement: str) -> None:
    """Change the tables as an administrator who has switched the triggers off."""
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement.encode())


@pytest.mark.usefixtures("log")
def test_an_untouched_log_is_whole() -> None:
    """Exit 0, with size and root."""
    answer = CliRunner().invoke(app, ["verify"])
    assert answer.exit_code == 0
    assert f"Entries: {ENTRIES}. Private values beside them: {ENTRIES}." in answer.stdout


@pytest.mark.usefixtures("log")
@pytest.mark.parametrize(
    ("statement", "first", "what"),
    [
        ("UPDATE audit.entry SET body = set_byte(body, 150, get_byte(body, 150) # 1) WHERE idx = 7", 7, "bytes"),
        ("UPDATE audit.entry SET leaf = sha256('x') WHERE idx = 8", 8, "bytes"),
        ("UPDATE audit.entry SET actor = 'somebody else' WHERE idx = 9", 9, "actor"),
        ("DELETE FROM audit.entry WHERE idx = 10", 10, "missing"),
        ("DELETE FROM audit.entry WHERE idx = 299", 299, "300"),
        ("UPDATE audit.private SET value = '\"Never said\"' WHERE event_id = (SELECT event_id FROM audit.entry"
         " WHERE idx = 11)", 11, "private"),
        ("DELETE FROM audit.private WHERE event_id = (SELECT event_id FROM audit.entry WHERE idx = 12)", 12, "is gone"),
        ("UPDATE audit.private SET pointer = '/data/draft' WHERE event_id = (SELECT event_id FROM audit.entry"
         " WHERE idx = 13)", 13, "is gone"),
        ("INSERT INTO audit.private SELECT event_id, '/data/more', value, salt, person FROM audit.private"
         " WHERE event_id = (SELECT event_id FROM audit.entry WHERE idx = 14)", 14, "commit to none"),
        ("UPDATE audit.private SET event_id = gen_random_uuid() WHERE event_id = (SELECT event_id FROM audit.entry"
         " WHERE idx = 15)", 15, "is gone"),
        ("INSERT INTO audit.private SELECT gen_random_uuid(), pointer, value, salt, person FROM audit.private LIMIT 1",
         None, "no entry"),
        ("UPDATE audit.aggregate SET sequence = 7", None, "last number"),
        ("UPDATE audit.node SET hash = sha256('x')", 0, "node"),
        ("UPDATE audit.head SET root = sha256('x')", None, "root"),
        ("UPDATE audit.head SET size = 299", 299, "300"),
        ("UPDATE audit.entry SET idx = CASE idx WHEN 3 THEN 4004 ELSE 4003 END WHERE idx IN (3, 4);"
         "UPDATE audit.entry SET idx = idx - 4000 WHERE idx > 4000", 3, "number 5"),
    ],
)  # fmt: skip
def test_a_change_is_found_and_the_first_bad_entry_named(statement: str, first: int | None, what: str) -> None:
    """Edited, deleted, truncated, swapped, in the entries or in what is kept beside them."""
    tamper(statement)
    with verify.connect() as connection, pytest.raises(verify.Tampered, match=what) as found:
        verify.verify(connection, lambda *_: None)
    assert found.value.idx == first
    assert CliRunner().invoke(app, ["verify"]).exit_code == 1


@pytest.mark.usefixtures("log")
def test_an_entry_cannot_be_changed_by_anybody_who_leaves_the_triggers_on() -> None:
    """UPDATE, DELETE and TRUNCATE of entries are refused even to the administrator."""
    for statement in ("UPDATE audit.entry SET actor = 'x'", "DELETE FROM audit.entry", "TRUNCATE audit.entry"):
        with psycopg.connect(config.admin_database_url()) as admin, pytest.raises(psycopg.Error):
            admin.execute(statement.encode())
