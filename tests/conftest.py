"""Fixtures: the shared servers, and for each test (or module) a fresh database and a fresh vhost on them."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

# A developer's running platform is not the tests' business. Before the kernel is imported, for it reads this at once.
os.environ["COUNTERSIGN_SETTINGS"] = os.devnull

from deploy.local.account import CannotStart
from deploy.local.servers import URLs
from tests import private
from tests.local import own_servers, start
from tests.private import Template

__all__ = ["own_servers", "start"]  # fixtures


@dataclass(frozen=True, slots=True)
class Platform:
    """Where a test's own database and vhost are. The environment says the same, for `db.of` and child processes."""

    database: str
    amqp: str
    management: str


@pytest.fixture(scope="session")
def servers() -> URLs:
    """PostgreSQL and RabbitMQ: the given ones (COUNTERSIGN_DATABASE_URL, COUNTERSIGN_AMQP_URL), else private ones.

    The private ones live under `.local/test` and go on running after the session, for the next and for others'.
    `python3 -m deploy.local.servers stop .local/test` stops them; `make test` does so at its end.
    """
    try:
        return private.start()
    except CannotStart as error:
        pytest.exit(str(error), returncode=2)


@pytest.fixture(scope="session")
def template(servers: URLs) -> Template:
    """A migrated database to copy."""
    return private.migrated_template(servers, private.FOLDER / "secrets")


@pytest.fixture
def database(template: Template) -> Iterator[str]:
    """A fresh migrated database; `db.of("catalogue")` speaks to it. The value is the administrator's address."""
    with private.fresh_database(template) as url:
        yield url


@pytest.fixture
def broker(servers: URLs) -> Iterator[str]:
    """A fresh empty vhost; `config.amqp_url()` names it. The value is its address."""
    with private.fresh_vhost(servers) as url:
        yield url


@pytest.fixture
def platform_env(database: str, broker: str, servers: URLs) -> Platform:
    """Both of them."""
    return Platform(database, broker, servers.management)


@pytest.fixture(scope="module")
def module_database(template: Template) -> Iterator[str]:
    """As `database`, one for all tests of a module."""
    with private.fresh_database(template) as url:
        yield url


@pytest.fixture(scope="module")
def module_broker(servers: URLs) -> Iterator[str]:
    """As `broker`, one for all tests of a module."""
    with private.fresh_vhost(servers) as url:
        yield url
