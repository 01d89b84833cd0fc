"""Completeness at entry: the events of each aggregate are numbered from 1 without a hole, except declared ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.audit.verifier.verdicts import Tampered

GAP_FOUND = "audit.gap.found.v1"

Aggregate = tuple[str, str]  # who says it, and of what
Span = tuple[int, int]


class Sequences:
    """How far each aggregate has come, and what the log itself has declared missing."""

    def __init__(self) -> None:
        self.last: dict[Aggregate, int] = {}
        self.missing: dict[Aggregate, list[Span]] = {}
        self.gaps: list[int] = []

    def take(self, index: int, event: Mapping[str, Any]) -> None:
        """Take the next entry; Tampered where it is not the one that was due."""
        aggregate, number = (event["source"], event["subject"]), event["sequence"]
        due = self.last.get(aggregate, 0) + 1
        if number == due:
            self.last[aggregate] = number
        elif aggregate not in self.missing or not self._came_late(aggregate, number):
            raise Tampered(
                index, f"it is number {number} of {event['subject']} from {event['source']}, where {due} was due."
            )
        if event["type"] == GAP_FOUND and event["source"] == "/audit":
            self._declare(index, event["data"])

    def still_missing(self) -> int:
        """Return how many events were declared missing and have never come."""
        return sum(last - first + 1 for spans in self.missing.values() for first, last in spans)

    def _came_late(self, aggregate: Aggregate, number: int) -> bool:
        spans = self.missing[aggregate]
        for place, (first, last) in enumerate(spans):
            if first <= number <= last:
                rest = ((first, number - 1), (number + 1, last))
                spans[place : place + 1] = [span for span in rest if span[0] <= span[1]]
                return True
        return False

    def _declare(self, index: int, data: Mapping[str, Any]) -> None:
        """Take what the log declares missing; what had come before the declaration was entered is not."""
        first, last = data.get("first"), data.get("last")
        if not (isinstance(first, int) and isinstance(last, int) and 0 < first <= last < 2**53):
            return
        about = f"/{data.get('producer')}", str(data.get("about"))
        here = self.last.get(about, 0)
        self.gaps.append(index)
        if last > here:
            self.missing.setdefault(about, []).append((here + 1, last))
            self.last[about] = last
