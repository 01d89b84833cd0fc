"""The wheel: whoever installs it has all that the platform reads, wherever they stand."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from services.kernel import contracts, migrate

ROOT = Path(__file__).parents[2]
# Run in an empty folder with the wheel's content first on the path; prints what it finds there.
ASKED = """
import services
from importlib.resources import files
from services.cli.round.play import script
from services.kernel import contracts, migrate, topology
assert str(files("services")).startswith({place!r}), services
assert script()
assert files("services").joinpath("kernel/http/templates/base.html").is_file()
assert any(files("services").joinpath("kernel/http/static").iterdir())
assert files("services").joinpath("accounts/translations/de/LC_MESSAGES/messages.po").is_file()
assert topology.handlers()
print(migrate.checksum(), len(contracts.event_types()))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content of the wheel, built from this checkout."""
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(place.glob("*.whl"))) as wheel:
        wheel.extractall(place / "content")
    return place / "content"


def test_contracts_migrations_templates_and_examples_travel_with_the_code(installed: Path, tmp_path: Path) -> None:
    """From an empty folder, the installed platform finds the same contracts and migrations as the checkout."""
    program = ASKED.format(place=str(installed))
    found = _run(installed, tmp_path, "-c", program)
    assert found.split() == [migrate.checksum(), str(len(contracts.event_types()))]


def test_the_command_works_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    """`countersign --help` lists its commands."""
    assert "recorder" in _run(installed, tmp_path, "-m", "services.cli", "--help")


def test_nothing_else_travels(installed: Path) -> None:
    """Tests, deployment and secrets stay at home."""
    top = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"services", "contracts", "examples"}


def _run(installed: Path, place: Path, *words: str) -> str:
    environment = {"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "PSYCOPG_WAIT_FUNC": "wait_select"}
    done = subprocess.run(
        [sys.executable, *words], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
