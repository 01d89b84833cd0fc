"""Skills of ESCO: brought from the official file or the starter set, and found while somebody types."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands, skills
from services.kernel import db
from services.kernel.errors import Misconfigured
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import member, opened, provider
from tests.component.test_catalogue_pages import desk, form_of
from tests.people import browse, sign_in

COLUMNS = ("conceptType", "conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels", "description")
WAREHOUSE = "http://data.europa.eu/esco/skill/7c821387-b428-4f75-b5a7-7b038aa81cfd"


def row(number: int, label: str, **more: str) -> dict[str, str]:
    """A row as ESCO writes it."""
    uri = f"http://data.europa.eu/esco/skill/{UUID(int=number)}"
    told = {"conceptType": "KnowledgeSkillCompetence", "conceptUri": uri, "preferredLabel": label}
    return dict.fromkeys(COLUMNS, "") | told | {"skillType": "skill/competence", "reuseLevel": "cross-sector"} | more


def written(path: Path, rows: Iterable[dict[str, str]], columns: Iterable[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def labels(sought: str, language: Any = "en") -> list[str]:
    return [found["label"] for found in skills.find(sought, language)]


ROWS = [
    row(1, "weld metal", altLabels="join metal\nweld steel"),
    row(2, "supervise welders", description="Look after welders."),
    row(3, "metalworking", skillType="knowledge", reuseLevel=""),
    row(4, "listen actively", reuseLevel="transversal"),
]


@pytest.fixture
def esco(database: str, tmp_path: Path) -> Path:
    """A small file of ESCO, brought in."""
    del database
    file = written(tmp_path / "skills_en.csv", ROWS)
    assert skills.put_file(file, "en") == (4, 4)
    return file


def test_words_are_found_by_their_beginnings_the_best_first(esco: Path) -> None:
    """A label that begins so comes first, then one with the word in it, then an alternative label."""
    del esco
    assert labels("wel") == ["weld metal", "supervise welders"]
    assert labels("METAL") == ["metalworking", "weld metal"]
    assert labels("steel we") == ["weld metal"]
    assert labels("tively") == ["listen actively"], "no word begins so, one holds it"
    assert labels("sing") == []
    for odd in ("", "  ", "&|!", "'", "\\", "a:*", "%", "_", "\x00".strip("\x00"), "(((", "x" * 5000):
        assert isinstance(labels(odd), list)


def test_a_file_in_another_language_adds_its_words(esco: Path) -> None:
    """German words stand beside the English ones; either finds the skill, shown in the language asked for."""
    german = written(esco.with_name("skills_de.csv"), [row(1, "Metall schweißen", altLabels="Stahl schweißen")])
    assert skills.put_file(german, "de") == (1, 1)
    assert labels("weld m", "de") == labels("schweiß", "de") == ["Metall schweißen"]
    assert labels("schweiß", "en") == ["weld metal"]


def test_a_file_brought_twice_changes_nothing(esco: Path) -> None:
    """Again is no harm: no row is new or other; a label that ESCO changed is changed."""
    assert skills.put_file(esco, "en") == (4, 0)
    written(esco, [*ROWS[:3], row(4, "listen closely")])
    assert skills.put_file(esco, "en") == (4, 1)
    assert labels("listen") == ["listen closely"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([row(9, "fly"), row(8, "swim", conceptUri="esco:8")], "row 3: “esco:8” is no address"),
        ([row(9, "fly"), row(9, "swim")], "row 3: its address stood in row 2"),
        ([row(9, "")], "row 2: it has no label"),
        ([row(9, "fly", skillType="talent")], "row 2: “talent” is no skillType"),
        ([row(9, "fly", reuseLevel="seldom")], "row 2: “seldom” is no reuseLevel"),
        ([], "no skills"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(esco: Path, rows: list[dict[str, str]], told: str) -> None:
    """The number of the row and what is wrong with it; rows before it are not kept either."""
    with pytest.raises(Misconfigured, match=told):
        skills.put_file(written(esco, rows), "en")
    assert labels("fly") == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff", "no CSV in UTF-8"),
        (b"", "lacks conceptUri"),
        (b"uri,label\nx,y\n", "lacks conceptUri"),
        (b"conceptUri;preferredLabel\nx;y\n", "lacks conceptUri"),
        (",".join(COLUMNS).encode() + b"\nonly,two\n", "row 2: it has more or fewer cells"),
        (",".join(COLUMNS).encode() + b'\na,"b\n', "no CSV"),
    ],
)
def test_a_file_of_something_else_is_refused_in_words(esco: Path, content: bytes, told: str) -> None:
    """No CSV, other columns, other separators: each is said, and what there was stays."""
    esco.write_bytes(content)
    with pytest.raises(Misconfigured, match=told):
        skills.put_file(esco, "en")
    assert labels("weld m") == ["weld metal"]


def test_the_starter_set_is_there_once_and_gives_way(esco: Path) -> None:
    """The set that travels with us is found in both languages; what the official file said is left alone."""
    assert skills.put_starter() > 800
    assert skills.put_starter() == 0
    assert labels("warehouse man", "de") == ["Lagerverwaltungssystem nutzen"]
    assert labels("verwaltungssys") == ["use a warehouse management system"], "German joins words"
    written(esco, [row(0, "run a warehouse", conceptUri=WAREHOUSE)])
    skills.put_file(esco, "en")
    skills.put_starter()
    assert labels("run a w") == ["run a warehouse"]


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


@pytest.fixture
def client(esco: Path, lead: Actor) -> FlaskClient:
    del esco
    return sign_in(browse(app=create_app(["catalogue"])), lead)


def test_the_api_finds_skills(client: FlaskClient) -> None:
    """Address, label in the language asked for, both labels, kind and reuse level; who is nobody is sent to sign in."""
    answer = client.get("/catalogue/api/v1/skills?q=weld&limit=1")
    assert answer.status_code == 200
    assert answer.get_json()["items"] == [
        {
            "uri": ROWS[0]["conceptUri"],
            "label": "weld metal",
            "labels": {"en": "weld metal"},
            "kind": "skill",
            "reuse_level": "cross-sector",
        }
    ]
    assert client.get("/catalogue/api/v1/skills?q=a&language=fr").status_code == 422
    assert client.get("/catalogue/api/v1/skills").status_code == 422
    assert browse(app=client.application).get("/catalogue/api/v1/skills?q=weld").status_code == 401


def test_an_outcome_gets_a_skill_that_was_found(client: FlaskClient, lead: Actor) -> None:
    """The fragment has a box for each; ticked, it stands in the design by its address and on pages by its words."""
    draft_id = opened(lead)
    part = client.get("/catalogue/fragments/skills?q=weld", headers={"HX-Request": "true"})
    assert f'name="skills" value="{ROWS[0]["conceptUri"]}"' in part.text
    assert "<html" not in part.text
    path = f"{desk(draft_id)}/edit/outcomes/lo-store"
    form = form_of(client, path)
    before = commands.draft(lead, draft_id).document["outcomes"]["lo-store"].get("skills", [])
    form["skills"] = [*before, ROWS[0]["conceptUri"], f"\n{ROWS[3]['conceptUri']}\n{ROWS[0]['conceptUri']}"]
    assert client.post(path, data=form).status_code == 303
    held = commands.draft(lead, draft_id).document["outcomes"]["lo-store"]["skills"]
    assert held == [*before, ROWS[0]["conceptUri"], ROWS[3]["conceptUri"]]
    shown = client.get(desk(draft_id)).text
    assert f'href="{ROWS[0]["conceptUri"]}"' in shown
    assert "weld metal" in shown
    assert "listen actively" in client.get(path).text


def test_a_german_page_says_concepts_in_german(client: FlaskClient, lead: Actor) -> None:
    """Levels, fields, kinds and skills are read in the language of the page, with the address behind them."""
    page = client.get(desk(opened(lead)), headers={"Accept-Language": "de"}).text
    assert "EQR-Niveau 4" in page
    assert "Verkehrsdienstleistungen" in page
    assert "Lagerverwaltungssystem nutzen" in page


def test_without_script_the_search_is_a_page(client: FlaskClient) -> None:
    """The search button opens a page with the addresses; so does the fragment when it is read alone."""
    for path in ("/catalogue/skills?q=weld", "/catalogue/fragments/skills?q=weld"):
        page = client.get(path)
        assert "<html" in page.text
        assert ROWS[0]["conceptUri"] in page.text
    assert "at least two letters" in client.get("/catalogue/skills?q=w").text


def test_a_rebuild_has_nothing_to_do_with_skills(esco: Path) -> None:
    """They are reference data beside the fold: no event ever says one."""
    del esco
    with db.of("catalogue").transaction(read_only=True) as tx:
        assert tx.value("SELECT count(*) FROM catalogue_own.skill") == 4
        assert tx.value("SELECT to_regclass('catalogue.skill')") is None


def countersign(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "services.cli", *words], capture_output=True, text=True, check=False)


def test_an_operator_brings_a_file_by_its_name(esco: Path) -> None:
    """`skills import` says how many; the language is read off the name; what is wrong is one sentence and exit 1."""
    german = written(esco.with_name("skills_de.csv"), [row(1, "Metall schweißen")])
    done = countersign("skills", "import", str(german))
    assert (done.returncode, done.stdout) == (0, "1 skills read, 1 new or changed.\n"), done.stderr
    assert labels("metall", "de") == ["Metall schweißen"]
    for words, told in (
        ((str(german), "--starter"), "one of the two"),
        ((), "one of the two"),
        ((str(esco.with_name("nowhere.csv")),), "There is no file"),
        ((str(german), "--language", "fr"), "not in “fr”"),
        ((str(Path(__file__)),), "is not ESCO’s file"),
    ):
        wrong = countersign("skills", "import", *words)
        assert wrong.returncode == 1
        assert told in wrong.stderr


def test_whoever_migrates_has_the_starter_set(esco: Path) -> None:
    """A new platform begins with skills to search in."""
    del esco
    done = countersign("migrate")
    assert done.returncode == 0, done.stderr
    assert labels("warehouse man") == ["use a warehouse management system"]
