"""The file `private.json` of a bundle: a JSON list with one value a line, in the order of the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from services.audit.verifier.private_values import Values, salt_in, text_in
from services.audit.verifier.sources import Source
from services.audit.verifier.verdicts import Tampered, Unusable

PATH = "private.json"


class KeptValues:
    """The values of a bundle, read alongside the entries."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows = self._read()
        self._next: dict[str, Any] | None = next(self._rows, None)

    def of(self, index: int) -> Values:
        """Return the values of an entry; entries are asked for in order, those without values need not be."""
        self._pass_over(index)
        found: dict[str, tuple[str, bytes]] = {}
        while self._next and self._next["entry"] == index:
            found[self._next["pointer"]] = self._next["value"], self._next["salt"]
            self._next = next(self._rows, None)
        return found

    def end(self) -> None:
        """Refuse values of entries that have none, or are not there, up to the end of the file."""
        self._pass_over(2**63)

    def _pass_over(self, index: int) -> None:
        if self._next and self._next["entry"] < index:
            entry, pointer = self._next["entry"], self._next["pointer"]
            raise Tampered(entry, f"a private value is given for {pointer}, where the entry commits to none.")

    def _read(self) -> Iterator[dict[str, Any]]:
        before = -1, ""
        lines = self._source.lines(PATH)
        if next(lines, b"") != b"[":
            raise self._unusable("it does not begin with a line that says [")
        for number, line in enumerate(lines, start=2):
            if line == b"]":
                return
            row = self._row(number, line)
            if (row["entry"], row["pointer"]) <= before:
                raise self._unusable(f"line {number:,} is not in the order of the entries")
            before = row["entry"], row["pointer"]
            yield row
        raise self._unusable("it ends before its last line, which says ]")

    def _row(self, number: int, line: bytes) -> dict[str, Any]:
        try:
            row = json.loads(line.decode("utf-8").rstrip(","))
            entry = row["entry"]
            if not isinstance(entry, int) or isinstance(entry, bool) or not 0 <= entry < 2**63:
                raise ValueError("the entry is no number")
            return {
                "entry": entry,
                "pointer": text_in(row["pointer"]),
                "value": text_in(row["value"]),
                "salt": salt_in(row["salt"]),
            }
        except (ValueError, KeyError, TypeError, RecursionError) as problem:
            raise self._unusable(f"line {number:,} is no private value: {problem!r}") from None

    def _unusable(self, what: str) -> Unusable:
        return Unusable(f"{PATH} in {self._source.where} cannot be used: {what}. Ask for the bundle again.")
