"""Reconciliation: does the log hold all that was sent, and has every handler seen what the log holds?

Two legs, from the outboxes to the log and from the log to the inboxes. Each asks the services, so that nobody reads
another's tables; what is missing is sent again to the one queue that lost it.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from services import SERVICES
from services.audit.reconciling import inboxes, outboxes
from services.audit.reconciling.findings import Ask, Finding, Kept, fields, keep, report
from services.audit.recording import positions
from services.kernel import clock, db, telemetry

__all__ = ["Ask", "Finding", "Kept", "ask_for_missing", "reconcile", "report", "tell"]

SETTLED = 60.0  # seconds; what is younger may still be on its way

say = telemetry.get_logger("countersign.reconciliation")


def reconcile(ask: Ask, seconds: float = SETTLED) -> list[Finding]:
    """Compare everything older than so many seconds, send again what is missing, and keep and return what was found."""
    return [keep(finding) for finding in _look(ask, seconds)]


def ask_for_missing(ask: Ask, seconds: float = SETTLED) -> list[Finding]:
    """Ask the producers in whose positions there is a hole older than so many seconds to send again what belongs there.

    Reconciliation would, too; this is for the events that wait behind the hole.
    """
    with db.of("audit").transaction(read_only=True) as tx:
        producers = positions.due(tx, clock.now() - timedelta(seconds=seconds))
    return [keep(outboxes.look(ask, source.removeprefix("/"), seconds)) for source in producers]


def tell(found: Iterable[Finding]) -> None:
    """Say in the process's log what is amiss."""
    for finding in found:
        if finding.state != "whole":
            say.warning("Reconciliation has found something amiss", **fields(finding))


def _look(ask: Ask, seconds: float) -> Iterator[Finding]:
    for service in SERVICES:
        finding = outboxes.look(ask, service, seconds)
        yield finding
        if finding.state == "away":  # it would be asked in vain once more
            yield Finding("inbox", service, state="away", said=finding.said)
        else:
            yield from inboxes.look(ask, service, seconds)
