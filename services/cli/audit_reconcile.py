"""`countersign audit reconcile`: both legs at once, in a table."""

import logging

from rich.console import Console
from rich.table import Table

from services.audit import reconciling
from services.audit.reconciling import Finding
from services.kernel.bus import asking_from_outside
from services.kernel.errors import Unavailable

LEGS = {"outbox": "outbox to log", "inbox": "log to handler"}
WHOLE, AMISS, UNASKED = 0, 1, 2


def run(seconds: float) -> int:
    """Run both legs over what is older than so many seconds, print what they found, and return the exit code."""
    logging.getLogger("amqp").setLevel(logging.ERROR)  # it warns of a question that nobody was there to be asked
    try:
        with asking_from_outside() as ask:
            found = reconciling.reconcile(ask, seconds)
    except (Unavailable, OSError) as problem:
        Console(stderr=True).print(f"Nobody can be asked: {problem}")
        return UNASKED
    out = Console(soft_wrap=True)
    out.print(_table(found))
    for one in found:
        if one.state != "whole":
            out.print(f"{_who(one)}: {one.said}")
    return _verdict(found)


def _verdict(found: list[Finding]) -> int:
    states = {finding.state for finding in found}
    if states & {"sent again", "lacking"}:
        return AMISS
    return WHOLE if states == {"whole"} else UNASKED


def _table(found: list[Finding]) -> Table:
    table = Table("Leg", "Who", "State", "Missing", "Sent again", box=None, pad_edge=False)
    for one in found:
        table.add_row(LEGS[one.leg], _who(one), one.state, f"{one.missing:,}", f"{one.sent_again:,}")
    return table


def _who(finding: Finding) -> str:
    return f"{finding.service}.{finding.handler}" if finding.handler else finding.service
