"""From an act to the mail it causes: relay, broker, both workers and the catcher, each a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest
import requests

from services.accounts import commands
from services.kernel import config, db, ports, topology
from tests.component.accounts_house import House, built, events, secret_of
from tests.conftest import Platform
from tests.facts import eventually
from tests.private import settings

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """`start("worker", "accounts")` starts `countersign worker accounts`; all that was started ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*words: str) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "services.cli", *words]))
        return started[-1]

    yield begin
    for process in started:
        process.terminate()
    for process in started:
        process.wait(30)


@pytest.fixture
def caught(platform_env: Platform, start: Start, tmp_path: Path) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What the catcher has caught; relay and notifications run, accounts does not."""
    smtp, http = ports.free(), ports.free()
    with settings(COUNTERSIGN_SMTP_URL=f"smtp://127.0.0.1:{smtp}"):
        topology.declare(platform_env.amqp)
        start("mailcatcher", "--smtp-port", str(smtp), "--http-port", str(http), "--folder", str(tmp_path))
        start("relay", "accounts", "notifications")
        start("worker", "notifications")
        eventually(lambda: ports.answers(http) and consumers("notifications.send_link"), within=60)
        yield lambda: list(requests.get(f"http://127.0.0.1:{http}/messages.json", timeout=5).json()["messages"])


def consumers(queue: str) -> int:
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        try:
            return int(connection.channel().queue_declare(queue, passive=True).method.consumer_count)
        except pika.exceptions.ChannelClosedByBroker:
            return 0


def told() -> list[str]:
    with db.of("notifications").transaction(read_only=True) as tx:
        return [row["type"] for row in tx.all("SELECT type FROM notifications_own.outbox ORDER BY id")]


def asked_in_vain() -> bool:
    """Say whether a letter was tried and put back: due later, and no try counted."""
    with db.of("notifications").transaction(read_only=True) as tx:
        statement = "SELECT attempt = 0 AND due > now() FROM notifications_own.letter"
        return bool(tx.value(statement))


def ask_for_link(house: House) -> None:
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    assert events("accounts.token.issued")[-1].data["person"] == house.reviewer.person


def test_a_sign_in_link_arrives_and_opens_though_accounts_was_away(
    caught: Callable[[], list[dict[str, Any]]], start: Start
) -> None:
    """While accounts' worker is down the letter waits; once it is back the mail comes, by itself and once."""
    house = built()
    ask_for_link(house)
    eventually(asked_in_vain, within=30)
    assert caught() == []
    start("worker", "accounts")
    (mail,) = eventually(caught, within=60)
    assert mail["to"] == ["anna@nordhafen.example"]
    assert mail["subject"] == "Your link to sign in to Countersign"
    (link,) = mail["links"]
    assert commands.look_at_link(secret_of(link)).person.id == house.reviewer.person
    eventually(lambda: told() == ["notifications.notice.delivered.v1"])
    ask_for_link(house)
    eventually(lambda: len(caught()) == 2)
    assert len({mail["message_id"] for mail in caught()}) == 2
