"""The real servers that tests run on: shared by every pytest of this checkout, with a database and a vhost for each."""

import fcntl
import hashlib
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.local.management import Management
from deploy.local.servers import Servers, URLs
from services import SERVICES
from services.kernel import config, db, migrate

FOLDER = Path(__file__).parent.parent / ".local/test"
# What the caller set, before any test sets something else.
GIVEN_DATABASE = os.environ.get("COUNTERSIGN_DATABASE_URL")
GIVEN_BROKER = os.environ.get("COUNTERSIGN_AMQP_URL")
GIVEN_MANAGEMENT = os.environ.get("COUNTERSIGN_MANAGEMENT_URL")

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Template:
    """A migrated database to copy, and the folder of the secrets its roles were made with."""

    admin_url: str
    name: str
    secrets: Path


def start() -> URLs:
    """The addresses of the servers that were given or, started when need be, of the private ones."""
    if GIVEN_DATABASE and GIVEN_BROKER:
        return URLs(GIVEN_DATABASE, GIVEN_BROKER, GIVEN_MANAGEMENT or _management_beside(GIVEN_BROKER))
    private = Servers(FOLDER, fsync=False)
    private.start(database=not GIVEN_DATABASE, broker=not GIVEN_BROKER)
    if GIVEN_DATABASE:
        return URLs(GIVEN_DATABASE, private.rabbitmq.url, private.rabbitmq.management.url)
    if GIVEN_BROKER:
        return URLs(private.postgres.url, GIVEN_BROKER, GIVEN_MANAGEMENT or _management_beside(GIVEN_BROKER))
    return private.urls


def migrated_template(urls: URLs, secrets: Path) -> Template:
    """The template database of the migrations as they are now, made by the first who asks."""
    secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "template.lock").open("w") as lock, settings(COUNTERSIGN_SECRETS=str(secrets)):
        fcntl.flock(lock, fcntl.LOCK_EX)
        migrate.ensure_secrets()
        name = f"template_{_state_of_migrations(secrets)}"
        with psycopg.connect(urls.database, autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                _make_template(admin, urls.database, name)
            _drop_leftovers(admin)
        return Template(urls.database, name, secrets)


@contextmanager
def fresh_database(template: Template) -> Iterator[str]:
    """A migrated, empty database that `db.of(service)` speaks to inside the block; yields its administrator address.

    The log of a database has a folder outside it, which must be its own: this one has none yet.
    """
    name = f"test_{os.getpid()}_{next(_numbers)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template.name))
    with psycopg.connect(template.admin_url, autocommit=True) as admin:
        admin.execute(copy)
        try:
            url, secrets = _with_database(template.admin_url, name), str(template.secrets)
            with TemporaryDirectory(prefix="countersign-log-") as folder:
                log = str(Path(folder) / "log")
                with settings(COUNTERSIGN_DATABASE_URL=url, COUNTERSIGN_SECRETS=secrets, COUNTERSIGN_LOG_FOLDER=log):
                    yield url
        finally:
            _drop(admin, name)


@contextmanager
def away(url: str) -> Iterator[None]:
    """Nobody can connect to this one database inside the block, and who was connected is not any more."""
    name = url.rpartition("/")[2]
    with psycopg.connect(url.replace(name, "postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true".encode())


@contextmanager
def fresh_vhost(urls: URLs) -> Iterator[str]:
    """An empty vhost that `config.amqp_url()` names inside the block; yields its address."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    management = Management(urls.management)
    url = management.new_vhost(name, urls.amqp)
    try:
        with settings(COUNTERSIGN_AMQP_URL=url):
            yield url
    finally:
        management.drop_vhost(name)


@contextmanager
def settings(**values: str) -> Iterator[None]:
    """Set environment variables inside the block; what was read or opened under other settings is forgotten."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: "dict[str, str] | dict[str, str | None]") -> None:
    db.close_all()
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    config.reset()


def _make_template(admin: "psycopg.Connection[tuple[object, ...]]", admin_url: str, name: str) -> None:
    """Migrate under another name and rename: an interrupted run leaves no half template."""
    draft = f"{name}_new"
    _drop(admin, draft)
    admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    migrate.migrate(_with_database(admin_url, draft))
    admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))


def _drop_leftovers(admin: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Drop the databases of test runs that were killed."""
    rows = admin.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_[0-9]+$'").fetchall()
    for name in (str(row[0]) for row in rows):
        if not Path(f"/proc/{name.split('_')[1]}").exists():
            _drop(admin, name)


def _drop(admin: "psycopg.Connection[tuple[object, ...]]", name: str) -> None:
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _state_of_migrations(secrets: Path) -> str:
    """A name for all that decides what a migrated database is: the files, the code that runs them, the passwords."""
    parts = [migrate.checksum().encode(), Path(migrate.__file__).read_bytes()]
    parts += [(secrets / f"db-{service}").read_bytes() for service in SERVICES]
    return hashlib.sha256(b"".join(parts)).hexdigest()[:12]


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _management_beside(amqp_url: str) -> str:
    parts = urlsplit(amqp_url)
    return f"http://{parts.username or 'guest'}:{parts.password or 'guest'}@{parts.hostname}:15672"
