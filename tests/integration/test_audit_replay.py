"""`countersign audit replay`: what the entries alone come to, at an entry or at a moment."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner, Result

from services.cli.audit import app
from services.kernel import clock, documents
from tests.component.audit_house import Round, published, whole_round

pytestmark = pytest.mark.usefixtures("database")


def replay(*options: str) -> Result:
    return CliRunner().invoke(app, ["replay", *options])


def states(*options: str) -> dict[str, dict[str, Any]]:
    """What is written to the standard output, by kind."""
    answer = replay(*options, "--json", "-")
    assert answer.exit_code == 0, answer.output
    lines = [line for line in answer.stdout.splitlines() if line]
    assert all(documents.canonical(json.loads(line)).decode() == line for line in lines)
    return {found["kind"]: found["state"] for found in map(json.loads, lines)}


@pytest.fixture
def round(database: str) -> Round:
    del database
    return whole_round()


def test_everything_is_made_again_from_the_entries(round: Round) -> None:
    """The design with its document, the consultation with its words, and what was published; as canonical JSON."""
    found = states()
    assert found["drafts"]["document"] == round.document == found["published"]["document"]
    assert [version["whole"] for version in found["drafts"]["versions"]] == [True, True]
    comments = found["consultations"]["comments"]
    assert [comment["dispositions"][-1]["disposition"] for comment in comments] == ["accepted", "out_of_scope"]
    assert comments[1]["text"] == "Half of our depots have no sprinklers."
    assert found["consultations"]["sealed"] == round.number("sealed")


def test_it_stops_at_an_entry(round: Round) -> None:
    """What came later is not there."""
    found = states("--to", str(round.number("first")))
    assert found["drafts"]["version"] == 1
    assert set(found) == {"drafts", "consultations"}
    assert [comment["dispositions"] for comment in found["consultations"]["comments"]] == [[]]


def test_a_moment_is_the_tree_co_signed_by_then(round: Round) -> None:
    """And the sentence says which."""
    size = published(clock.now() - timedelta(hours=1)).size
    round.revises("/country", "AT")
    answer = replay("--to", clock.rfc3339(clock.now() - timedelta(minutes=5)))
    assert answer.exit_code == 0
    assert f"the {size} entries of the checkpoint" in answer.output
    assert replay("--to", "2020-01-01T00:00:00Z").exit_code == 2


def test_a_folder_gets_a_file_for_each(round: Round, tmp_path: Path) -> None:
    """Named by its id; a folder that holds something already is left alone."""
    answer = replay("--json", str(tmp_path / "then"))
    assert answer.exit_code == 0, answer.output
    found = json.loads((tmp_path / "then/drafts" / f"{round.draft}.json").read_bytes())
    assert found["document"] == round.document
    assert len(list((tmp_path / "then/consultations").iterdir())) == 1
    assert replay("--json", str(tmp_path / "then")).exit_code == 2


def test_the_entry_that_does_not_fit_is_named(round: Round, database: str) -> None:
    """A document that is not the one whose hash was stated: exit code 1, and which entry it is."""
    idx = round.number("version 2")
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("ALTER TABLE audit.entry DISABLE TRIGGER ALL")
        changed = "convert_to(replace(convert_from(body, 'UTF8'), '2.5 metres', '0.5 metres'), 'UTF8')"
        admin.execute(f"UPDATE audit.entry SET body = {changed} WHERE idx = %s".encode(), [idx])
    answer = replay()
    assert answer.exit_code == 1
    assert f"DOES NOT FIT. Entry {idx}" in answer.output


@pytest.mark.parametrize("to", ["99999", "yesterday", "2026-03-01"])
@pytest.mark.usefixtures("round")
def test_a_point_that_is_none_is_unusable(to: str) -> None:
    """Exit code 2 and a sentence."""
    answer = replay("--to", to)
    assert answer.exit_code == 2
    assert to in answer.output
