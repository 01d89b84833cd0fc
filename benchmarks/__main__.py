"""`make bench`: measure, print a table, and write benchmarks/results/latest.json."""

import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import evidence, floor, http, log, pages, skills
from benchmarks.peers import flood
from benchmarks.rows import NOTE, Row, row
from services.kernel import clock

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    """Measure everything there is, one after the other."""
    machine = f"{os.cpu_count()} x {platform.machine()}, Python {platform.python_version()}"
    results = [_sustained(), *_waits(), *_commands(), *evidence.rows(), *pages.rows(), *skills.rows()]
    whole = [row | {"machine": machine, "at": clock.rfc3339(clock.now())} for row in results]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(whole, indent=2) + "\n")
    _show(whole)


def _sustained() -> Row:
    ours, bare, stock = log.sustained(), floor.sustained(), flood.sustained()
    target, met = ">= 0.25 of the floor, >= 10 x stock nameko", ours >= 0.25 * bare and ours >= 10 * stock
    return row("commit to entry, sustained", "events/s", ours, target, met, floor=bare, peers={"stock nameko": stock})


def _waits() -> list[Row]:
    (waits, rate), single, (stock, stock_rate) = log.waits(), floor.singles(), flood.waits()
    note = f"{rate:.0f} events a second of ours, {stock_rate:.0f} of stock nameko; {NOTE}"
    rows = []
    for name, part, limit in (("p50", 0.5, 15), ("p99", 0.99, 100)):
        ours, bare, peer = (1000 * found[int(len(found) * part)] for found in (waits, single, stock))
        what, target = f"commit to entry at {log.RATE}/s, {name}", f"<= {limit} ms"
        rows.append(row(what, "ms", ours, target, ours <= limit, floor=bare, peers={"stock nameko": peer}, note=note))
    return rows


def _commands() -> list[Row]:
    ours, same, two, gateway = http.ours(), http.bare("/same"), http.bare("/two"), http.gateway()
    what, unit = "commands over HTTP (a comment)", "commands/s"
    target, met = ">= 0.7 of the same SQL, >= 5 x the gateway", ours >= 0.7 * same and ours >= 5 * gateway
    return [
        row(what, unit, ours, target, met, floor=same, peers={"nameko gateway": gateway}),
        row(f"{what}, beside two bare inserts", unit, ours, ">= 0.4 of the floor", ours >= 0.4 * two, floor=two),
    ]


def _show(results: list[Row]) -> None:
    table = Table("What", "Unit", "Ours", "Floor", "Peers", "To reach", "Met", header_style="bold")
    for found in results:
        peers = ", ".join(f"{name} {value:,}" for name, value in found["peers"].items())
        met = {True: "yes", False: "no", None: ""}[found["met"]]
        bare = "" if found["floor"] is None else f"{found['floor']:,}"
        table.add_row(found["name"], found["unit"], f"{found['ours']:,}", bare, peers, found["target"], met)
    Console().print(table)


if __name__ == "__main__":
    main()
