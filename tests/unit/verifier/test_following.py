"""`countersign-verify follow`: a log in use is watched from outside, and what was seen last is kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from services.audit.tlog import tiles
from services.audit.tlog.tiles import HEIGHT, WIDTH
from services.audit.verifier import following
from tests.evidence_house import Evidence, Verify


@dataclass
class Site:
    """The public files of a record, as a platform serves them; `size` of it are published, `broken` files fail."""

    evidence: Evidence
    address: str = ""
    size: int = 0
    at: int = field(default_factory=lambda: int(time.time()))
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and content."""
        path = path.removeprefix("/audit/")
        self.asked.append(path)
        if path in self.broken:
            return 503, b"Not now"
        if path == "policy":
            return 200, self.evidence.policy
        if path == "checkpoint":
            return 200, self.evidence.checkpoint(self.size, at=self.at)
        level, n, width = tiles.parse_path(path)
        if level is None or n * WIDTH + width > self.size >> HEIGHT * level:
            return 404, b""
        return 200, tiles.tile(level, n, width, self.evidence.nodes)


@pytest.fixture
def site() -> Iterator[Site]:
    """A record of ten entries, served."""
    site = Site(Evidence())
    site.evidence.ticks(10)
    site.size = 10

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = site.answer(self.path)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        site.address = f"http://127.0.0.1:{server.server_port}/audit"
        yield site
        server.shutdown()


@pytest.fixture
def look(verify: Verify, site: Site, tmp_path: Path) -> Verify:
    """Look at the record once, keeping what is seen in a folder."""
    return lambda *more: verify("follow", site.address, "--once", "--keep", tmp_path / "kept", *more)


def test_a_log_that_grows_is_proved_to_continue_what_was_seen(look: Verify, site: Site, tmp_path: Path) -> None:
    """Three lines and the keys are kept at the first look, and each later look begins with them."""
    code, said = look()
    assert code == 0, said
    assert "This is the first look at countersign.test/log: its checkpoint of 10 entries is kept." in said
    assert "proves nothing by itself" in said
    assert (tmp_path / "kept/checkpoint").read_bytes() == site.evidence.checkpoint(10, at=site.at)
    assert (tmp_path / "kept/policy").read_bytes() == site.evidence.policy
    site.evidence.ticks(690)
    site.size = 700
    code, said = look()
    assert code == 0, said
    assert "has 700 entries, 690 more than at the last look, and begins with the 10 seen before, unchanged." in said
    assert not any("entries" in path for path in site.asked), "nothing is asked for that needs a right"
    code, said = look()
    assert code == 0
    assert "the same as at the last look" in said


def test_a_log_that_was_rewritten_is_found(look: Verify, site: Site, tmp_path: Path) -> None:
    """What was kept stays, and what was shown instead is kept beside it, signatures and all: it is the evidence."""
    look()
    before = (tmp_path / "kept/checkpoint").read_bytes()
    site.evidence.entries[4] = b"{}"
    site.evidence.ticks(5)
    site.size = 15
    code, said = look()
    assert code == 1
    assert said.startswith("TAMPERED. The first 10 entries are not those of the older checkpoint")
    assert (tmp_path / "kept/checkpoint").read_bytes() == before
    (evidence,) = (tmp_path / "kept").glob("evidence-15-*")
    assert evidence.read_bytes() == site.evidence.checkpoint(15, at=site.at)


def test_two_logs_of_one_size_are_found(look: Verify, site: Site) -> None:
    """The one that was seen, and the one that is shown now."""
    look()
    site.evidence.entries[9] = b"{}"
    code, said = look()
    assert code == 1
    assert "There are two records of 10 entries" in said


def test_a_log_that_shrinks_is_found(look: Verify, site: Site) -> None:
    """Signed later and smaller: entries were taken away. An old copy of the checkpoint is an alarm, and no more."""
    look()
    site.size, site.at = 8, site.at + 1
    code, said = look()
    assert code == 1
    assert said.startswith("TAMPERED. Entry 8: it is missing: you have seen 10 entries, and now there are 8.")
    site.at -= 5
    code, said = look()
    assert code == 1
    assert said.startswith("ALARM. ")
    assert "shows an older checkpoint" in said


def test_a_cosignature_that_is_too_old_is_an_alarm(look: Verify, site: Site, tmp_path: Path) -> None:
    """Past 150 seconds what is shown may be an old state; what it proves is kept all the same."""
    site.at = int(time.time()) - 140
    assert look()[0] == 0
    site.evidence.ticks(1)
    site.size, site.at = 11, int(time.time()) - following.STALE - 5
    code, said = look()
    assert code == 1
    assert said.startswith("ALARM. The newest cosignature is of ")
    assert b"\n11\n" in (tmp_path / "kept/checkpoint").read_bytes()


def test_a_log_without_witnesses_is_followed_and_its_freshness_unknown(look: Verify, site: Site) -> None:
    """It is said, and is no alarm."""
    site.evidence.keys = {}
    code, said = look()
    assert code == 0
    assert "How fresh that is cannot be said, for no witness is known." in said


def test_the_keys_of_the_first_look_are_the_keys_from_then_on(look: Verify, site: Site, tmp_path: Path) -> None:
    """A log that comes with new keys of its own is not taken for the one that was seen."""
    look()
    stranger = Evidence()
    stranger.ticks(10)
    site.evidence = stranger
    code, said = look()
    assert code == 2
    assert "no log of the policy has signed" in said
    pinned = tmp_path / "pinned"
    pinned.write_bytes(stranger.policy)
    code, said = look("--policy", pinned)
    assert code == 2
    assert "The checkpoint kept in" in said


@pytest.mark.parametrize("path", ["checkpoint", "policy", "tile/0/000.p/12"])
def test_a_log_that_does_not_answer_is_no_verdict(look: Verify, site: Site, path: str) -> None:
    """Exit 2, and what it answered; the next look goes on where the last good one was."""
    if path.startswith("tile"):
        assert look()[0] == 0
        site.evidence.ticks(2)
        site.size = 12
    site.broken.add(path)
    code, said = look()
    assert code == 2
    assert "503" in said
    site.broken.clear()
    assert look()[0] == 0


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/audit", "ftp://x/audit", "x", "http://", "http://[::1/audit", "file:///etc"]
)
def test_an_address_that_is_none_is_no_verdict(verify: Verify, tmp_path: Path, address: str) -> None:
    """Exit 2, in a sentence; no file of this machine is ever read through an address."""
    code, said = verify("follow", address, "--once", "--keep", tmp_path / "kept")
    assert (code, said[:9]) == (2, "UNUSABLE.")
    assert "did not expect" not in said


def test_it_goes_on_until_the_log_was_tampered_with(
    verify: Verify, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking every few seconds, an alarm or a silence is said and it looks again; tampering ends it with exit 1."""
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 1:
            site.at -= 1_000
        elif len(waits) == 2:
            site.broken.add("checkpoint")
        else:
            site.broken.clear()
            site.at = int(time.time()) + len(waits)
            site.evidence.entries[0] = b"{}"

    monkeypatch.setattr(time, "sleep", wait)
    code, said = verify("follow", site.address, "--every", "7", "--keep", tmp_path / "kept")
    assert code == 1
    assert waits == [7, 7, 7]
    verdicts = [line.partition(".")[0] for line in said.splitlines() if line.partition(".")[0].isupper()]
    assert sorted(verdicts) == ["ALARM", "GOOD", "TAMPERED", "UNUSABLE"]
