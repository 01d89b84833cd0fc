"""`make bench`: measure, print a table, and write benchmarks/results/latest.json."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import floor, log
from services.kernel import clock

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure everything there is, one after the other."""
    results = [_sustained(), *_waits()]
    machine = f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"
    whole = [row | {"machine": machine, "at": clock.rfc3339(clock.now())} for row in results]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")
    _show(whole)


def _sustained() -> dict[str, Any]:
    ours, bare = log.sustained(), floor.sustained()
    return _row("commit to entry, sustained", "events/s", ours, bare, ">= 0.25 of the floor", ours >= 0.25 * bare)


def _waits() -> list[dict[str, Any]]:
    waits = log.waits()
    p50, p99 = (1000 * waits[int(len(waits) * part)] for part in (0.5, 0.99))
    return [
        _row("commit to entry at 200/s, p50", "ms", p50, None, "<= 15 ms", p50 <= 15),
        _row("commit to entry at 200/s, p99", "ms", p99, None, "<= 100 ms", p99 <= 100),
    ]


def _row(name: str, unit: str, ours: float, bare: float | None, target: str, met: bool) -> dict[str, Any]:
    return {
        "name": name,
        "unit": unit,
        "ours": round(ours, 1),
        "floor": None if bare is None else round(bare, 1),
        "peers": {},
        "target": target,
        "met": met,
        "note": "fsync of the private PostgreSQL is off, for ours and for the floor alike",
    }


def _show(results: list[dict[str, Any]]) -> None:
    table = Table("What", "Unit", "Ours", "Floor", "To reach", "Met", header_style="bold")
    for row in results:
        bare = "" if row["floor"] is None else f"{row['floor']:,}"
        table.add_row(row["name"], row["unit"], f"{row['ours']:,}", bare, row["target"], "yes" if row["met"] else "no")
    Console().print(table)


if __name__ == "__main__":
    main()
