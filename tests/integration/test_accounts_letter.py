"""The worker of accounts, a process of its own on a real broker: notifications asks it for a letter."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pika
import pytest

from services.accounts import commands
from services.kernel import config, ids, topology
from tests.component.accounts_house import built, events, secret_of
from tests.conftest import Platform
from tests.facts import eventually

RPC = "nameko-rpc"


@pytest.fixture
def worker(platform_env: Platform) -> Iterator[None]:
    topology.declare(platform_env.amqp)
    process = subprocess.Popen([sys.executable, "-m", "services.cli", "worker", "accounts"])
    yield
    process.terminate()
    process.wait(20)


def ask(method: str, **named: Any) -> Any:
    """Ask a nameko service as its wire protocol says: a topic exchange, a reply queue, a correlation id."""
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        channel, me = connection.channel(), ids.new_id()
        channel.queue_declare(me, exclusive=True)
        channel.queue_bind(me, RPC, me)
        asked = pika.BasicProperties(reply_to=me, correlation_id=me, content_type="application/json")
        channel.basic_publish(RPC, method, json.dumps({"args": [], "kwargs": named}).encode(), asked, mandatory=True)
        _, _, answer = next(channel.consume(me, inactivity_timeout=10))
        assert answer is not None, "no answer within 10 seconds"
        said = json.loads(answer)
        assert said["error"] is None, said
        return said["result"]


@pytest.mark.usefixtures("worker")
def test_notifications_is_told_where_to_write_and_which_link() -> None:
    """The link that comes over the broker opens; whoever is not here gets no letter."""
    house = built()
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    token = events("accounts.token.issued")[0].data["token"]
    eventually(_is_served, within=60)
    letter = ask("accounts.letter", person=house.reviewer.person, token=token)
    assert letter["address"] == "anna@nordhafen.example"
    assert commands.look_at_link(secret_of(letter["link"])).person.id == house.reviewer.person
    assert ask("accounts.letter", person=ids.new_id()) is None


def _is_served() -> bool:
    with pika.BlockingConnection(pika.URLParameters(config.amqp_url())) as connection:
        try:
            return bool(connection.channel().queue_declare("rpc-accounts", passive=True).method.consumer_count)
        except pika.exceptions.ChannelClosedByBroker:
            return False
