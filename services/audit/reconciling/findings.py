"""What a look at one producer, or at one handler, has found; and the last of each that is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from services.kernel import clock, db
from services.kernel.db import Transaction

Ask = Callable[..., Any]
"""`ask(service, question, *arguments)`, as the kernel's bus makes it; raises Unavailable where no good answer comes."""

Leg = Literal["outbox", "inbox"]
State = Literal["whole", "sent again", "lacking", "behind", "away"]
"""`whole`: nothing is missing. `sent again`: what was missing is on its way. `lacking`: something is missing, and was
not sent again. `behind`: too much is in the queue to tell what is missing. `away`: it could not be asked."""

# Messages in a queue: with fewer in it, what was not seen for a minute is taken for lost. A queue that is read while it
# is written to is seldom quite empty; at worst so many events are sent twice, which is harmless.
BUSY = 100
MOST = 10_000  # events that are sent again at one look; the next is a minute later


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: of the leg `outbox` at a producer, of the leg `inbox` at a handler. `said` tells it to people."""

    leg: Leg
    service: str
    handler: str = ""
    state: State = "whole"
    missing: int = 0
    sent_again: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The last look, when it was, and when how many events were last found missing; how many were sent again ever."""

    finding: Finding
    at: datetime
    found: int
    found_at: datetime | None
    found_ever: int


def keep(finding: Finding) -> Finding:
    """Keep a finding in the place of the one before, and return it."""
    with db.of("audit").transaction() as tx:
        tx.execute(
            """INSERT INTO audit_own.reconciliation AS r
                   (leg, service, handler, state, missing, sent_again, said, at, found, found_at, found_ever)
               VALUES (%(leg)s, %(service)s, %(handler)s, %(state)s, %(missing)s, %(sent_again)s, %(said)s, %(at)s,
                   %(missing)s, CASE WHEN %(missing)s > 0 THEN %(at)s END, %(sent_again)s)
               ON CONFLICT (leg, service, handler) DO UPDATE SET
                   state = excluded.state, missing = excluded.missing, sent_again = excluded.sent_again,
                   said = excluded.said, at = excluded.at,
                   found = CASE WHEN excluded.missing > 0 THEN excluded.missing ELSE r.found END,
                   found_at = coalesce(excluded.found_at, r.found_at),
                   found_ever = r.found_ever + excluded.sent_again""",
            fields(finding) | {"at": clock.now()},
        )
    return finding


def fields(finding: Finding) -> dict[str, Any]:
    """Return a finding by the names of its fields."""
    return {name: getattr(finding, name) for name in Finding.__slots__}


def keep_only(tx: Transaction, service: str, handlers: Sequence[str]) -> None:
    """Forget the looks at handlers that a service has no more."""
    tx.execute(
        """DELETE FROM audit_own.reconciliation
           WHERE leg = 'inbox' AND service = %(service)s AND handler <> ALL(%(handlers)s)""",
        {"service": service, "handlers": list(handlers)},
    )


def report(tx: Transaction) -> list[Kept]:
    """Return the last look of each leg at everything."""
    rows = tx.all("SELECT * FROM audit_own.reconciliation ORDER BY leg DESC, service, handler")
    return [_kept(row) for row in rows]


def _kept(row: dict[str, Any]) -> Kept:
    finding = Finding(**{name: row[name] for name in Finding.__slots__})
    return Kept(finding, row["at"], row["found"], row["found_at"], row["found_ever"])
