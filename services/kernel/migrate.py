"""Migrations: plain SQL files, forward only, each checked against the checksum it was applied with."""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import psycopg
from psycopg import sql

from services import SERVICES
from services.kernel import config
from services.kernel.db import set_search_path
from services.kernel.errors import Misconfigured
from services.kernel.keys import ensure_log_key, ensure_session_key

LOCK = 0x636F756E74657273  # one migrator at a time; held by a short-lived command, never by a server


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its name (`kernel/0001_events.sql` or `<service>/0001_*.sql`) and its SQL."""

    name: str
    statements: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.statements.encode()).hexdigest()


def of_service(service: str) -> Iterator[Migration]:
    """Yield a service's migrations in order: the kernel's tables first, then its own."""
    for owner in ("kernel", service):
        folder = files("services").joinpath(owner, "migrations")
        for file in sorted(_sql_files(folder), key=lambda f: f.name):
            yield Migration(f"{owner}/{file.name}", file.read_text())


def checksum() -> str:
    """Return one checksum over every migration of every service: the name of a schema as a whole."""
    every = (m.checksum for service in SERVICES for m in of_service(service))
    return hashlib.sha256("".join(every).encode()).hexdigest()


def migrate(admin_url: str) -> list[str]:
    """Make roles, schemas and tables of every service as the administrator; return what was applied.

    Raise Misconfigured where an applied file was changed since, or where the address is no administrator's.
    """
    ensure_secrets()
    applied: list[str] = []
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        for service in SERVICES:
            with connection.transaction():
                _ensure_role_and_schemas(connection, service)
                applied += [f"{service}: {name}" for name in _apply(connection, service)]
    return applied


def pending(connection: psycopg.Connection[dict[str, object]], service: str) -> list[str]:
    """Return the names of a service's migrations that its database has not seen; needs the service's rights only."""
    rows = connection.execute(sql.SQL("SELECT name FROM {}.migration").format(sql.Identifier(f"{service}_own")))
    known = {row["name"] for row in rows}
    return [migration.name for migration in of_service(service) if migration.name not in known]


def ensure_secrets() -> None:
    """Make the secrets that are missing, each file 0600: a password per role, keys of forms, sessions and the log."""
    folder = config.secrets_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for service in SERVICES:
        _ensure_file(folder / f"db-{service}", secrets.token_urlsafe(32))
    _ensure_file(folder / "form-key", secrets.token_urlsafe(32))
    ensure_session_key(folder)
    ensure_log_key(folder)


def _ensure_file(path: Path, content: str) -> None:
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)


def _ensure_role_and_schemas(connection: psycopg.Connection[tuple[object, ...]], service: str) -> None:
    role = sql.Identifier(config.role(service))
    password = sql.Literal(config.secret(f"db-{service}"))
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [config.role(service)]).fetchone():
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
    else:
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, password))
    for name in (service, f"{service}_own"):
        schema = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
        for what, rights in (("TABLES", "SELECT, INSERT, UPDATE, DELETE"), ("SEQUENCES", "USAGE, SELECT")):
            connection.execute(
                sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT {} ON {} TO {}").format(
                    schema, sql.SQL(rights), sql.SQL(what), role
                )
            )


def _apply(connection: psycopg.Connection[tuple[object, ...]], service: str) -> Iterator[str]:
    own = sql.Identifier(f"{service}_own")
    connection.execute(
        sql.SQL("CREATE TABLE IF NOT EXISTS {}.migration (name text PRIMARY KEY, checksum text NOT NULL)").format(own)
    )
    rows = connection.execute(sql.SQL("SELECT name, checksum FROM {}.migration").format(own))
    known = {str(name): str(checksum) for name, checksum in rows}
    for migration in of_service(service):
        if migration.name in known:
            if known[migration.name] != migration.checksum:
                raise Misconfigured(
                    f"{migration.name} was changed after {service} had applied it. Restore the file and put the change "
                    "into a new migration: they go forward only."
                )
            continue
        # the kernel's files speak of unqualified names that belong into <service>_own; a service's first of the fold
        first, second = (
            (f"{service}_own", service) if migration.name.startswith("kernel/") else (service, f"{service}_own")
        )
        set_search_path(connection, first, second)
        connection.execute(migration.statements.encode())
        connection.execute(
            sql.SQL("INSERT INTO {}.migration VALUES (%s, %s)").format(own), [migration.name, migration.checksum]
        )
        yield migration.name


def _sql_files(folder: Traversable) -> list[Traversable]:
    return [file for file in folder.iterdir() if file.name.endswith(".sql")] if folder.is_dir() else []
