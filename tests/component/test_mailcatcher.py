"""The mail catcher, a process of its own: what it took it keeps, and what it shows can do no harm."""

from __future__ import annotations

import json
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests

from services.kernel import ports
from tests.facts import eventually


class Catcher:
    """The process, with its two ports and its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.smtp, self.http = folder, ports.free(), ports.free()
        self.start()

    def start(self) -> None:
        words = ("--smtp-port", str(self.smtp), "--http-port", str(self.http), "--folder", str(self.folder))
        self.process = subprocess.Popen([sys.executable, "-m", "services.cli", "mailcatcher", *words])
        eventually(lambda: ports.answers(self.smtp) and ports.answers(self.http), within=60)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(20)

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.http}{path}", timeout=10)

    def list(self) -> Any:
        return self.get("/messages.json").json()

    def send(self, message_id: str = "<n-1@localhost>", **parts: str) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as post:
            post.send_message(mail(message_id, **parts))


def mail(message_id: str, *, subject: str = "Greetings", text: str = "Hello", html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "us@localhost", "Anna <anna@example.org>", subject
    message["Message-ID"] = message_id
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catcher]:
    made = Catcher(tmp_path_factory.mktemp("mail"))
    yield made
    assert made.end(signal.SIGTERM) == 0


@pytest.fixture(autouse=True)
def _empty(catcher: Catcher) -> None:
    for path in catcher.folder.glob("*.eml"):
        path.unlink()


def test_a_mail_is_there_to_read_the_moment_it_was_taken(catcher: Catcher) -> None:
    """As JSON for scripts, with its links; in the list; and as its source."""
    catcher.send(text="Open http://localhost:8080/accounts/link/abc.\n", subject="Grüße")
    (found,) = catcher.list()["messages"]
    assert found["to"] == ["anna@example.org"]
    assert found["subject"] == "Grüße"
    assert found["message_id"] == "<n-1@localhost>"
    assert found["links"] == ["http://localhost:8080/accounts/link/abc"]
    assert "Grüße" in catcher.get("/").text
    assert b"Message-ID: <n-1@localhost>" in catcher.get(f"/messages/{found['id']}.eml").content


def test_a_mail_that_came_twice_is_counted(catcher: Catcher) -> None:
    """Doubles are told by their Message-ID, on the page and in the JSON."""
    for name in ("<n-1@localhost>", "<n-2@localhost>", "<n-1@localhost>"):
        catcher.send(name)
    found = catcher.list()
    assert found["total"] == 3
    assert found["doubles"] == {"<n-1@localhost>": 2}
    assert "came 2 times" in catcher.get("/").text


def test_nothing_that_was_taken_is_lost_by_a_kill(catcher: Catcher) -> None:
    """kill -9 between the mails; each that was taken is there after the restart, at the same ports."""
    for number in range(3):
        catcher.send(f"<n-{number}@localhost>")
        catcher.end(signal.SIGKILL)
        catcher.start()
    assert {m["message_id"] for m in catcher.list()["messages"]} == {f"<n-{n}@localhost>" for n in range(3)}


def test_a_mails_html_is_shut_in(catcher: Catcher) -> None:
    """No script, no form, nothing from outside: its own policy says so, and the page frames it in a sandbox."""
    catcher.send(html="<html><head></head><body><script>alert(1)</script><p>Hi</p></body></html>")
    id = catcher.list()["messages"][0]["id"]
    html = catcher.get(f"/messages/{id}/html")
    assert "<p>Hi</p>" in html.text
    policy = html.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    page = catcher.get(f"/messages/{id}")
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page.text
    assert "alert(1)" not in page.text


def test_words_of_a_mail_are_shown_as_words(catcher: Catcher) -> None:
    """Subject, addresses and text are escaped; addresses of the web become links."""
    catcher.send(subject="<b>bold</b>", text='<script>alert("x")</script> http://localhost/a?b=1&c=2.')
    id = catcher.list()["messages"][0]["id"]
    page = catcher.get(f"/messages/{id}/text").text
    assert "<script>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert '<a href="http://localhost/a?b=1&amp;c=2">' in page
    assert "default-src 'none'" in catcher.get(f"/messages/{id}").headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/messages/nope", "/messages/..%2f..%2fetc%2fpasswd", "/x", "/messages/"])
def test_what_is_not_there_is_not_found(catcher: Catcher, path: str) -> None:
    """And no path leads out of the folder."""
    assert catcher.get(path).status_code == 404


def test_a_long_list_comes_in_pages(catcher: Catcher) -> None:
    """Fifty on a page; a number that is none begins at the start."""
    content = mail("<n-1@localhost>").as_bytes()
    for number in range(60):
        (catcher.folder / f"{1_700_000_000_000_000_000 + number}-abcdef.eml").write_bytes(content)
    assert catcher.get("/").text.count("<li>") == 50
    assert catcher.get("/?from=50").text.count("<li>") == 10
    assert catcher.get("/?from=fifty").text.count("<li>") == 50


def test_a_mail_nobody_can_make_sense_of_is_shown_as_far_as_it_goes(catcher: Catcher) -> None:
    """Rubbish in the folder does not take the page down."""
    odd = b"To: @@,<\nSubject: =?x?q?=\nContent-Type: text/plain; charset=none\n\n\xe9"
    for number, content in enumerate([b"", b"\xff\xfe\x00", odd]):
        (catcher.folder / f"{1_700_000_000_000_000_000 + number}-abcdef.eml").write_bytes(content)
    assert catcher.get("/").status_code == 200
    found = catcher.list()
    assert found["total"] == 3
    assert all(catcher.get(f"/messages/{m['id']}").status_code == 200 for m in found["messages"])
    json.dumps(found)
