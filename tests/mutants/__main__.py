"""Apply each patch to a copy of the tree, run its test there, and expect red; exit 1 where a mutant lives.

A patch begins with two lines: `Rule:` says what it breaks, `Test:` names the test that must fail.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COPIED = ("services", "contracts", "examples", "tests", "deploy", "pyproject.toml")
RED = 1  # pytest's answer when tests ran and failed; a test that was not found is another number


def main() -> int:
    """Try every mutant, or those named; say of each whether its test found it."""
    named = sys.argv[1:]
    patches = [path for path in sorted(Path(__file__).parent.glob("*.patch")) if not named or path.stem in named]
    alive = [path.stem for path in patches if not _is_killed(path)]
    print(f"{len(patches) - len(alive)} of {len(patches)} mutants killed" + (f"; alive: {alive}" if alive else ""))
    return 1 if alive or not patches else 0


def _is_killed(patch: Path) -> bool:
    rule, test = (line.partition(": ")[2] for line in patch.read_text().splitlines()[:2])
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        _copy_to(copy)
        subprocess.run(["git", "apply", str(patch)], cwd=copy, check=True)
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
        words = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", test]
        answer = subprocess.run(words, cwd=copy, env=environment, capture_output=True, text=True)
    killed = answer.returncode == RED
    print(f"{'killed' if killed else 'ALIVE '}  {rule}  ({test})", flush=True)
    if answer.returncode not in (0, RED):
        print(answer.stdout[-2000:], answer.stderr[-2000:])
    return killed


def _copy_to(copy: Path) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, copy / name)
    (ROOT / ".local").mkdir(exist_ok=True)
    (copy / ".local").symlink_to(ROOT / ".local")  # the servers that tests share
    subprocess.run(["git", "init", "-q"], cwd=copy, check=True)


if __name__ == "__main__":
    sys.exit(main())
