"""The walls of the house: who may import whom (architecture.md, "Rooms")."""

import ast
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from services import SERVICES

ROOT = Path(str(files("services")))
MESSAGING = ("nameko", "kombu", "eventlet")
DOMAIN_MAY = (
    "jsonpatch",
    "rfc8785",
    "services.kernel.clock.rfc3339",  # a moment's written form; reading the clock stays outside
    "services.kernel.concepts",  # the controlled lists, as data
    "services.kernel.documents",
    "services.kernel.errors",
    "services.kernel.events",
    "services.kernel.language",  # sentences that can be translated; the catalogues stay outside
)


def modules() -> list[Path]:
    return sorted(path.relative_to(ROOT) for path in ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, anywhere in it, names included (`services.kernel.db`)."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def starts(name: str, *prefixes: str) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


@pytest.mark.parametrize("path", modules(), ids=str)
def test_a_service_imports_no_other_service(path: Path) -> None:
    """Services talk through the broker only; the kernel knows none of them, the command line may know all."""
    room = path.parts[0]
    if room in (*SERVICES, "kernel"):
        others = [f"services.{name}" for name in SERVICES if name != room]
        assert [name for name in imported(path) if starts(name, *others)] == []


@pytest.mark.parametrize("path", modules(), ids=str)
def test_messaging_libraries_stay_in_the_kernel_and_at_the_bus_doors(path: Path) -> None:
    """nameko, kombu and eventlet are imported in `kernel/` and `service.py` only; so nameko can be left one day."""
    if path.parts[0] == "kernel" or path.name == "service.py":
        return
    assert [name for name in imported(path) if starts(name, *MESSAGING)] == []


@pytest.mark.parametrize("path", modules(), ids=str)
def test_flask_stays_at_the_http_doors(path: Path) -> None:
    """Flask is imported in `kernel/http/`, `api.py` and `pages.py` (or folders of these names) only."""
    if path.parts[:2] == ("kernel", "http") or {"api.py", "pages.py", "api", "pages"} & set(path.parts):
        return
    assert [name for name in imported(path) if starts(name, "flask", "flask_smorest", "werkzeug")] == []


@pytest.mark.parametrize("path", [p for p in modules() if {"domain.py", "domain", "policy.py"} & set(p.parts)], ids=str)
def test_the_domain_is_pure(path: Path) -> None:
    """No clock, no id, no database, no web: the standard library's pure parts, patches, hashes, errors and facts."""
    own = [f"services.{path.parts[0]}.{pure}" for pure in ("domain", "policy", "words", "tlog")]
    foreign = [n for n in imported(path) if starts(n, "services") and not starts(n, *DOMAIN_MAY, *own)]
    effects = [
        n
        for n in imported(path)
        if starts(n, "os", "socket", "time", "random", "secrets", "uuid", "psycopg", "requests")
    ]
    assert foreign == []
    assert effects == []


@pytest.mark.parametrize("path", [p for p in modules() if p.parts[:2] == ("audit", "tlog")], ids=str)
def test_the_log_s_own_package_can_be_taken_away(path: Path) -> None:
    """`tlog` imports the standard library, `cryptography` and itself; auditors run it where nothing else of ours is."""
    foreign = [n for n in imported(path) if n.partition(".")[0] not in {*sys.stdlib_module_names, "cryptography"}]
    assert [name for name in foreign if not starts(name, "services.audit.tlog")] == []


@pytest.mark.parametrize("path", [p for p in modules() if "witness" in p.parts], ids=str)
def test_the_witness_is_tied_to_nothing_of_ours_but_the_log_format(path: Path) -> None:
    """It is run by somebody else: no database, no broker, no setting of the platform, only `tlog`, Flask and SQLite."""
    may = ("services.audit.tlog", "services.audit.witness")
    assert [name for name in imported(path) if starts(name, "services") and not starts(name, *may)] == []
    assert [name for name in imported(path) if starts(name, "psycopg", "pika", "kombu", "nameko", "requests")] == []
