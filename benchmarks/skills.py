"""The search while somebody types: over as many skills as ESCO has, each of the first letters of what is sought."""

import csv
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

from benchmarks.house import house
from benchmarks.rows import Row, row
from services.catalogue import skills
from services.kernel import db
from services.kernel.concepts import vocabulary

COUNT = 14_000
SOUGHT = 400
COLUMNS = ("conceptUri", "skillType", "reuseLevel", "preferredLabel", "altLabels", "description")


def rows() -> list[Row]:
    """Return p95 of a search in milliseconds, over 14,000 skills."""
    with house(), tempfile.TemporaryDirectory() as folder:
        skills.put_file(_written(Path(folder) / "skills_en.csv"), "en")
        found = sorted(_waits())
        bare = sorted(_floor())
    what, target = f"search in {COUNT:,} skills, p95", "<= 50 ms"
    ours, floor = (1000 * waits[int(len(waits) * 0.95)] for waits in (found, bare))
    note = f"{len(found):,} searches, one after the other; p50 {1000 * found[len(found) // 2]:.1f} ms"
    return [row(what, "ms", ours, target, ours <= 50, floor=floor, note=note)]


def _written(path: Path) -> Path:
    """Write a file like ESCO's: its own words, put together anew."""
    chance = random.Random(20221116)
    words = sorted({word for label in vocabulary("esco-starter").values() for word in label.split()})
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(COUNT):
            told = [" ".join(chance.choices(words, k=chance.randint(2, 6))) for _ in range(chance.randint(1, 12))]
            uri = f"http://data.europa.eu/esco/skill/{UUID(int=number + 1)}"
            description = " ".join(chance.choices(words, k=40))
            writer.writerow([uri, "skill/competence", "cross-sector", told[0], "\n".join(told[1:]), description])
    return path


def _typed() -> list[str]:
    """What somebody types: from two letters on, one or two words, now and then the middle of one."""
    chance = random.Random(7)
    labels = list(vocabulary("esco-starter").values())
    typed = []
    for _ in range(SOUGHT):
        label = chance.choice(labels)
        start = label.find(" ") + 1 if chance.random() < 0.3 else 0
        typed.append(label[start : start + chance.randint(2, 14)])
    return [*typed, *(label[2:8] for label in chance.choices(labels, k=SOUGHT // 10))]


def _waits() -> list[float]:
    return [_took(partial(skills.find, sought)) for sought in _typed()]


def _floor() -> list[float]:
    """The seconds of reading twenty rows by their keys."""
    chance = random.Random(3)

    def read() -> None:
        keys = [f"http://data.europa.eu/esco/skill/{UUID(int=chance.randint(1, COUNT))}" for _ in range(20)]
        with db.of("catalogue").transaction(read_only=True) as tx:
            tx.all("SELECT * FROM catalogue_own.skill WHERE uri = ANY(%(keys)s)", {"keys": keys})

    return [_took(read) for _ in range(SOUGHT)]


def _took(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(rows())
