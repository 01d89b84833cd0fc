"""The front before services that run apart: by prefix to the right one, streams as they come, absence in a sentence."""

import http.client
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from services.kernel import ports
from tests.facts import eventually


class Echo(BaseHTTPRequestHandler):
    """Answers with its own name, the path, the body's length, for whom; `/catalogue/slow` waits to be told to end."""

    protocol_version = "HTTP/1.1"
    go_on = threading.Event()

    def do_GET(self) -> None:
        """Answer."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        name = self.connection.getsockname()[1]
        self.send_response(200)
        if self.path.endswith("/slow"):
            self.end_headers()
            self.wfile.write(b"first ")
            self.go_on.wait(10)
            self.wfile.write(b"second")
            return
        clients = ",".join(self.headers.get_all("X-Forwarded-For", []))
        answer = f"{name} {self.path} {len(body)} {clients} {self.headers['Connection']}".encode()
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def front() -> Iterator[dict[str, int]]:
    """A front before two services, of which `/codesign/` is absent. Name -> port."""
    servers = {name: ThreadingHTTPServer(("127.0.0.1", 0), Echo) for name in ("accounts", "catalogue")}
    for server in servers.values():
        threading.Thread(target=server.serve_forever, daemon=True).start()
    found = {name: server.server_address[1] for name, server in servers.items()}
    found |= {"front": ports.free(), "codesign": ports.free()}
    routes = [f"/catalogue/={found['catalogue']}", f"/codesign/={found['codesign']}", f"/={found['accounts']}"]
    command = [sys.executable, "-m", "services.cli", "front", *routes, "--port", str(found["front"])]
    process = subprocess.Popen(command)
    eventually(lambda: ports.answers(found["front"]))
    yield found
    process.terminate()
    assert process.wait(timeout=20) == 0
    for server in servers.values():
        server.shutdown()


def ask(
    front: dict[str, int], path: str, body: bytes | None = None, forwarded: str = "", **headers: str
) -> http.client.HTTPResponse:
    """One request through the front."""
    connection = http.client.HTTPConnection("127.0.0.1", front["front"], timeout=10)
    named = {"X-Forwarded-For": forwarded} if forwarded else {}
    connection.request("POST" if body else "GET", path, body, headers | named)
    return connection.getresponse()


def test_each_request_goes_where_its_prefix_says(front: dict[str, int]) -> None:
    """`/catalogue/...` goes to catalogue; what has no prefix of its own goes to the service of `/`."""
    assert ask(front, "/catalogue/x?y=1").read().decode().startswith(f"{front['catalogue']} /catalogue/x?y=1 ")
    assert ask(front, "/").read().decode().startswith(f"{front['accounts']} / ")
    assert ask(front, "/cataloguex").read().decode().startswith(f"{front['accounts']} /cataloguex ")


def test_a_large_body_passes_whole(front: dict[str, int]) -> None:
    """A body larger than any buffer of the front arrives to the last byte."""
    answer = ask(front, "/catalogue/", b"x" * 3_000_000).read().decode()
    assert answer.split()[2] == "3000000"


def test_one_request_per_connection_reaches_a_service(front: dict[str, int]) -> None:
    """The service is told to close, whatever the client asked: no second request can go to the wrong service."""
    assert ask(front, "/catalogue/", Connection="keep-alive").read().decode().endswith(" close")
    with socket.create_connection(("127.0.0.1", front["front"]), timeout=10) as client:
        client.sendall(b"GET /catalogue/a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 200") == 1


def test_the_front_says_who_came_behind_what_others_say(front: dict[str, int]) -> None:
    """Its own word stands last, where the service looks for it; what a client claims of itself stands before."""
    assert ask(front, "/catalogue/").read().decode().split()[3] == "127.0.0.1"
    forged = ask(front, "/catalogue/", forwarded="192.0.2.9")
    assert forged.read().decode().split()[3] == "192.0.2.9,127.0.0.1"


def test_a_stream_comes_as_it_is_written(front: dict[str, int]) -> None:
    """The first part of an answer is there before the second is written."""
    Echo.go_on.clear()
    answer = ask(front, "/catalogue/slow")
    assert answer.read(6) == b"first "
    Echo.go_on.set()
    assert answer.read() == b"second"


def test_an_absent_service_is_told_in_a_sentence(front: dict[str, int]) -> None:
    """503 with Retry-After: a page for people, problem+json for programs; the other services are not touched."""
    page = ask(front, "/codesign/", Accept="text/html")
    assert page.status == 503
    assert page.getheader("Retry-After") == "5"
    assert b"does not answer just now" in page.read()
    assert ask(front, "/codesign/").getheader("Content-Type") == "application/problem+json; charset=utf-8"
    assert ask(front, "/catalogue/").status == 200


def test_a_head_without_end_is_refused(front: dict[str, int]) -> None:
    """Headers beyond 64 KiB are answered with 431, not kept."""
    assert ask(front, "/", X="x" * 70_000).status == 431
