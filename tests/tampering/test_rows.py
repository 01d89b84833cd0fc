"""Somebody with all rights changes rows, triggers off: `countersign audit verify` names the first bad entry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.audit.tlog import tree
from services.audit.verification import verify
from services.audit.verification.verify import Tampered
from tests import private
from tests.log_house import administrator
from tests.tampering.record import ENTRIES, Record, recorded

pytestmark = pytest.mark.usefixtures("module_database")

LOG = ("entry", "node", "head", "private", "aggregate", "checkpoint", "published")
LAST = ENTRIES - 1


@pytest.fixture(scope="module")
def record(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:  # noqa: ARG001
    with recorded(tmp_path_factory.mktemp("record")) as found:
        with administrator() as admin:
            admin.execute("CREATE SCHEMA before")
            for table in LOG:
                admin.execute(f"CREATE TABLE before.{table} AS TABLE {table}".encode())
        yield found


@pytest.fixture
def insider(record: Record) -> Iterator[psycopg.Connection[tuple[object, ...]]]:  # noqa: ARG001
    """One whom no right and no trigger stops; afterwards all is as it was."""
    with administrator() as admin:
        yield admin
        for table in LOG:
            admin.execute(f"DELETE FROM {table}".encode())
            admin.execute(f"INSERT INTO {table} SELECT * FROM before.{table}".encode())


def verified() -> verify.Verified:
    with verify.connect() as connection:
        return verify.verify(connection, lambda *_: None)


FIRST_PRIVATE = "(SELECT min(idx) FROM entry WHERE event_id IN (SELECT event_id FROM private))"
ONE_PRIVATE = f"(event_id, pointer) = (SELECT event_id, min(pointer) FROM private WHERE event_id = (SELECT event_id FROM entry WHERE idx = {FIRST_PRIVATE}) GROUP BY event_id)"  # noqa: E501

COPIED = (
    'gen_random_uuid(), body, leaf, source, type, subject, sequence, organisation, actor, "time", position, entered_at'
)

# what is done, and the first bad entry: a number, or a question to the untouched log; None where there is none
EDITS: dict[str, tuple[str, int | str | None]] = {
    "a word of an entry": ("UPDATE entry SET body = overlay(body PLACING 'x' FROM 200) WHERE idx = 77", 77),
    "an entry, and its hash to match": (
        "UPDATE entry SET body = overlay(body PLACING '1' FROM 200), "
        "leaf = sha256('\\x00'::bytea || overlay(body PLACING '1' FROM 200)) WHERE idx = 77",
        77,
    ),
    "a hash": ("UPDATE entry SET leaf = sha256('') WHERE idx = 100", 100),
    "the event id": ("UPDATE entry SET event_id = gen_random_uuid() WHERE idx = 0", 0),
    "the source": ("UPDATE entry SET source = '/codesign' WHERE idx = 3", 3),
    "the type": ("UPDATE entry SET type = 'catalogue.draft.opened.v1' WHERE idx = 3", 3),
    "the subject": ("UPDATE entry SET subject = 'another' WHERE idx = 200", 200),
    "the sequence": ("UPDATE entry SET sequence = sequence + 1 WHERE idx = 200", 200),
    "the organisation": ("UPDATE entry SET organisation = 'another' WHERE idx = 12", 12),
    "the actor": ("UPDATE entry SET actor = 'another' WHERE idx = 12", 12),
    "the time": ("""UPDATE entry SET "time" = "time" - interval '1 second' WHERE idx = 12""", 12),
    "an entry is deleted": ("DELETE FROM entry WHERE idx = 41", 41),
    "the first is deleted": ("DELETE FROM entry WHERE idx = 0", 0),
    "the last is deleted": (f"DELETE FROM entry WHERE idx = {LAST}", LAST),
    "the end is cut off": ("DELETE FROM entry WHERE idx >= 250", 250),
    "all are deleted": ("DELETE FROM entry", 0),
    "two change places": (
        "UPDATE entry SET idx = -1 WHERE idx = 30; UPDATE entry SET idx = 30 WHERE idx = 31; "
        "UPDATE entry SET idx = 31 WHERE idx = -1",
        30,
    ),
    "one is deleted and the rest move up": (
        "DELETE FROM entry WHERE idx = 60; UPDATE entry SET idx = -idx + 1 WHERE idx > 60; "
        "UPDATE entry SET idx = -idx WHERE idx < 0; UPDATE head SET size = size - 1",
        60,
    ),
    "one is repeated at the end": (
        f"INSERT INTO entry SELECT {ENTRIES}, {COPIED} FROM entry WHERE idx = 5",
        ENTRIES,
    ),
    "one is put in between": (
        "UPDATE entry SET idx = -idx - 1 WHERE idx >= 90; UPDATE entry SET idx = -idx WHERE idx < 0; "
        f"INSERT INTO entry SELECT 90, {COPIED} FROM entry WHERE idx = 5; UPDATE head SET size = size + 1",
        90,
    ),
    "a private value": (f"""UPDATE private SET value = '"Nothing of it."' WHERE {ONE_PRIVATE}""", FIRST_PRIVATE),
    "a salt": (f"UPDATE private SET salt = sha256('') WHERE {ONE_PRIVATE}", FIRST_PRIVATE),
    "whose a private value is": (f"UPDATE private SET person = 'another' WHERE {ONE_PRIVATE}", FIRST_PRIVATE),
    "a private value is gone": (f"DELETE FROM private WHERE {ONE_PRIVATE}", FIRST_PRIVATE),
    "a private value too many": (
        f"INSERT INTO private SELECT event_id, '/data/more', value, salt, person FROM private WHERE {ONE_PRIVATE}",
        FIRST_PRIVATE,
    ),
    "a private value of nobody": (
        f"INSERT INTO private SELECT gen_random_uuid(), pointer, value, salt, person FROM private WHERE {ONE_PRIVATE}",
        None,
    ),
    "the size": ("UPDATE head SET size = size - 1", LAST),
    "the root": ("UPDATE head SET root = sha256('')", None),
    "the head is gone": ("DELETE FROM head", None),
    "a node": ("UPDATE node SET hash = sha256('') WHERE level = 8 AND index = 0", 0),
    "a node is gone": ("DELETE FROM node", 0),
    "a node too many": ("INSERT INTO node VALUES (8, 1, sha256(''))", 256),
    "how far an aggregate is": ("UPDATE aggregate SET sequence = sequence - 1 WHERE sequence > 2", None),
    "a checkpoint's root": ("UPDATE checkpoint SET root = sha256('')", None),
    "a checkpoint's size": ("UPDATE checkpoint SET size = size - 1", None),
    "a checkpoint's signature": (
        "UPDATE checkpoint SET note = overlay(note PLACING 'AAAA' FROM length(note) - 20)",
        None,
    ),
    "a published checkpoint's signatures": (
        "UPDATE published SET note = (SELECT note FROM checkpoint c WHERE c.size = published.size)",
        None,
    ),
}


def test_the_record_is_whole_before_anybody_touches_it(record: Record) -> None:  # noqa: ARG001
    """What is changed below is good as it is."""
    assert verified().size == ENTRIES


@pytest.mark.parametrize("what", EDITS)
def test_a_changed_row_is_found(insider: psycopg.Connection[tuple[object, ...]], what: str) -> None:
    """Edited, deleted, swapped, inserted, cut off, renumbered: found, the first bad entry named where there is one."""
    statement, bad = EDITS[what]
    if isinstance(bad, str):
        row = insider.execute(f"SELECT {bad}".encode()).fetchone()
        bad = int(str(row[0])) if row else None
    for part in statement.split("; "):
        insider.execute(part.encode())
    with pytest.raises(Tampered) as found:
        verified()
    if bad is not None:
        assert found.value.idx == bad, found.value


def test_every_byte_of_a_node_is_looked_at(insider: psycopg.Connection[tuple[object, ...]]) -> None:
    """The cache of the tree's upper levels is held against the entries, byte for byte."""
    for at in range(32):
        insider.execute("UPDATE node SET hash = set_byte(hash, %(at)s, get_byte(hash, %(at)s) # 1)", {"at": at})
        with pytest.raises(Tampered):
            verified()
        insider.execute("UPDATE node SET hash = set_byte(hash, %(at)s, get_byte(hash, %(at)s) # 1)", {"at": at})
    assert verified().size == ENTRIES


def test_an_entry_changed_with_all_that_hangs_on_it_is_not_what_was_signed(
    insider: psycopg.Connection[tuple[object, ...]], tmp_path: Path
) -> None:
    """Leaf, node and head are made to match: the database is whole in itself; second copy and checkpoints say no."""
    rewrite(
        insider,
        "UPDATE entry SET body = convert_to(replace(convert_from(body, 'UTF8'), 'Rheinhafen', 'Rheinhaven'), 'UTF8')",
    )
    row = insider.execute("SELECT min(e.idx) FROM entry e JOIN before.entry b USING (idx) WHERE e.body <> b.body")
    with pytest.raises(Tampered, match="log folder") as found:
        verified()
    assert (found.value.idx,) == row.fetchone()
    with (
        private.settings(COUNTERSIGN_LOG_FOLDER=str(tmp_path)),
        pytest.raises(Tampered, match="those of the checkpoint"),
    ):
        verified()


def rewrite(insider: psycopg.Connection[tuple[object, ...]], change: str) -> None:
    """Change entries, and hash everything anew."""
    assert insider.execute(change.encode()).rowcount
    rows = insider.execute("SELECT body FROM entry ORDER BY idx").fetchall()
    leaves = [tree.leaf(bytes(row[0])) for row in rows]  # type: ignore[call-overload]
    frontier, nodes = tree.append(0, (), leaves)
    for idx, leaf in enumerate(leaves):
        insider.execute("UPDATE entry SET leaf = %s WHERE idx = %s", [leaf, idx])
    for level, index, hash in nodes:
        insider.execute("UPDATE node SET hash = %s WHERE level = %s AND index = %s", [hash, level, index])
    insider.execute("UPDATE head SET root = %s", [tree.root(frontier)])
