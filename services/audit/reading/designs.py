"""A design as the log tells of it: every version made again, patch by patch, and held against the hash of its entry."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from services.audit.reading.canonical import Written
from services.audit.reading.elements import document_hash, hashes, title
from services.audit.reading.entries import Entry
from services.audit.reading.patching import Misfit, patched


@dataclass(frozen=True)  # without slots: what its elements are is found when it is asked for, and once
class Version:
    """One version. `document` is None, and `problem` says why, where it cannot be made again from the entries."""

    number: int
    entry: Entry
    document: dict[str, Any] | None
    stated_hash: str
    found_hash: str | None
    problem: str | None = None
    written: Written = field(default_factory=Written, repr=False, compare=False)

    @property
    def whole(self) -> bool:
        """Say whether the document that follows from the entries is the one whose hash they state."""
        return self.problem is None and self.found_hash == self.stated_hash

    @cached_property
    def elements(self) -> Mapping[str, str]:
        """Return the hash of each element by its pointer; none where the document cannot be made again."""
        return hashes(self.document, self.written.hash) if self.document else {}


@dataclass(frozen=True, slots=True)
class Submission:
    """A version handed in for the seal, and the document that was handed in with it."""

    id: str
    version: int
    entry: Entry
    whole: bool


@dataclass(slots=True)
class Design:
    """A design up to some entry."""

    id: str
    provider: str | None = None
    versions: list[Version] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    recalled: dict[str, Entry] = field(default_factory=dict)
    published: list[Entry] = field(default_factory=list)
    written: Written = field(default_factory=Written, repr=False, compare=False)

    @property
    def newest(self) -> Version | None:
        """Return the newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def title(self) -> str:
        """Return the title in its newest version that has one."""
        found = (title(version.document) for version in reversed(self.versions))
        return next((words for words in found if words), "a design without a title")

    def version(self, number: int) -> Version | None:
        """Return one version, or None where the entries know none of that number."""
        return next((version for version in self.versions if version.number == number), None)

    @property
    def standing_submission(self) -> Submission | None:
        """Return the newest submission, where it was not recalled."""
        newest = self.submissions[-1] if self.submissions else None
        return newest if newest and newest.id not in self.recalled else None


def design(id: str, entries: Iterable[Entry]) -> Design:
    """Read a design from its entries, in the order of the log; entries of others are passed over."""
    read = Design(id)
    for entry in entries:
        if entry.event.subject == id and (step := _STEPS.get(entry.type)):
            step(read, entry)
    return read


def _opened(read: Design, entry: Entry) -> None:
    read.provider = read.provider or entry.get("organisation")
    read.versions.append(_checked(read, entry, entry.event.data.get("document")))


def _revised(read: Design, entry: Entry) -> None:
    before = read.newest
    if before is None or before.document is None:
        read.versions.append(_checked(read, entry, None, "the version before it cannot be made again"))
        return
    try:
        read.versions.append(_checked(read, entry, patched(before.document, entry.event.data.get("patch") or ())))
    except (Misfit, TypeError, AttributeError) as problem:
        read.versions.append(_checked(read, entry, None, str(problem)))


def _submitted(read: Design, entry: Entry) -> None:
    handed_in = _checked(read, entry, entry.event.data.get("document"), shares=False)
    known = read.version(handed_in.number)
    same = known is None or not known.whole or known.found_hash == handed_in.found_hash
    read.submissions.append(Submission(str(entry.get("submission")), handed_in.number, entry, handed_in.whole and same))
    if known is None or known.document is None:  # a version that was lost is there again from here on
        read.versions.append(handed_in)


def _recalled(read: Design, entry: Entry) -> None:
    read.recalled[str(entry.get("submission"))] = entry


def _published(read: Design, entry: Entry) -> None:
    read.published.append(entry)


_STEPS = {
    "catalogue.draft.opened.v1": _opened,
    "catalogue.draft.revised.v1": _revised,
    "catalogue.draft.submitted.v1": _submitted,
    "catalogue.draft.recalled.v1": _recalled,
    "catalogue.credential.published.v1": _published,
}


def _checked(read: Design, entry: Entry, document: Any, problem: str | None = None, *, shares: bool = True) -> Version:
    """Hold a document against the hash of its entry; `shares` says that other versions have parts of this very one."""
    number = entry.event.data.get("version")
    stated = str(entry.get("document_hash"))
    number = number if isinstance(number, int) else 0
    if problem is None and not isinstance(document, dict):
        problem = "its entry holds no document"
    if problem is not None:
        return Version(number, entry, None, stated, None, problem)
    try:
        found = read.written.hash_of_members(document) if shares else document_hash(document)
    except ValueError as mistake:  # it has no canonical JSON
        return Version(number, entry, None, stated, None, str(mistake))
    return Version(number, entry, document, stated, found, None, read.written)
