"""Which positions of a producer have come: all up to the last, but for holes."""

from dataclasses import dataclass, field

from services.audit.domain import spans
from services.audit.domain.spans import Span


@dataclass(slots=True)
class Positions:
    """The highest position of one producer that has come, and the holes below it."""

    last: int = 0
    holes: list[Span] = field(default_factory=list)

    def take(self, position: int) -> bool:
        """Take a position as come; False where it had come before."""
        if position <= self.last:
            return spans.take(self.holes, position)
        if position > self.last + 1:
            self.holes.append((self.last + 1, position - 1))
        self.last = position
        return True

    def copy(self) -> "Positions":
        """Return the same once more."""
        return Positions(self.last, list(self.holes))
