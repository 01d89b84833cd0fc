"""The local platform: its servers and its settings. `python3 -m deploy.local.platform up|down|status|erase`.

`up` starts the servers and writes `.local/countersign.env`, which every `countersign` command started here reads.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.local import servers
from deploy.local.account import CannotStart
from services.kernel import children, ports

FOLDER = Path(".local")
SETTINGS = FOLDER / "countersign.env"
USUAL_PORT = 8080


def up() -> str:
    """Start the servers that nobody gave us and write down the settings; answers what to tell."""
    FOLDER.mkdir(exist_ok=True)
    given_database, given_broker = os.environ.get("COUNTERSIGN_DATABASE_URL"), os.environ.get("COUNTERSIGN_AMQP_URL")
    if given_database and given_broker:
        write({**settings(), "COUNTERSIGN_DATABASE_URL": given_database, "COUNTERSIGN_AMQP_URL": given_broker})
        return "PostgreSQL and RabbitMQ are the ones you named; nothing is started here."
    ours = servers.Servers(FOLDER)
    ours.start(database=not given_database, broker=not given_broker)
    database = given_database or ours.postgres.url
    broker = given_broker or ours.rabbitmq.url
    write({**settings(), "COUNTERSIGN_DATABASE_URL": database, "COUNTERSIGN_AMQP_URL": broker})
    return ours.status()


def settings() -> dict[str, str]:
    """What the platform is told besides the servers' addresses. Ports stay while our processes hold them."""
    before = read()
    web = _port(before, "COUNTERSIGN_WEB_PORT", USUAL_PORT)
    chosen = {
        "COUNTERSIGN_SECRETS": str((FOLDER / "secrets").resolve()),
        "COUNTERSIGN_WEB_PORT": str(web),
        "COUNTERSIGN_PUBLIC_URL": f"http://localhost:{web}",
        "COUNTERSIGN_WITNESS_PORT": str(_port(before, "COUNTERSIGN_WITNESS_PORT")),
        # set by `countersign audit succeed`: a log keeps its name
        **{name: before[name] for name in ("COUNTERSIGN_LOG_ORIGIN",) if name in before},
    }
    if smtp := os.environ.get("COUNTERSIGN_SMTP_URL"):
        return {**chosen, "COUNTERSIGN_SMTP_URL": smtp}
    catch, show = _port(before, "COUNTERSIGN_SMTP_PORT"), _port(before, "COUNTERSIGN_MAIL_PORT")
    return {
        **chosen,
        "COUNTERSIGN_SMTP_URL": f"smtp://127.0.0.1:{catch}",
        "COUNTERSIGN_SMTP_PORT": str(catch),
        "COUNTERSIGN_MAIL_PORT": str(show),
        "COUNTERSIGN_MAIL_PAGE": f"http://localhost:{show}/",
    }


def read() -> dict[str, str]:
    """The settings as they were written last."""
    lines = SETTINGS.read_text().splitlines() if SETTINGS.exists() else []
    return {name: value for name, _, value in (line.partition("=") for line in lines) if value and name[0] != "#"}


def write(values: Mapping[str, str]) -> None:
    """Write the settings for us alone: they hold passwords."""
    text = "# written by `make up`\n" + "".join(f"{name}={value}\n" for name, value in values.items())
    draft = SETTINGS.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    draft.replace(SETTINGS)


def _port(before: Mapping[str, str], name: str, usual: int | None = None) -> int:
    if asked := os.environ.get(name):
        return int(asked)
    held = int(before.get(name) or usual or ports.free())
    if ports.is_free(held) or (name in before and any(children.living(FOLDER))):
        return held
    if usual and ports.is_free(usual):
        return usual
    return ports.free()


def main(words: list[str]) -> int:
    """Do what the words say; 2 when a server cannot be started."""
    action = words[0] if words else "status"
    try:
        if action == "up":
            print(up())
        elif action in ("down", "status", "erase"):
            print(servers.act("stop" if action == "down" else action, FOLDER))
        else:
            print("usage: python3 -m deploy.local.platform up|down|status|erase", file=sys.stderr)
            return 2
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
