"""The trace of a design: from a comment forward to what became of it, and from an element back to who shaped it.

Pure over the readings. Whatever is said to follow from something else is an edge, with the entry that says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.audit.reading.consultations import Comment, Consultation, Endorsement
from services.audit.reading.designs import Design, Version
from services.audit.reading.elements import label
from services.audit.reading.entries import Entry

Hashes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What a version changed of one element. `before` and `after` are its hashes, None where it is not there."""

    element: str
    label: str
    version: int
    entry: Entry
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """That the entry `target` follows from the entry `source`, because the entry `said_by` says so.

    `kind` is answered (comment, disposition), changed (disposition or comment, version), endorsed (version,
    endorsement), sealed (endorsement, seal), or published (seal, or the version where no seal is known, publication).
    """

    kind: str
    source: int
    target: int
    said_by: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the trace: a comment with all that followed, or a change that no comment asked for (None).

    `answered_in` has the versions that are said to answer it, each with the entry that says so; `endorsements` are of
    the words as they came out of it; `publications` have them still so. `stands` says that the newest version has.
    """

    comment: Comment | None
    element: str
    label: str
    answered_in: Mapping[int, int]
    changes: Sequence[Change]
    endorsements: Sequence[Endorsement]
    publications: Sequence[Entry]
    stands: bool
    edges: Sequence[Edge]

    @property
    def disposition(self) -> Entry | None:
        """Return the disposition that counts."""
        return self.comment.disposition if self.comment else None

    @property
    def became(self) -> str:
        """Return what became of it: the disposition's word, "open" without any, "unasked" without a comment."""
        if self.comment is None:
            return "unasked"
        return (self.disposition.get("disposition") if self.disposition else None) or "open"

    def changed(self, element: str) -> bool:
        """Say whether it led to a change of an element."""
        return any(change.element == element for change in self.changes)


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace of a design; `history` has every change of each element, from the version in which it first stood."""

    rows: Sequence[Row]
    history: Mapping[str, Sequence[Change]]

    @property
    def edges(self) -> list[Edge]:
        """Return every edge once, in the order of the entries that say so."""
        found = {edge for row in self.rows for edge in row.edges}
        return sorted(found, key=lambda edge: (edge.said_by, edge.source, edge.target))

    def of_comment(self, id: str) -> Row | None:
        """Return what became of a comment."""
        return next((row for row in self.rows if row.comment and row.comment.id == id), None)

    def shaped(self, element: str) -> list[Row]:
        """Return what an element comes from: the rows that changed it."""
        return [row for row in self.rows if row.changed(element)]

    def about(self, element: str) -> list[Row]:
        """Return all that touches an element: what was said of it, and what changed it."""
        return [row for row in self.rows if row.element == element or row.changed(element)]


def trace(of: Design, consultations: Sequence[Consultation]) -> Trace:
    """Trace a design and its consultations, in the order of the record."""
    changes = list(_changes(of))
    comments = [comment for one in consultations for comment in one.comments.values()]
    answers = {comment.id: _answered_in(of, comment) for comment in comments}
    asked = {
        number: {comment.element for comment in comments if number in answers[comment.id]}
        for number in {change.version for change in changes}
    }
    rows, claimed = [], set[tuple[str, int]]()
    for comment in comments:
        led_to = _led_to(comment, answers[comment.id], changes, asked)
        claimed |= {(change.element, change.version) for change in led_to}
        rows.append(_row(of, consultations, comment, answers[comment.id], led_to))
    first = of.versions[0].number if of.versions else 0
    for change in changes:
        if change.version != first and (change.element, change.version) not in claimed:
            rows.append(_row(of, consultations, None, {}, [change]))
    return Trace(sorted(rows, key=_place), _by_element(changes))


def _changes(of: Design) -> Iterator[Change]:
    """Yield what each version changed of the one before, and every element of the first as a change from nothing."""
    whole = [version for version in of.versions if version.document is not None]
    if whole:
        yield from _between(None, whole[0])
    for before, after in pairwise(whole):
        yield from _between(before, after)


def _between(before: Version | None, after: Version) -> Iterator[Change]:
    old: Hashes = before.elements if before else {}
    for element in {**old, **after.elements}:
        if old.get(element) != after.elements.get(element):
            named = label(after.document if element in after.elements or before is None else before.document, element)
            hashes = old.get(element), after.elements.get(element)
            yield Change(element, named, after.number, after.entry, *hashes)


def _answered_in(of: Design, comment: Comment) -> dict[int, int]:
    """Return the versions that answer a comment, as the revision says or else its disposition, and which entry does."""
    found = {}
    if (answer := comment.disposition) and isinstance(number := answer.event.data.get("answered_in"), int):
        found = {number: answer.idx} if of.version(number) else {}
    for version in of.versions:
        answers = version.entry.event.data.get("answers")
        if isinstance(answers, list) and comment.id in answers:
            found[version.number] = version.entry.idx
    return found


def _led_to(
    comment: Comment, answered_in: Mapping[int, int], changes: Iterable[Change], asked: Mapping[int, set[str]]
) -> list[Change]:
    """Return the changes that a comment led to: of its element, else those in the same version nobody asked for."""
    there = [change for change in changes if change.version in answered_in]
    own = [change for change in there if change.element == comment.element]
    return own or [change for change in there if change.element not in asked[change.version]]


def _row(
    of: Design,
    consultations: Iterable[Consultation],
    comment: Comment | None,
    answered_in: Mapping[int, int],
    changes: Sequence[Change],
) -> Row:
    words = _words(of, comment, changes)
    seals = [one.seal for one in consultations if one.seal]
    endorsements = [e for one in consultations for e in one.endorsements if _covers(e, words)]
    published = [entry for entry in of.published if _has(of.version(_number(entry)), words)]
    edges = _edges(of, comment, answered_in, changes, endorsements, seals, published)
    return Row(
        comment=comment,
        element=comment.element if comment else changes[0].element,
        label=comment.label if comment else changes[0].label,
        answered_in=answered_in,
        changes=changes,
        endorsements=endorsements,
        publications=published,
        stands=_has(of.newest, words),
        edges=list(edges),
    )


def _words(of: Design, comment: Comment | None, changes: Sequence[Change]) -> dict[str, str | None]:
    """Return the elements as they came out of it, by their hashes: changed, or left as they were."""
    if changes:
        return {change.element: change.after for change in changes}
    version = of.version(comment.version) if comment else None
    return {comment.element: version.elements.get(comment.element)} if comment and version else {}


def _covers(given: Endorsement, words: Mapping[str, str | None]) -> bool:
    return any(hash is not None and given.covers.get(element) == hash for element, hash in words.items())


def _has(version: Version | None, words: Mapping[str, str | None]) -> bool:
    if version is None or version.document is None or not words:
        return False
    return all(version.elements.get(element) == hash for element, hash in words.items())


def _edges(
    of: Design,
    comment: Comment | None,
    answered_in: Mapping[int, int],
    changes: Sequence[Change],
    endorsements: Sequence[Endorsement],
    seals: Sequence[Entry],
    published: Sequence[Entry],
) -> Iterator[Edge]:
    answer = comment.disposition if comment else None
    if comment:
        yield from (Edge("answered", comment.entry.idx, d.idx, d.idx) for d in comment.dispositions)
        origin = answer.idx if answer else comment.entry.idx
        for number, said_by in answered_in.items():
            if version := of.version(number):
                yield Edge("changed", origin, version.entry.idx, said_by)
    for given in endorsements:
        if (source := _endorsed(of, given, changes)) is not None:
            yield Edge("endorsed", source, given.entry.idx, given.entry.idx)
        yield from (Edge("sealed", given.entry.idx, seal.idx, seal.idx) for seal in seals if _rests_on(seal, given))
    for entry in published:
        seal = next((seal for seal in seals if seal.event.id == entry.get("seal")), None)
        version = of.version(_number(entry))
        if found := seal or (version.entry if version else None):
            yield Edge("published", found.idx, entry.idx, entry.idx)


def _endorsed(of: Design, given: Endorsement, changes: Sequence[Change]) -> int | None:
    """Return the entry that made what was endorsed: the change whose very words it covers, else its version."""
    made = [change.entry.idx for change in changes if given.covers.get(change.element) == change.after]
    version = of.version(given.version)
    return made[-1] if made else version.entry.idx if version else None


def _rests_on(seal: Entry, given: Endorsement) -> bool:
    named = seal.event.data.get("endorsements")
    return isinstance(named, list) and given.id in named


def _number(entry: Entry) -> int:
    number = entry.event.data.get("version")
    return number if isinstance(number, int) else 0


def _place(row: Row) -> int:
    return row.comment.entry.idx if row.comment else row.changes[0].entry.idx


def _by_element(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.element, []).append(change)
    return found
