"""How the log is doing: what is published, how fresh the witnesses are, what is missing, and what was looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.audit.domain.order import GAP_CLOSED, GAP_FOUND
from services.audit.erasing.erasures import ERASED, LOST, WITHHELD
from services.audit.reconciling.findings import Kept, report
from services.audit.signing import checkpoints, cosigned, log_folder
from services.audit.signing.checkpoints import Published
from services.audit.signing.cosigned import Cosignature
from services.kernel import clock, db
from services.kernel.db import Transaction

STALE = timedelta(seconds=150)  # the newest cosignature is never so old: idle heads are co-signed each minute
SELDOM = timedelta(minutes=5)  # reconciliation looks every minute


@dataclass(frozen=True, slots=True)
class Health:
    """What there is to say of the log at the moment `at`; `began` is when its first entry was entered.

    `witnesses` has every one of the policy, None while silent. `missing` counts events that were declared missing and
    have not come, by the `gaps_found` and `gaps_closed` entries that tell of them; `early` those that wait for one
    before them; `holes` positions that no event of their producer has brought.
    `erased`, `withheld` and `lost` are numbers of entries that say so.
    """

    at: datetime
    size: int
    root: bytes
    published: Published | None
    witnesses: Sequence[tuple[str, Cosignature | None]]
    alarms: Sequence[str]
    gaps_found: int
    gaps_closed: int
    missing: int
    early: int
    holes: int
    parked: int
    erased: int
    withheld: int
    lost: int
    looks: Sequence[Kept]
    began: datetime | None

    @property
    def newest(self) -> datetime | None:
        """Return when a witness co-signed last."""
        return max((one.at for _, one in self.witnesses if one), default=None)

    @property
    def is_stale(self) -> bool:
        """Say whether the witnesses have been silent for too long."""
        return bool(self.witnesses) and (self.newest is None or self.at - self.newest > STALE)

    @property
    def looked(self) -> datetime | None:
        """Return when everything was last looked for."""
        return min((one.at for one in self.looks), default=None)

    @property
    def amiss(self) -> list[str]:
        """Return what is not as it should be, a word each; none where all is well."""
        return list(_amiss(self))


def health() -> Health:
    """Return how the log is doing; everybody may know it."""
    folder = log_folder.of_settings()
    with db.of("audit").transaction(read_only=True) as tx:
        head = tx.one("SELECT size, root FROM head") or {}
        published = checkpoints.newest(tx)
        return Health(
            clock.now(),
            head["size"],
            bytes(head["root"]),
            published,
            _witnesses(folder.checkpoint() or (published.note if published else None)),
            folder.alarms(),
            **_numbers(tx),
            looks=report(tx),
            began=tx.value("SELECT entered_at FROM entry WHERE idx = 0"),
        )


def _witnesses(note: bytes | None) -> list[tuple[str, Cosignature | None]]:
    policy = cosigned.policy()
    found = {one.witness: one for one in cosigned.cosignatures(note)} if note else {}
    return [(witness.name, found.get(witness.name)) for witness in policy.witnesses] if policy else []


def _numbers(tx: Transaction) -> dict[str, int]:
    row = tx.one(
        """SELECT (SELECT count(*) FROM entry WHERE type = %(gap_found)s) AS gaps_found,
                  (SELECT count(*) FROM entry WHERE type = %(gap_closed)s) AS gaps_closed,
                  (SELECT coalesce(sum(last - first + 1), 0) FROM missing) AS missing,
                  (SELECT count(*) FROM audit_own.early) AS early,
                  (SELECT coalesce(sum(last - first + 1), 0) FROM audit_own.hole WHERE settled IS NULL) AS holes,
                  (SELECT count(*) FROM audit_own.parked) AS parked,
                  (SELECT count(*) FROM entry WHERE type = %(erased)s) AS erased,
                  (SELECT count(*) FROM entry WHERE type = %(withheld)s) AS withheld,
                  (SELECT count(*) FROM entry WHERE type = %(lost)s) AS lost""",
        {"erased": ERASED, "withheld": WITHHELD, "lost": LOST, "gap_found": GAP_FOUND, "gap_closed": GAP_CLOSED},
    )
    return {name: int(number) for name, number in (row or {}).items()}


def _amiss(of: Health) -> Iterator[str]:
    if of.alarms:
        yield "alarms"
    if of.published is None:
        yield "unpublished"
    if of.is_stale:
        yield "stale"
    yield from (name for name in ("missing", "early", "holes", "parked") if getattr(of, name))
    since = of.looked or of.began
    if (since and of.at - since > SELDOM) or any(one.finding.state != "whole" for one in of.looks):
        yield "looks"
