"""Many clients at one draft, before real web processes: of each version one wins, and no change of anybody is lost."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.kernel import db, documents, ids, ports
from services.kernel.events import Actor
from tests.component.catalogue_house import lithium, member, opened, provider
from tests.facts import eventually
from tests.people import token

CLIENTS = 16
WEBS = 2  # processes: nothing that one of them keeps to itself decides who wins
# `make test` edits a little; `make load` the whole of it.
EDITS = int(os.environ.get("COUNTERSIGN_EDITS", "160"))


@pytest.fixture
def webs(database: str) -> Iterator[list[int]]:
    """Ports of the catalogue's web processes."""
    del database
    found = [ports.free() for _ in range(WEBS)]
    commands = [[sys.executable, "-m", "services.cli", "web", "catalogue", "--port", str(port)] for port in found]
    processes = [
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands
    ]
    eventually(lambda: all(ports.answers(port) for port in found), within=30)
    yield found
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(20)


@dataclass
class Editors:
    """What the clients are at, and what they were told."""

    draft_id: str
    enough: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[int, tuple[str, str]] = field(default_factory=dict)  # version -> (language, text)
    statuses: Counter[int] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self, status: int, version: int | None, said: tuple[str, str]) -> None:
        """Write down an answer; an acknowledgement names a version that nobody else was told."""
        with self.lock:
            self.statuses[status] += 1
            if version is not None:
                assert version not in self.acknowledged, f"version {version} was acknowledged twice"
                self.acknowledged[version] = said
                if len(self.acknowledged) >= EDITS:
                    self.enough.set()


class Client:
    """One of those who edit: on a connection of its own, each change made on the version it has just read."""

    def __init__(self, number: int, port: int, actor: Actor, editors: Editors) -> None:
        self.language, self.editors = f"en-c{number:02}", editors
        self.whole = number % 2 == 0  # one half sends patches, the other whole documents
        self.path = f"/catalogue/api/v1/drafts/{editors.draft_id}"
        self.actor, self.connection = actor, http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.signed_in, self.bearer = 0.0, ""

    def edit(self) -> None:
        """Edit until there is enough."""
        for turn in itertools.count(1):
            while not self.editors.enough.is_set():
                if self._once(str(turn)):
                    break
            else:
                return

    def _once(self, text: str) -> bool:
        """Read the draft and write a note on top of it; say whether that was acknowledged."""
        status, tag, draft = self._ask("GET", self.path)
        assert status == 200, draft
        document = draft["document"]
        after = document | {"notes": document["notes"] | {self.language: text}}
        patch = [{"op": "add", "path": f"/notes/{self.language}", "value": text}]
        body = {"document": after} if self.whole else {"patch": patch}
        status, made, _ = self._ask("PATCH", self.path, body | {"summary": "One more"}, {"If-Match": tag})
        version = int(made.strip('"')) if status == 200 else None
        self.editors.told(status, version, (self.language, text))
        return version is not None

    def _ask(self, method: str, path: str, body: Any = None, more: Mapping[str, str] | None = None) -> Any:
        if time.monotonic() - self.signed_in > 300:
            self.signed_in, self.bearer = time.monotonic(), token(self.actor)
        headers = {"Authorization": f"Bearer {self.bearer}", "Content-Type": "application/json", **(more or {})}
        headers |= {"Idempotency-Key": ids.new_id()} if body else {}
        self.connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers.get("ETag", ""), json.loads(answer.read())


def test_of_sixteen_who_edit_one_draft_nobody_loses_a_word(webs: list[int]) -> None:
    """Versions are dense; each acknowledged edit is in the one version it was told, made on the version before it, and
    stands in the document until its own author writes another; every refusal says that somebody was faster.
    """
    home = provider()
    draft_id = opened(member(home, "lead"))
    editors = Editors(draft_id)
    clients = [Client(n, webs[n % WEBS], member(home, "designer"), editors) for n in range(CLIENTS)]
    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as at_once:
        for done in [at_once.submit(client.edit) for client in clients]:
            done.result()
    took = time.monotonic() - begun
    _hold(draft_id, editors.acknowledged)
    assert editors.statuses.keys() <= {200, 409, 412}
    assert editors.statuses[412] > 0, "nobody was ever in another's way"
    refused = {status: count for status, count in editors.statuses.items() if status != 200}
    print(f"{len(editors.acknowledged):,} edits by {CLIENTS} clients in {took:.0f} s; refused: {refused}")


def _hold(draft_id: str, acknowledged: Mapping[int, tuple[str, str]]) -> None:
    with db.of("catalogue").transaction(read_only=True) as tx:
        rows = tx.all("SELECT * FROM version WHERE draft_id = %(id)s ORDER BY version", {"id": draft_id})
        events = tx.value("SELECT count(*) FROM catalogue_own.outbox WHERE type = 'catalogue.draft.revised.v1'")
    assert [row["version"] for row in rows] == list(range(1, len(rows) + 1)), "versions are not dense"
    assert len(rows) - 1 == len(acknowledged) == events
    document: Any = lithium()
    for row in rows[1:]:
        language, text = acknowledged[row["version"]]
        document = document | {"notes": document["notes"] | {language: text}}
        assert row["document_hash"] == documents.digest(document), f"version {row['version']} lost or gained something"
        assert documents.digest(json.loads(row["document"])) == row["document_hash"]
