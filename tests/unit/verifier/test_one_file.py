"""The verifier is one file that needs Python 3.9 and `cryptography`, and does what its modules do."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from services.audit.verifier import build
from tests.evidence_house import Evidence

OURS = sorted(path for folder in ("tlog", "verifier") for path in Path(f"services/audit/{folder}").rglob("*.py"))


def test_the_same_sources_give_the_same_file() -> None:
    """So an auditor can compare theirs with anybody's by its SHA-256."""
    assert build.built() == build.built()
    assert len(build.digest()) == 64


def test_it_imports_nothing_but_the_standard_library_and_cryptography() -> None:
    """Anywhere in it."""
    rooms = set()
    for node in ast.walk(ast.parse(build.built())):
        if isinstance(node, ast.Import):
            rooms |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            rooms.add((node.module or "").partition(".")[0])
    assert rooms - sys.stdlib_module_names - {"__future__"} == {"cryptography"}


def test_python_3_9_can_read_it() -> None:
    """And nothing is used at run time that came later: no `match`, no `X | Y` outside of annotations, no UTC."""
    text = build.built()
    tree = ast.parse(text, feature_version=(3, 9))
    late = {"UTC", "StrEnum", "ExceptionGroup", "pairwise", "batched", "TypeAlias", "Self", "removeprefix_"}
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names & late == set()
    keywords = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert keywords & {"strict", "slots", "kw_only"} == set()


def test_it_does_what_its_modules_do(tmp_path: Path) -> None:
    """Alone, in an empty folder, told nothing of this project."""
    tool, evidence = tmp_path / build.NAME, Evidence()
    tool.write_bytes(build.built())
    evidence.ticks(300)
    evidence.bundle(tmp_path / "bundle.zip")
    (tmp_path / "policy").write_bytes(evidence.policy)
    (tmp_path / "x.tlog-proof").write_bytes(evidence.proof(7))
    (tmp_path / "old").write_bytes(evidence.checkpoint(9))
    (tmp_path / "new").write_bytes(evidence.checkpoint())
    for words in (
        "bundle bundle.zip",
        "proof x.tlog-proof --policy policy",
        "consistency old new --tiles bundle.zip",
    ):
        ran = subprocess.run(
            [sys.executable, "-I", tool.name, *words.split()], cwd=tmp_path, capture_output=True, text=True
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert ran.stdout.startswith("GOOD. ")
        assert ran.stderr == ""


@pytest.mark.parametrize("words", [(), ("bundle",), ("nonsense",), ("follow", "x", "--every", "0")])
def test_a_command_line_that_is_none_is_explained(tmp_path: Path, words: tuple[str, ...]) -> None:
    """Exit 2, with how to use it."""
    tool = tmp_path / build.NAME
    tool.write_bytes(build.built())
    ran = subprocess.run([sys.executable, "-I", str(tool), *words], capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr.startswith("usage: countersign-verify")
