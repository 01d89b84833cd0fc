"""A point of the record: an entry, or a moment in time, which means the largest tree that was co-signed by then."""

from dataclasses import dataclass
from datetime import datetime

from services.audit.signing import checkpoints
from services.kernel import db
from services.kernel.errors import NotFound, NotYet
from services.kernel.language import say

Point = int | datetime
"""The number of an entry, or a moment."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a moment means: the record as it stood with `size` entries, under a checkpoint co-signed at `at`."""

    asked: datetime
    size: int
    at: datetime

    @property
    def idx(self) -> int:
        """Return its last entry."""
        return self.size - 1


def covered(point: Point | None) -> Covered | None:
    """Return what a moment means; None for anything that is no moment."""
    return _by(point) if isinstance(point, datetime) else None


def entry_at(point: Point | None) -> int | None:
    """Return the entry up to which one reads; None is the last."""
    return _by(point).idx if isinstance(point, datetime) else point


def _by(moment: datetime) -> Covered:
    with db.of("audit").transaction(read_only=True) as tx:
        found, newest = checkpoints.as_of(tx, moment), checkpoints.newest(tx)
    if found is None or found.size == 0:
        if newest is None:
            raise NotYet(
                say("No checkpoint has been co-signed yet, so no moment can be shown. Ask for an entry instead.")
            )
        raise NotFound(
            say(
                "Nothing had been co-signed by {day}, {time} UTC. Ask for a later moment, or for an entry.",
                day=moment,
                time=f"{moment:%H:%M}",
            )
        )
    return Covered(moment, found.size, found.at)
