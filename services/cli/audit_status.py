"""`countersign audit status`: how the log is doing, as its page at /audit/health tells it."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import typer

from services.audit.health import Health, health
from services.kernel import clock
from services.kernel.errors import Misconfigured, Unavailable

WELL, AMISS, UNREADABLE = 0, 1, 2


def run(as_json: bool) -> int:
    """Print how the log is doing, and return the exit code."""
    try:
        log = health()
    except (Unavailable, Misconfigured) as problem:
        typer.echo(f"The log cannot be read: {problem}", err=True)
        return UNREADABLE
    if as_json:
        typer.echo(json.dumps(_as_json(log), indent=2))
    else:
        for name, value in _lines(log):
            typer.echo(f"{name:<22} {value}")
    return AMISS if log.amiss else WELL


def _lines(log: Health) -> Iterator[tuple[str, str]]:
    yield "entries", f"{log.size:,}, root {log.root.hex()}"
    published = log.published
    yield "published", f"{published.size:,} entries, {_ago(published.at, log)}" if published else "nothing yet"
    for name, cosignature in log.witnesses:
        yield f"witness {name}", f"co-signed {_ago(cosignature.at, log)}" if cosignature else "silent"
    yield "gaps", f"{log.gaps_found:,} found, {log.gaps_closed:,} closed; {log.missing:,} events missing"
    yield "waiting for others", f"{log.early:,} events"
    yield "holes in positions", f"{log.holes:,}"
    yield "parked", f"{log.parked:,} messages"
    yield "let go of", f"{log.erased:,} people, {log.withheld:,} texts; values lost are told of {log.lost:,} times"
    yield "reconciliation", f"everything was looked at {_ago(log.looked, log)}" if log.looked else "has not looked yet"
    for look in log.looks:
        if look.finding.state != "whole" or look.found_ever:
            who = ".".join(filter(None, (look.finding.service, look.finding.handler)))
            yield f"  {look.finding.leg} {who}", f"{look.finding.state}: {look.finding.said} Ever: {look.found_ever:,}."
    for alarm in log.alarms:
        yield "ALARM", alarm
    yield "amiss", ", ".join(log.amiss) or "nothing"


def _ago(moment: datetime, log: Health) -> str:
    return f"{(log.at - moment).total_seconds():,.0f} s ago"


def _as_json(log: Health) -> dict[str, Any]:
    numbers = ("gaps_found", "gaps_closed", "missing", "early", "holes", "parked", "erased", "withheld", "lost")
    return {
        "at": clock.rfc3339(log.at),
        "size": log.size,
        "root": log.root.hex(),
        "published": {"size": log.published.size, "at": clock.rfc3339(log.published.at)} if log.published else None,
        "witnesses": {name: clock.rfc3339(one.at) if one else None for name, one in log.witnesses},
        **{name: getattr(log, name) for name in numbers},
        "reconciliation": [
            {
                **{name: getattr(look.finding, name) for name in look.finding.__slots__},
                "at": clock.rfc3339(look.at),
                "found": look.found,
                "found_at": look.found_at and clock.rfc3339(look.found_at),
                "found_ever": look.found_ever,
            }
            for look in log.looks
        ],
        "alarms": list(log.alarms),
        "amiss": log.amiss,
    }
