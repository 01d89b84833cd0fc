"""The package as something to take away: Python 3.9, one library, and a README that is true."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

PACKAGE = Path(str(files("services.audit.tlog")))
MODULES = sorted(PACKAGE.glob("*.py"))
NAME = "services.audit.tlog"

# all of the standard library that is needed; whoever adds to it looks up that Python 3.9 has it
STANDARD = {"__future__", "base64", "binascii", "collections", "dataclasses", "functools", "hashlib", "re"}
NEWER_ARGUMENTS = {"slots", "kw_only", "match_args", "strict", "weakref_slot"}  # of dataclass and zip
NEWER_NAMES = {"bit_count", "pairwise", "batched", "aiter", "anext", "ExceptionGroup", "add_note", "file_digest"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_package_imports_only_the_standard_library_cryptography_and_itself(path: Path) -> None:
    """What an auditor needs is Python and `cryptography`; nothing of Countersign comes along."""
    for name in imported(path):
        assert name.split(".")[0] in {*STANDARD, "cryptography"} or name.startswith(NAME), name


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "write the whole name"
            yield node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_package_is_python_3_9(path: Path) -> None:
    """No newer syntax, no newer names or arguments, and no `X | Y` but in annotations, which are never evaluated."""
    tree = ast.parse(path.read_text(), feature_version=(3, 9))
    annotations = {part for node in ast.walk(tree) for note in annotations_of(node) for part in ast.walk(note)}
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Match)
        assert not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and node not in annotations)
        assert not (isinstance(node, ast.keyword) and node.arg in NEWER_ARGUMENTS)
        assert not (isinstance(node, ast.Attribute) and node.attr in NEWER_NAMES)
        assert not (isinstance(node, ast.Name) and node.id in NEWER_NAMES)
    if annotations:
        assert any(isinstance(node, ast.ImportFrom) and node.module == "__future__" for node in tree.body)


def annotations_of(node: ast.AST) -> Iterator[ast.expr]:
    for name in ("annotation", "returns"):
        found = getattr(node, name, None)
        if found is not None:
            yield found


def test_the_example_of_the_readme_works_with_the_package_lifted_out(tmp_path: Path) -> None:
    """The folder under another name, alone with its library, does what its README shows."""
    (tmp_path / "lifted").mkdir()
    for path in MODULES:
        (tmp_path / "lifted" / path.name).write_text(path.read_text().replace(NAME, "lifted"))
    blocks = re.findall(r"```python\n(.*?)```", (PACKAGE / "README.md").read_text(), re.DOTALL)
    assert len(blocks) == 3
    (tmp_path / "example.py").write_text("".join(blocks).replace(NAME, "lifted"))
    done = subprocess.run([sys.executable, "example.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == re.findall(r"print\(problem\)  # (.*)", "".join(blocks))


def test_the_readme_names_every_module() -> None:
    """Nothing is in the package that its README does not speak of."""
    table = (PACKAGE / "README.md").read_text()
    assert [path.stem for path in MODULES if path.stem != "__init__" and f"`{path.stem}`" not in table] == []
