"""docs/tour.md is true: what it names is there, and what it says to type works after a round."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from services.cli.round.cast import assemble
from services.cli.round.play import play, script
from tests.facts import eventually
from tests.local import Local

ROOT = Path(__file__).parent.parent.parent
TOUR = (ROOT / "docs/tour.md").read_text()


def test_every_file_of_the_tour_is_there() -> None:
    """A path in backticks is a file or folder of this tree."""
    named = re.findall(r"`([a-z]+/[\w./-]+)`", TOUR)
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_command_of_the_tour_works(start: Callable[..., Local]) -> None:
    """Each line of its code blocks is run after a round; `make` targets are looked up."""
    local = start()
    list(play(script(), assemble(script(), local.settings["COUNTERSIGN_PUBLIC_URL"])))
    lines = [line for block in re.findall(r"```\n(.*?)```", TOUR, re.S) for line in block.splitlines()]
    commands = [line.split()[1:] for line in lines if line.startswith(".venv/bin/countersign ")]
    assert len(commands) >= 5
    for words in commands:
        eventually(partial(_done, local, words), within=60)  # what was published last may be on its way still
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets


def _done(local: Local, words: list[str]) -> bool:
    local.run(*words)
    return True
