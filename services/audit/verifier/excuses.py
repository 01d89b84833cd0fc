"""What the log itself says of private values that are gone: erased with a person, withheld one by one, or lost."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PERSON_ERASED = "accounts.person.erased.v1"
TEXT_WITHHELD = "audit.text.withheld.v1"
VALUES_LOST = "audit.values.lost.v1"
_TOLD_BY = {PERSON_ERASED: "/accounts", TEXT_WITHHELD: "/audit", VALUES_LOST: "/audit"}
_MARKS = tuple(type.encode() for type in _TOLD_BY)  # in the bytes of an entry that may excuse

Excuse = tuple[str, int]
"""How a value went, as a word, and the entry that says so."""


class Excuses:
    """Which private values may be missing. An entry excuses wherever it stands: a late value never came back."""

    def __init__(self) -> None:
        self._persons: dict[str, int] = {}
        self._places: dict[tuple[str, str], Excuse] = {}

    def note(self, index: int, entry: bytes) -> None:
        """Note what an entry excuses, if anything; its bytes may be anything at all."""
        if any(mark in entry for mark in _MARKS):
            try:
                self._note(index, json.loads(entry.decode("utf-8")))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return  # no event at all, which is found where entries are read

    def _note(self, index: int, event: Mapping[str, Any]) -> None:
        type, data = event["type"], event["data"]
        if _TOLD_BY.get(type) != event["source"]:
            return
        if type == PERSON_ERASED:
            self._persons.setdefault(event["subject"], index)
        elif type == TEXT_WITHHELD:
            self._places.setdefault((data["event"], data["pointer"]), ("withheld", index))
        else:
            for value in data["values"]:
                self._places.setdefault((value["event"], value["pointer"]), ("lost", index))

    def of(self, event: Mapping[str, Any], pointer: str) -> Excuse | None:
        """Return the first entry that excuses a missing value at a pointer into an event, None where there is none."""
        place = self._places.get((event["id"], pointer))
        people = {self._persons[who] for who in (event["actor"], event["subject"]) if who in self._persons}
        found = [("erased", index) for index in people] + ([place] if place else [])
        return min(found, key=lambda excuse: excuse[1], default=None)
