"""`countersign audit export`: a bundle that the verifier finds whole, and in which nothing is that was erased."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from services.audit.evidence import exporting, report
from services.audit.tlog.policies import Policy
from services.audit.verifier import build
from services.cli.audit import app
from services.kernel import config, ids
from services.kernel.errors import Refused
from services.kernel.events import Actor
from tests.component.audit_house import Round, whole_round
from tests.evidence_house import Verify
from tests.log_house import Hands, LogHouse
from tests.small_witness import SmallWitness, serving
from tests.unit.verifier.conftest import verify

__all__ = ["verify"]  # a fixture

pytestmark = pytest.mark.usefixtures("database")
NAMES = {"checkpoint", "policy", "private.json", "report.html", "README.txt", build.NAME}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[LogHouse]:
    """A log with one witness, who has to co-sign."""
    with serving(SmallWitness("north")) as witness:
        house = LogHouse(Hands(monkeypatch), [witness], "quorum north\n")
        yield house
        house.close()


def export(place: Path) -> exporting.Exported:
    return exporting.export(place, lambda *_: None)


def files(place: Path) -> dict[str, bytes]:
    if place.is_dir():
        return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    with zipfile.ZipFile(place) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_exported_bundle_is_whole(house: LogHouse, verify: Verify, tmp_path: Path) -> None:
    """As a folder and as a zip, with the same files; the log's own folder has the same tiles."""
    whole_round()
    house.record(600)
    published = house.publish()
    for place in (tmp_path / "bundle", tmp_path / "bundle.zip"):
        found = export(place)
        assert (found.size, found.root) == (published.size, published.root)
        code, said = verify("bundle", place)
        assert code == 0, said
        assert f"all {found.size:,} entries" in said
        assert f"{found.private} private values match their commitments" in said
    folder, archive = files(tmp_path / "bundle"), files(tmp_path / "bundle.zip")
    assert folder.keys() == archive.keys()
    assert {name for name in folder if not name.startswith("tile/")} == NAMES
    different = {name for name in folder if folder[name] != archive[name]}
    assert different <= {"report.html", "README.txt"}, "only the moment of the export may differ"
    assert folder[build.NAME] == build.built()
    served = files(house.folder.public)
    assert {name: folder[name] for name in folder if re.match(r"tile/\d", name)} == {
        name: served[name] for name in served if name in folder and name.startswith("tile/")
    }


def test_the_command_says_what_it_wrote(house: LogHouse, tmp_path: Path) -> None:
    """And how to check it."""
    house.record(3)
    house.publish()
    answer = CliRunner().invoke(app, ["export", str(tmp_path / "bundle.zip")])
    assert answer.exit_code == 0
    assert "holds 3 entries and 0 private values beside them." in answer.stdout
    assert f"python3 {build.NAME} bundle" in answer.stdout


def test_the_report_tells_the_round_with_its_entries(house: LogHouse, tmp_path: Path) -> None:
    """Which designs, consultations and publications there are, who vouches, and how to check it."""
    round = whole_round()
    house.publish()
    export(tmp_path / "bundle")
    html = (tmp_path / "bundle/report.html").read_text()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    title = report_title(round)
    entry = {name: round.number(name) for name in ("opened", "consults", "sealed", "published")}
    assert f"{title} Rheinhafen Vocational College 2 {entry['opened']} {entry['published']}" in text
    assert f"{title} 3 2 2 2 {entry['consults']} {entry['sealed']}" in text
    assert f"{title} Rheinhafen Vocational College 2" in text.partition("Published designs")[2]
    assert "Witness north" in text
    assert build.digest() in text
    assert house.head.text().decode().strip() in html
    assert "<script" not in html
    assert "http" not in html.replace("http-equiv", ""), "it fetches nothing"


def report_title(round: Round) -> str:
    title = round.document["title"]
    return str(title["en"] if isinstance(title, dict) else title)


def test_words_in_a_report_are_words(house: LogHouse, tmp_path: Path) -> None:
    """What an organisation calls itself is no part of the page's code."""
    house.record(1)
    id, name = ids.new_id(), "<script>alert(1)</script>"
    round = Round()
    round.says("accounts.organisation.registered.v1", id, {"organisation": id, "name": name, "standing": "provider"})
    round.college = id
    round.opens()
    house.publish()
    export(tmp_path / "bundle")
    html = (tmp_path / "bundle/report.html").read_text()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_nothing_that_was_erased_is_exported(house: LogHouse, verify: Verify, tmp_path: Path) -> None:
    """Not in any file of the bundle; the verifier says under which entry it went."""
    round = whole_round()
    house.publish()
    export(tmp_path / "before")
    words = "Half of our depots have no sprinklers."
    assert words.encode() in b"".join(files(tmp_path / "before").values())
    who: Actor = round.emil
    data = {"person": who.person, "organisation": who.organisation}
    round.says("accounts.person.erased.v1", who.person, data, name="erased")
    house.publish()
    export(tmp_path / "after")
    assert words.encode() not in b"".join(files(tmp_path / "after").values())
    code, said = verify("bundle", tmp_path / "after")
    assert code == 0, said
    assert f"under entry {round.number('erased')}" in said
    assert who.person in (tmp_path / "after/report.html").read_text()


def test_an_export_waits_until_the_newest_erasure_is_published(
    house: LogHouse, verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a value would be missing that no entry in the bundle excuses; if it takes too long, it is refused."""
    round = whole_round()
    house.publish()
    data = {"person": round.emil.person, "organisation": round.emil.organisation}
    round.says("accounts.person.erased.v1", round.emil.person, data, name="erased")
    monkeypatch.setattr(exporting, "PATIENCE", 0)
    with pytest.raises(Refused, match="no published checkpoint covers it yet"):
        export(tmp_path / "bundle")
    monkeypatch.setattr(exporting, "PATIENCE", 30)
    monkeypatch.setattr(exporting, "sleep", lambda _: house.publish())
    export(tmp_path / "bundle")
    assert verify("bundle", tmp_path / "bundle")[0] == 0


def test_a_place_that_is_taken_is_left_alone(house: LogHouse, tmp_path: Path) -> None:
    """Nothing is ever written over, and nothing is left behind."""
    house.record(1)
    house.publish()
    (tmp_path / "file.zip").write_text("mine")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.zip").symlink_to("nowhere")
    for name in ("file.zip", "folder", "link.zip"):
        with pytest.raises(Refused, match="is there already"):
            export(tmp_path / name)
    with pytest.raises(Refused, match="There is no folder"):
        export(tmp_path / "none" / "bundle.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.zip", "folder", "link.zip"]


@pytest.mark.parametrize("name", ["bundle", "bundle.zip"])
def test_an_export_that_fails_leaves_nothing(
    house: LogHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Never half a bundle under its name, however late it fails."""
    house.record(300)
    house.publish()
    monkeypatch.setattr(report, "readme", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_exported_before_something_is_published(house: LogHouse, tmp_path: Path) -> None:
    """There would be nothing to check it against."""
    house.record(3)
    with pytest.raises(Refused, match="No checkpoint is published yet"):
        export(tmp_path / "bundle")


def test_a_log_that_is_not_whole_is_not_exported(house: LogHouse, tmp_path: Path) -> None:
    """It says which entry is wrong, as far as that can be seen in passing."""
    house.record(3)
    house.publish()
    tamper("UPDATE audit.entry SET body = body || ' ' WHERE idx = 1")
    with pytest.raises(Refused, match="entry 1 is not the one that was hashed"):
        export(tmp_path / "bundle")
    tamper("UPDATE audit.entry SET leaf = sha256('\\x00'::bytea || body)")
    with pytest.raises(Refused, match="not the 3 of the published checkpoint"):
        export(tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def tamper(statement: str) -> None:
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(statement.encode())


def test_private_values_are_a_line_each_in_the_order_of_their_entries(house: LogHouse, tmp_path: Path) -> None:
    """So they can be read alongside the entries, however many there are; and the whole file is JSON."""
    whole_round()
    house.publish()
    found = export(tmp_path / "bundle")
    text = (tmp_path / "bundle/private.json").read_text()
    rows = json.loads(text)
    assert len(rows) == found.private == len(text.splitlines()) - 2
    assert [(row["entry"], row["pointer"]) for row in rows] == sorted((row["entry"], row["pointer"]) for row in rows)
    assert rows[0].keys() == {"entry", "pointer", "value", "salt", "person"}
    assert Policy.parse((tmp_path / "bundle/policy").read_bytes()).witnesses[0].name == "north"
