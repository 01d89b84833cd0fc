"""One measured row of the table, as it is written to `results/latest.json`."""

from collections.abc import Mapping
from typing import Any

Row = dict[str, Any]

NOTE = "the private PostgreSQL runs without fsync, for ours, floor and peers alike"


def row(
    name: str,
    unit: str,
    ours: float,
    target: str,
    met: bool | None,
    *,
    floor: float | None = None,
    peers: Mapping[str, float] | None = None,
    note: str = NOTE,
) -> Row:
    """Return a row; `met` is None where the target needs another machine, or nothing was asked."""
    return {
        "name": name,
        "unit": unit,
        "ours": _short(ours),
        "floor": None if floor is None else _short(floor),
        "peers": {peer: _short(value) for peer, value in (peers or {}).items()},
        "target": target,
        "met": met,
        "note": note,
    }


def _short(value: float) -> float:
    """Four figures are all that such a measurement is good for."""
    return float(f"{value:.4g}")
