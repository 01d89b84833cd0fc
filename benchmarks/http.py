"""Commands over HTTP: a comment, signed in and checked, beside the very same SQL behind a bare view, and a peer."""

import http.client
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.commenting import Asked, request_to
from benchmarks.house import house, running, wait_for
from benchmarks.peers import flood as stock
from services.kernel import ports
from tests.component import codesign_house

CLIENTS, SECONDS = 8, 6.0
CONSULTATIONS = 8  # several, so that it is not one row's lock that is measured
GRANIAN = (sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "8", "--port")


def ours() -> float:
    """Return comments per second at the web process as it is."""
    port = ports.free()
    with house(f"web codesign --port {port}"):
        places = [codesign_house.house() for _ in range(CONSULTATIONS)]
        wait_for(lambda: _answers(port, "/readyz"))
        return _drive(port, lambda n: request_to((place := places[n % CONSULTATIONS]).employer, place.consultation))


def bare(path: str) -> float:
    """Return requests per second of a bare view: `/same` statements as ours, or `/two` inserts."""
    port = ports.free()
    with house(), running((*GRANIAN, str(port), "benchmarks.bare:app")):
        wait_for(lambda: _answers(port, "/"))
        return _drive(port, lambda _: Asked(path, b"{}", {}, ""))


def gateway() -> float:
    """Return comments per second through nameko's gateway: HTTP, then RPC, then an insert and the news of it."""
    port = ports.free()
    with house(), stock.serving(port):
        wait_for(lambda: _answers(port, "/") and stock.is_heard())
        return _drive(port, lambda _: Asked("/comments", b"The distances differ from those in our plan.", {}, ""))


def _drive(port: int, request: Callable[[int], Asked]) -> float:
    """Return answered requests per second of `CLIENTS` clients, each on one connection; a refusal is an error."""
    ends = time.monotonic() + SECONDS

    def client(number: int) -> int:
        connection, done = http.client.HTTPConnection("127.0.0.1", port, timeout=30), 0
        while time.monotonic() < ends:
            asked = request(number + done)
            headers = asked.headers | {"Content-Type": "application/json"}
            connection.request("POST", asked.path, asked.body, headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{asked.path} was answered {answer.status}: {content[:300]!r}")
            done += 1
        return done

    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(client, range(CLIENTS))) / (time.monotonic() - begun)


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
            return True
    except urllib.error.HTTPError as answer:
        return answer.code == 404
    except OSError:
        return False
