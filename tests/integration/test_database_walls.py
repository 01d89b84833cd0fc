"""The roles are the wall: each service reaches its own two schemas and nothing else."""

from itertools import permutations

import psycopg
import pytest

from services import SERVICES
from services.kernel import config, migrate


@pytest.mark.parametrize(("service", "other"), list(permutations(SERVICES, 2)))
@pytest.mark.usefixtures("database")
def test_a_role_that_reaches_into_another_schema_is_refused(service: str, other: str) -> None:
    """Every verb on every table of every other service is refused by PostgreSQL itself."""
    with psycopg.connect(config.database_url(service), autocommit=True) as connection:
        with psycopg.connect(config.admin_database_url()) as admin:
            tables = admin.execute(
                "SELECT format('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = ANY(%s)",
                [[other, f"{other}_own"]],
            ).fetchall()
        assert tables
        for (table,) in tables:
            for statement in ("SELECT 1 FROM {}", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.format(table).encode())


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.usefixtures("database")
def test_a_role_may_not_change_the_shape_of_its_own_tables(service: str) -> None:
    """Only `countersign migrate`, run by the administrator, creates or drops a table."""
    with psycopg.connect(config.database_url(service), autocommit=True) as connection:
        for statement in (f"DROP TABLE {service}_own.outbox", f"CREATE TABLE {service}.surprise ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


@pytest.mark.usefixtures("database")
def test_an_applied_migration_that_was_changed_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward only: a file that was applied and then edited stops the migration, and the message says which."""
    edited = migrate.Migration("kernel/0001_events.sql", "SELECT 1")
    monkeypatch.setattr(migrate, "of_service", lambda _service: iter([edited]))
    with pytest.raises(Exception, match=r"kernel/0001_events\.sql was changed"):
        migrate.migrate(config.admin_database_url())


@pytest.mark.usefixtures("database")
def test_migrating_again_changes_nothing() -> None:
    """A second run applies no file."""
    assert migrate.migrate(config.admin_database_url()) == []
