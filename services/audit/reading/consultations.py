"""A consultation as the log tells of it: who was asked, what was said of which element, and what became of it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.audit.reading.designs import Design
from services.audit.reading.elements import label
from services.audit.reading.entries import Entry
from services.kernel import clock


@dataclass(slots=True)
class Comment:
    """A comment with what became of it; the last of its dispositions counts.

    `known` says that the element stands in that version as the comment says it does.
    """

    id: str
    entry: Entry
    element: str
    version: int
    label: str
    kind: str
    known: bool
    dispositions: list[Entry] = field(default_factory=list)

    @property
    def disposition(self) -> Entry | None:
        """Return the disposition that counts."""
        return self.dispositions[-1] if self.dispositions else None


@dataclass(frozen=True, slots=True)
class Endorsement:
    """An endorsement, bound to the hashes of the elements it covers; `whole` says that these are all of the version.

    `known` says that they stand in that version as the endorsement says they do.
    """

    id: str
    entry: Entry
    organisation: str
    version: int
    interest: str
    covers: Mapping[str, str]
    known: bool
    whole: bool

    def stands_for(self, elements: Mapping[str, str]) -> bool:
        """Say whether every element it covers is in a version as it was endorsed."""
        return all(elements.get(pointer) == hash for pointer, hash in self.covers.items())


@dataclass(slots=True)
class Consultation:
    """A consultation up to some entry."""

    id: str
    draft: str = ""
    opened: Entry | None = None
    version: int = 0
    visibility: str = ""
    closes_at: datetime | None = None
    participants: dict[str, Entry] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    endorsements: list[Endorsement] = field(default_factory=list)
    answers: list[Entry] = field(default_factory=list)
    recalled: frozenset[str] = frozenset()

    @property
    def seal(self) -> Entry | None:
        """Return the entry of the last answer, where it is a seal that no recall has lifted."""
        last = self.answers[-1] if self.answers else None
        return last if last and last.type == SEALED and last.get("submission") not in self.recalled else None

    @property
    def missing(self) -> list[str]:
        """Return the codes of what the last answer found missing; none where it was a seal."""
        found = self.answers[-1].event.data.get("missing") if self.answers else None
        return [str(item.get("code")) for item in found if isinstance(item, dict)] if isinstance(found, list) else []

    @property
    def open_comments(self) -> list[Comment]:
        """Return the comments without a disposition."""
        return [comment for comment in self.comments.values() if comment.disposition is None]


SEALED, UNREADY = "codesign.consultation.sealed.v1", "codesign.consultation.unready.v1"


def consultation(id: str, of: Design, entries: Iterable[Entry]) -> Consultation:
    """Read a consultation on a design from its entries, in the order of the log; others' are passed over."""
    read = Consultation(id, recalled=frozenset(of.recalled))
    for entry in entries:
        if entry.event.subject == id and (step := _STEPS.get(entry.type)):
            step(read, of, entry)
    return read


def _opened(read: Consultation, _: Design, entry: Entry) -> None:
    read.opened, read.draft = entry, entry.get("draft") or ""
    read.version, read.visibility = _number(entry, "version"), entry.get("visibility") or ""
    try:
        read.closes_at = clock.parse(entry.get("closes_at") or "")
    except ValueError:
        read.closes_at = None


def _invited(read: Consultation, _: Design, entry: Entry) -> None:
    if organisation := entry.get("organisation"):
        read.participants.setdefault(organisation, entry)


def _commented(read: Consultation, of: Design, entry: Entry) -> None:
    id, element, number = entry.get("comment") or entry.event.id, entry.get("element") or "", _number(entry, "version")
    version = of.version(number)
    known = version is not None and version.elements.get(element, "") == entry.get("element_hash")
    named = label(version.document if version else None, element)
    read.comments[id] = Comment(id, entry, element, number, named, entry.get("kind") or "", known)


def _disposed(read: Consultation, _: Design, entry: Entry) -> None:
    if comment := read.comments.get(entry.get("comment") or ""):
        comment.dispositions.append(entry)


def _endorsed(read: Consultation, of: Design, entry: Entry) -> None:
    number, covers = _number(entry, "version"), entry.event.data.get("elements")
    covers = covers if isinstance(covers, dict) else {}
    version = of.version(number)
    found = version.elements if version else {}
    known = bool(covers) and all(found.get(pointer) == hash for pointer, hash in covers.items())
    id, organisation = entry.get("endorsement") or entry.event.id, entry.get("organisation") or ""
    given = (number, entry.get("interest") or "", covers, known, known and covers == found)
    read.endorsements.append(Endorsement(id, entry, organisation, *given))


def _answered(read: Consultation, _: Design, entry: Entry) -> None:
    read.answers.append(entry)


_STEPS: Mapping[str, Callable[[Consultation, Design, Entry], None]] = {
    "codesign.consultation.opened.v1": _opened,
    "codesign.participant.invited.v1": _invited,
    "codesign.comment.submitted.v1": _commented,
    "codesign.disposition.recorded.v1": _disposed,
    "codesign.endorsement.given.v1": _endorsed,
    SEALED: _answered,
    UNREADY: _answered,
}


def _number(entry: Entry, name: str) -> int:
    value: Any = entry.event.data.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
