"""Who may do what to the log: every verb, by every role, on every table that makes the log."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from services import SERVICES
from services.kernel import config

pytestmark = pytest.mark.usefixtures("module_database")

TABLES = ("entry", "node", "head", "checkpoint", "published", "private")
VERBS = {
    "SELECT": "SELECT count(*) FROM audit.{table}",
    "INSERT": "INSERT INTO audit.{table} SELECT * FROM audit.{table} WHERE false",
    "UPDATE": "UPDATE audit.{table} SET {column} = {column} WHERE false",
    "DELETE": "DELETE FROM audit.{table} WHERE false",
    "TRUNCATE": "TRUNCATE audit.{table} CASCADE",
    "FOR UPDATE": "SELECT * FROM audit.{table} FOR UPDATE",
    "UPSERT": "INSERT INTO audit.{table} SELECT * FROM audit.{table} WHERE false ON CONFLICT ({key}) "
    "DO UPDATE SET {column} = excluded.{column}",
    "MERGE": "MERGE INTO audit.{table} t USING (SELECT 1 AS one) s ON false WHEN MATCHED THEN DELETE",
    "LOCK": "LOCK TABLE audit.{table} IN ACCESS EXCLUSIVE MODE",
    "TRIGGERS OFF": "ALTER TABLE audit.{table} DISABLE TRIGGER ALL",
    "DROP": "DROP TABLE audit.{table} CASCADE",
}
COLUMNS = {  # one that is the primary key, and one to set
    "entry": ("idx", "body"),
    "node": ("level, index", "hash"),
    "head": ("one", "size"),
    "checkpoint": ("size", "note"),
    "published": ("size", "note"),
    "private": ("event_id, pointer", "value"),
}
# What the audit service's own role may, besides reading. Its recorder appends and moves the head on; its signer adds
# checkpoints; erasing a person deletes what stands beside the entries, and nothing is ever changed in place.
OF_AUDIT = {
    "entry": {"INSERT"},
    "node": {"INSERT"},
    "head": {"UPDATE", "FOR UPDATE", "LOCK"},
    "checkpoint": {"INSERT"},
    "published": {"INSERT"},
    "private": {"INSERT", "DELETE", "MERGE", "LOCK"},
}
KEPT_FOR_EVER = ("entry", "checkpoint", "published")


def statement(verb: str, table: str) -> bytes:
    key, column = COLUMNS[table]
    return VERBS[verb].format(table=table, key=key, column=column).encode()


def allowed(service: str, table: str) -> set[str]:
    """The verbs that a service's role gets through with."""
    found = set()
    with psycopg.connect(config.database_url(service), options="-c lock_timeout=2s") as connection:
        for verb in VERBS:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement(verb, table))
                found.add(verb)
            except InsufficientPrivilege:
                pass
    return found


@pytest.mark.parametrize("table", TABLES)
def test_the_audit_service_may_do_its_work_to_the_log_and_no_more(table: str) -> None:
    """Read all of it, append to it, move the head on, delete private values; change, empty or lock nothing else."""
    assert allowed("audit", table) == {"SELECT"} | OF_AUDIT[table]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("service", [service for service in SERVICES if service != "audit"])
def test_no_other_service_reaches_the_log_at_all(service: str, table: str) -> None:
    """Not even to read it."""
    assert allowed(service, table) == set()


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE", "UPSERT"])
@pytest.mark.parametrize("table", KEPT_FOR_EVER)
def test_even_the_administrator_is_refused_by_trigger(table: str, verb: str) -> None:
    """Who owns the tables has every right; what was entered or promised stays all the same, and the words say why."""
    with (
        psycopg.connect(config.admin_database_url()) as connection,
        pytest.raises(psycopg.errors.RaiseException, match=r"The log is append-only: .* is refused\."),
    ):
        connection.execute(statement(verb, table))


@pytest.mark.parametrize("table", KEPT_FOR_EVER)
def test_a_role_without_rights_of_its_own_has_none_by_default(table: str) -> None:
    """PUBLIC, which every future role belongs to, was granted nothing."""
    with psycopg.connect(config.admin_database_url()) as admin:
        granted = admin.execute(
            "SELECT privilege_type FROM information_schema.role_table_grants "
            "WHERE grantee = 'PUBLIC' AND table_schema = 'audit' AND table_name = %s",
            [table],
        ).fetchall()
    assert granted == []
