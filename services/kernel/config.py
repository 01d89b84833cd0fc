"""Settings: from the environment, else from `.local/countersign.env` in the working directory; secrets from files.

Every setting `COUNTERSIGN_X` may also be given as `COUNTERSIGN_X_FILE`, the path of a file that holds it.
"""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from dotenv import dotenv_values
from environs import FileAwareEnv

from services.kernel.errors import Misconfigured

LOCAL_FILE = Path(os.environ.get("COUNTERSIGN_SETTINGS", ".local/countersign.env"))


@cache
def env() -> FileAwareEnv:
    """Return the settings, reading the local file once. What the environment says goes before what the file says."""
    settings = FileAwareEnv(prefix="COUNTERSIGN_")
    if LOCAL_FILE.is_file():
        settings.read_env(str(LOCAL_FILE), recurse=False)
    return settings


def reset() -> None:
    """Forget what was read; the next question reads the environment anew."""
    env.cache_clear()


def amqp_url() -> str:
    """Return the broker's address, `amqp://user:password@host:port/vhost`."""
    return _needed("AMQP_URL", "the address of RabbitMQ, amqp://user:password@host:5672/vhost")


def admin_database_url() -> str:
    """Return the administrator's database address: for `countersign migrate` and the operators' tools alone."""
    return _needed(
        "DATABASE_URL", "the administrator's address of PostgreSQL, postgresql://user:password@host/database"
    )


def database_url(service: str) -> str:
    """Return the address with which a service reaches its own two schemas, as its own role.

    `COUNTERSIGN_<SERVICE>_DATABASE_URL` where set, else the administrator's host and database with the role
    `countersign_<service>` and the password in the secrets folder.
    """
    if explicit := env().str(f"{service.upper()}_DATABASE_URL", None):
        return explicit
    parts = urlsplit(admin_database_url())
    login = f"{role(service)}:{quote(secret(f'db-{service}'), safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def role(service: str) -> str:
    """Return the PostgreSQL role of a service."""
    return f"countersign_{service}"


def secrets_folder() -> Path:
    """Return the folder of secret files; each file holds one secret and nothing else."""
    return Path(_needed("SECRETS", "the folder that holds the secret files (countersign migrate fills it)"))


def secret(name: str) -> str:
    """Return one secret; raise Misconfigured where its file is missing."""
    path = secrets_folder() / name
    try:
        return path.read_text().strip()
    except OSError as problem:
        raise Misconfigured(
            f"The secret {name!r} cannot be read ({problem}): run `countersign migrate`, or mount it at {path}."
        ) from problem


def public_url() -> str:
    """Return the address people reach the platform at, without a slash at the end."""
    return str(env().str("PUBLIC_URL", "http://localhost:8080")).rstrip("/")


def trusted_proxies() -> int:
    """Return how many proxies stand before the web, each adding its peer to X-Forwarded-For; 0 where none does."""
    return int(env().int("TRUSTED_PROXIES", 0))


def as_environment() -> Iterator[tuple[str, str]]:
    """Yield each setting of ours, those of the local file included, for a child process."""
    settings = {**dotenv_values(LOCAL_FILE), **os.environ}
    return ((name, value) for name, value in settings.items() if value and name.startswith("COUNTERSIGN_"))


def _needed(name: str, meaning: str) -> str:
    value = str(env().str(name, "")).strip()
    if not value:
        raise Misconfigured(
            f"COUNTERSIGN_{name} is not set: it is {meaning}. `make up` sets up a local platform and writes it."
        )
    return value
