"""The names that sentences about entries need: of organisations, people, designs, and of elements spoken of."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.audit.reading.designs import design
from services.audit.reading.elements import label, walk
from services.audit.reading.entries import Entry, private_values, read
from services.kernel.db import Transaction
from services.kernel.language import say

# Labels of the elements of a version never change, for its entries do not. So they are kept in the process.
_LABELS: OrderedDict[tuple[str, int], dict[str, str]] = OrderedDict()
_MOST_LABELS = 500  # versions


@dataclass(frozen=True, slots=True)
class CommentNamed:
    """A comment that an entry speaks of: whose it is, and on what."""

    organisation: str
    design: str
    version: int
    element: str


@dataclass(slots=True)
class Names:
    """What is known of the ids in some entries. `persons` has None where the name was erased."""

    organisations: dict[str, str] = field(default_factory=dict)
    persons: dict[str, str | None] = field(default_factory=dict)
    designs: dict[str, str] = field(default_factory=dict)
    consultations: dict[str, str] = field(default_factory=dict)
    comments: dict[str, CommentNamed] = field(default_factory=dict)
    labels: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)

    def organisation(self, id: str | None) -> str:
        """Return the name of an organisation."""
        return self.organisations.get(id or "", say("an organisation"))

    def person(self, id: str | None) -> str:
        """Return the name of a person, or what one says instead of a name that is gone."""
        return self.persons.get(id or "", say("somebody")) or say("somebody whose name was erased")

    def design(self, id: str | None) -> str:
        """Return the title of a design, in quotation marks."""
        title = self.designs.get(id or "")
        return say("“{title}”", title=title) if title else say("a design")

    def element(self, design: str, version: int, pointer: str) -> str:
        """Return how one calls an element of a version."""
        return self.labels.get((design, version), {}).get(pointer) or label(None, pointer)


def names(tx: Transaction, entries: Sequence[Entry]) -> Names:
    """Look up what some entries speak of."""
    found = Names()
    mentioned = {text for entry in entries for text in _ids(entry)}
    ids = {"ids": list(mentioned)}
    for row in tx.execute("SELECT id, design FROM consultation WHERE id = ANY(%(ids)s)", ids):
        found.consultations[row["id"]] = row["design"]
    for row in tx.execute("SELECT * FROM comment WHERE id = ANY(%(ids)s)", ids):
        found.comments[row["id"]] = CommentNamed(row["organisation"], row["design"], row["version"], row["element"])
    spoken_of = [*found.comments.values()]
    mentioned |= {*found.consultations.values()} | {comment.organisation for comment in spoken_of}
    ids = {"ids": list(mentioned)}
    for row in tx.execute("SELECT id, name FROM organisation WHERE id = ANY(%(ids)s)", ids):
        found.organisations[row["id"]] = row["name"]
    found.designs = _titles(tx, mentioned, {entry.event.organisation for entry in entries if entry.close})
    found.persons = persons(tx, mentioned)
    found.labels = _labels(tx, {(c.design, c.version) for c in spoken_of} | set(_endorsed(entries)))
    return found


def _titles(tx: Transaction, ids: Iterable[str], organisations: Iterable[str | None]) -> dict[str, str]:
    """Return titles of designs: as they are now for the organisations whose they are, for others as published."""
    rows = tx.execute(
        """SELECT id, CASE WHEN organisation = ANY(%(own)s) THEN title
                           ELSE coalesce(published_title, title) END AS title
           FROM design WHERE id = ANY(%(ids)s)""",
        {"ids": list(ids), "own": [organisation for organisation in organisations if organisation]},
    )
    return {row["id"]: row["title"] for row in rows}


def _ids(entry: Entry) -> Iterable[str]:
    """Yield every text in an entry that may be an id: its attributes, and what stands at the top of its data."""
    event = entry.event
    yield from (event.subject, event.actor, event.organisation or "")
    yield from (value for value in event.data.values() if isinstance(value, str) and value.isprintable())


def _endorsed(entries: Iterable[Entry]) -> Iterable[tuple[str, int]]:
    for entry in entries:
        version = entry.event.data.get("version")
        if entry.type == "codesign.endorsement.given.v1" and isinstance(version, int):
            yield entry.get("draft") or "", version


def persons(tx: Transaction, ids: Iterable[str]) -> dict[str, str | None]:
    """Return the names of those of these people who ever had one; None where it was erased."""
    rows = tx.execute("SELECT id, named_in FROM person WHERE id = ANY(%(ids)s)", {"ids": list(ids)})
    named = {row["id"]: row["named_in"] for row in rows}
    private = private_values(tx, named.values())
    return {id: _display_name(private.get(str(event), ())) for id, event in named.items()}


def _display_name(values: Iterable[Any]) -> str | None:
    return next((str(value.value) for value in values if value.pointer == "/data/display_name"), None)


def _labels(tx: Transaction, versions: set[tuple[str, int]]) -> dict[tuple[str, int], dict[str, str]]:
    missing = {id for id, number in versions if (id, number) not in _LABELS}
    if missing:
        rows = tx.all(
            """SELECT *, true AS close, true AS words FROM entry WHERE subject = ANY(%(ids)s)
               AND type IN ('catalogue.draft.opened.v1', 'catalogue.draft.revised.v1') ORDER BY idx""",
            {"ids": list(missing)},
        )
        entries = read(tx, rows)
        for id in missing:
            for version in design(id, entries).versions:
                document = version.document or {}
                _LABELS[id, version.number] = {pointer: label(document, pointer) for pointer, _ in walk(document)}
    found = {version: _LABELS[version] for version in versions if version in _LABELS}
    while len(_LABELS) > _MOST_LABELS:
        _LABELS.popitem(last=False)
    return found
