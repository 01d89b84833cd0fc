"""`make bench`: measure, print a table, and write benchmarks/results/latest.json."""

import json
import os
import platform
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import floor, http, log
from benchmarks.peers import flood
from services.kernel import clock

Row = dict[str, Any]
Peers = dict[str, float]

NOTE = "the private PostgreSQL runs without fsync, for ours, floor and peers alike"
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure everything there is, one after the other."""
    machine = f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"
    results = [_sustained(), *_waits(), *_commands()]
    whole = [row | {"machine": machine, "at": clock.rfc3339(clock.now())} for row in results]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")
    _show(whole)


def _sustained() -> Row:
    ours, bare, stock = log.sustained(), floor.sustained(), flood.sustained()
    target, met = ">= 0.25 of the floor, >= 10 x stock nameko", ours >= 0.25 * bare and ours >= 10 * stock
    return _row("commit to entry, sustained", "events/s", ours, target, met, floor=bare, peers={"stock nameko": stock})


def _waits() -> list[Row]:
    waits, single = log.waits(), floor.singles()
    rows = []
    for name, part, limit in (("p50", 0.5, 15), ("p99", 0.99, 100)):
        ours, bare = (1000 * found[int(len(found) * part)] for found in (waits, single))
        what = f"commit to entry at {log.RATE}/s, {name}"
        rows.append(_row(what, "ms", ours, f"<= {limit} ms", ours <= limit, floor=bare))
    return rows


def _commands() -> list[Row]:
    ours, same, two, gateway = http.ours(), http.bare("/same"), http.bare("/two"), http.gateway()
    what, peers = "commands over HTTP (a comment)", {"nameko gateway": gateway}
    return [
        _row(
            what,
            "commands/s",
            ours,
            ">= 0.7 of the same SQL, >= 5 x the gateway",
            ours >= 0.7 * same and ours >= 5 * gateway,
            floor=same,
            peers=peers,
        ),
        _row(
            f"{what}, beside two bare inserts", "commands/s", ours, ">= 0.4 of the floor", ours >= 0.4 * two, floor=two
        ),
    ]


def _row(name: str, unit: str, ours: float, target: str, met: bool, *, floor: float, peers: Peers | None = None) -> Row:
    return {
        "name": name,
        "unit": unit,
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "peers": {peer: round(value, 1) for peer, value in (peers or {}).items()},
        "target": target,
        "met": met,
        "note": NOTE,
    }


def _show(results: list[Row]) -> None:
    table = Table("What", "Unit", "Ours", "Floor", "Peers", "To reach", "Met", header_style="bold")
    for row in results:
        peers = ", ".join(f"{name} {value:,}" for name, value in row["peers"].items())
        met = "yes" if row["met"] else "no"
        table.add_row(row["name"], row["unit"], f"{row['ours']:,}", f"{row['floor']:,}", peers, row["target"], met)
    Console().print(table)


if __name__ == "__main__":
    main()
