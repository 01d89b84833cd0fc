"""docs/auditors.md is true: its commands are run as they stand, in an empty folder, with `cryptography` alone."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

import pytest

from services.audit.directory.policy import Reader
from services.audit.evidence import exporting, targets
from services.audit.evidence.tiling import Tiling
from services.audit.tlog import tiles, tree
from services.audit.tlog.checkpoints import Checkpoint, signed
from services.audit.tlog.cosignatures import cosign
from services.audit.tlog.notes import Note
from services.audit.tlog.tiles import WIDTH
from services.audit.verifier import build
from services.audit.vouching import proving
from services.kernel import db
from tests.component.audit_house import whole_round
from tests.log_house import Hands, LogHouse
from tests.small_witness import SmallWitness, serving

PAGE = (Path(__file__).parent.parent.parent / "docs/auditors.md").read_text()
EXAMPLE = "https://countersign.example/audit"
INSTALL = "python3 -m pip install cryptography"
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")


@dataclass(frozen=True)
class Auditor:
    """An auditor's folder, a Python of its own, and where the record is."""

    folder: Path
    python: Path
    address: str

    def types(self, command: str, **instead: str) -> tuple[int, str]:
        """Type a command of the page; return the exit code and all that was said."""
        words = command.replace(EXAMPLE, self.address).replace("python3", str(self.python), 1)
        for name, other in instead.items():
            words = words.replace(f"{name}.zip", other)
        ran = subprocess.run(
            words, shell=True, cwd=self.folder, capture_output=True, text=True, env={"PATH": "/bin:/usr/bin"}
        )
        assert "Traceback" not in ran.stderr
        return ran.returncode, ran.stdout + ran.stderr

    def saves(self, name: str, content: bytes) -> None:
        """Save a file."""
        (self.folder / name).write_bytes(content)


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new Python with `cryptography` and what that needs, and nothing else, not even pip."""
    home = tmp_path_factory.mktemp("python")
    venv.create(home, with_pip=False, symlinks=True)
    (packages,) = home.glob("lib/python*/site-packages")
    for name in NEEDED:
        spec = find_spec(name)
        if spec and spec.submodule_search_locations:
            (packages / name).symlink_to(next(iter(spec.submodule_search_locations)))
        elif spec and spec.origin:
            (packages / Path(spec.origin).name).symlink_to(spec.origin)
    python = home / "bin/python3"
    found = subprocess.run([python, "-c", "import cryptography, flask"], capture_output=True, text=True)
    assert "No module named 'flask'" in found.stderr
    return python


@pytest.fixture
def house(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogHouse]:
    """A record with one witness, in which a round was played."""
    del database
    with serving(SmallWitness("north")) as witness:
        house = LogHouse(Hands(monkeypatch), [witness], "quorum north\n")
        whole_round()
        house.publish()
        yield house
        house.close()


@pytest.fixture
def auditor(house: LogHouse, python: Path, tmp_path: Path) -> Iterator[Auditor]:
    """An auditor in an empty folder, who can reach what is public of the record."""
    folder, site = tmp_path / "auditor", tmp_path / "site"
    folder.mkdir()
    site.mkdir()
    (site / "audit").symlink_to(house.folder.public)
    (house.folder.public / build.NAME).write_bytes(build.built())
    handler = partial(SimpleHTTPRequestHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield Auditor(folder, python, f"http://127.0.0.1:{server.server_port}/audit")
        server.shutdown()


def commands() -> list[str]:
    """Return every command of the page, in order."""
    return [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) for line in block.splitlines()]


def answers() -> dict[str, tuple[int, re.Pattern[str]]]:
    """Return exit code and text of each answer on the page; `…` stands for anything."""
    found = {}
    for number, (code, name, text) in enumerate(re.findall(r"```answer (\d) ?(\w*)\n(.*?)```", PAGE, re.S)):
        pattern = ".+".join(re.escape(part) for part in text.split("…"))
        found[name or str(number)] = int(code), re.compile(pattern, re.S)
    return found


def test_the_page_is_true_of_a_good_record(house: LogHouse, auditor: Auditor) -> None:
    """From the empty folder to the last command: each says what the page says that it says."""
    install, compare, first, again, bundle, proof, consistency = commands()
    assert install == INSTALL  # it is what the fixture stands for
    for name in re.findall(rf"<{EXAMPLE}/([\w.-]+)>", PAGE):
        with urlopen(f"{auditor.address}/{name}") as answer:
            auditor.saves(name, answer.read())
    assert auditor.types(compare) == (0, f"{build.digest()}\n")
    expected = answers()
    check(auditor.types(first), expected["0"])
    auditor.saves("old-checkpoint", (auditor.folder / "countersign-kept/checkpoint").read_bytes())
    house.record(300)
    house.publish()
    check(auditor.types(again), expected["1"])
    exporting.export(auditor.folder / "evidence.zip", lambda *_: None)
    check(auditor.types(bundle), expected["2"])
    with db.of("audit").transaction() as tx:
        auditor.saves("receipt.tlog-proof", proving.proof_file(tx, 12, Reader(everything=True)))
    check(auditor.types(proof), expected["3"])
    check(auditor.types(consistency), expected["4"])


def test_the_page_is_true_of_bundles_that_were_tampered_with(house: LogHouse, auditor: Auditor) -> None:
    """Changed, stripped, rewritten with all keys, and cut in half: the sentence and the exit code of each."""
    auditor.saves(build.NAME, build.built())
    _, _, first, _, bundle, _, _ = commands()
    assert auditor.types(first)[0] == 0
    house.record(300)
    house.publish()
    good = auditor.folder / "good"
    exporting.export(good, lambda *_: None)
    for name, tampered in (("changed", changed), ("removed", removed), ("rewritten", rewritten), ("missing", missing)):
        shutil.copytree(good, auditor.folder / name)
        tampered(auditor.folder / name, house)
        pack(auditor.folder / name)
        check(auditor.types(bundle, evidence=f"{name}.zip"), answers()[name])


def check(said: tuple[int, str], expected: tuple[int, re.Pattern[str]]) -> None:
    code, pattern = expected
    assert said[0] == code, said[1]
    assert pattern.match(said[1]), f"{said[1]!r} is not {pattern.pattern!r}"


def changed(place: Path, _: LogHouse) -> None:
    """One letter of an entry is another."""
    file = place / "tile/entries/000"
    data = file.read_bytes()
    file.write_bytes(data.replace(b"Rheinhafen", b"Rheinhaven", 1))


def removed(place: Path, _: LogHouse) -> None:
    """One line of the private values is gone."""
    file = place / "private.json"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:3] + lines[4:]))


def rewritten(place: Path, house: LogHouse) -> None:
    """Entries, hashes, checkpoint and all signatures are made anew around a changed entry."""
    entries: list[bytes] = []
    for file in (place / "tile/entries/000", *(place / "tile/entries/001.p").iterdir()):
        entries += tiles.entries(file.read_bytes())
    entries = [entry.replace(b"Rheinhafen", b"Rheinhaven") for entry in entries]
    shutil.rmtree(place / "tile")
    with targets.made(place.with_name("anew")) as target:
        tiling = Tiling(target.write)
        for at in range(0, len(entries), WIDTH):
            part = entries[at : at + WIDTH]
            tiling.add(part, [tree.leaf(entry) for entry in part])
        tiling.end()
    place.with_name("anew").joinpath("tile").rename(place / "tile")
    note = signed(Checkpoint(house.head.origin, tiling.size, tiling.root), house.key)
    cosignature = cosign(note.text, house.witnesses[0].key, int(house.hands.at.timestamp()))
    (place / "checkpoint").write_bytes(Note(note.text, (*note.signatures, cosignature)).encode())


def missing(place: Path, _: LogHouse) -> None:
    """A file of entries is not there."""
    (place / "tile/entries/000").unlink()


def pack(place: Path) -> None:
    with zipfile.ZipFile(place.with_suffix(".zip"), "w") as archive:
        for file in sorted(place.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(place))


def test_the_page_tells_every_word_of_the_tool() -> None:
    """The verdicts and their numbers, so that nobody has to ask what a word means."""
    for word in ("GOOD", "TAMPERED", "ALARM", "UNUSABLE"):
        assert f"| `{word}` |" in PAGE
