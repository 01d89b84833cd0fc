"""Who has co-signed a checkpoint, and when: as its note says, and as the policy in force can verify."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.audit.signing import log_folder
from services.audit.tlog.errors import LogError
from services.audit.tlog.policies import Policy


@dataclass(frozen=True, slots=True)
class Cosignature:
    """That a witness, by its name in the policy, has co-signed a checkpoint, and when."""

    witness: str
    at: datetime


def policy() -> Policy | None:
    """Return the policy in force; None where the log folder has none yet."""
    text = log_folder.of_settings().policy()
    return Policy.parse(text) if text else None


def cosignatures(note: bytes) -> Sequence[Cosignature]:
    """Return the good cosignatures of a note by the witnesses of the policy in force, the first first."""
    try:
        known = policy()
        found = known.check(note).cosigned if known else {}
    except LogError:  # of an earlier policy: what it says is kept, and cannot be verified under this one
        return ()
    return sorted(
        (Cosignature(name, datetime.fromtimestamp(at, UTC)) for name, at in found.items()), key=lambda c: c.at
    )
