"""Replay: every design and its consultations as they were at a point of the record, made again from the entries alone.

Nothing but entries and the private values beside them is asked, the directory of the pages neither. Designs are read a
hundred at a time, so a long record needs no more memory than a short one.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from services.audit.reading.consultations import Consultation, consultation
from services.audit.reading.designs import Design, design
from services.audit.reading.entries import Entry
from services.kernel import clock
from services.kernel.events import Event, PrivateValue

AT_ONCE = 100  # designs

OPENING = "codesign.consultation.opened.v1"
OF_DESIGNS = (
    "catalogue.draft.opened.v1",
    "catalogue.draft.revised.v1",
    "catalogue.draft.submitted.v1",
    "catalogue.draft.recalled.v1",
    "catalogue.credential.published.v1",
)

Connection = psycopg.Connection[tuple[Any, ...]]

_read = json.JSONDecoder().decode  # the bytes were judged when they entered; `countersign audit verify` judges again


@dataclass(frozen=True, slots=True)
class Misfit:
    """An entry that does not fit: what it states is not what follows from the entries before it."""

    idx: int
    why: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """A design with its consultations, read up to some entry; and the entries that do not fit."""

    design: Design
    consultations: Sequence[Consultation]
    misfits: Sequence[Misfit]


def replay(connection: Connection, size: int) -> Iterator[Replayed]:
    """Yield every design that the first `size` entries tell of, by its id."""
    consultations = _consultations(connection, size)
    designs = sorted({*consultations, *_designs(connection, size)})
    for first in range(0, len(designs), AT_ONCE):
        some = designs[first : first + AT_ONCE]
        subjects = [*some, *(id for of in some for id in consultations.get(of, ()))]
        entries, spoilt = _entries(connection, subjects, size)
        for of in some:
            read = design(of, entries.get(of, ()))
            found = [consultation(id, read, entries.get(id, ())) for id in consultations.get(of, ())]
            bad = [misfit for id in (of, *consultations.get(of, ())) for misfit in spoilt.get(id, ())]
            yield Replayed(read, found, sorted([*bad, *_misfits(read)], key=lambda misfit: misfit.idx))


def _consultations(connection: Connection, size: int) -> dict[str, list[str]]:
    """Return the consultations on each design, in the order in which they were opened."""
    found = defaultdict(list)
    statement = "SELECT subject, body FROM entry WHERE type = %s AND source = '/codesign' AND idx < %s ORDER BY idx"
    for subject, body in connection.execute(statement, [OPENING, size]):
        of = _read(body.decode())["data"].get("draft")
        if isinstance(of, str):
            found[of].append(subject)
    return {of: list(dict.fromkeys(subjects)) for of, subjects in found.items()}


def _designs(connection: Connection, size: int) -> Iterator[str]:
    statement = "SELECT DISTINCT subject FROM entry WHERE type = ANY(%s) AND source = '/catalogue' AND idx < %s"
    for (subject,) in connection.execute(statement, [list(OF_DESIGNS), size]):
        yield subject


def _entries(
    connection: Connection, subjects: Sequence[str], size: int
) -> tuple[Mapping[str, list[Entry]], Mapping[str, list[Misfit]]]:
    """Return the entries of subjects, in the order of the record; and those that cannot be read."""
    statement = "SELECT idx, subject, body FROM entry WHERE subject = ANY(%s) AND idx < %s ORDER BY idx"
    rows = connection.cursor(binary=True).execute(statement, [list(subjects), size]).fetchall()
    private = _private(connection, subjects, size)
    found, spoilt = defaultdict(list), defaultdict(list)
    for idx, subject, body in rows:
        try:
            found[subject].append(Entry(idx, _event(body, private)))
        except (ValueError, KeyError, TypeError):
            spoilt[subject].append(Misfit(idx, "its bytes are no event any more"))
    return found, spoilt


def _event(body: bytes, private: Mapping[str, tuple[PrivateValue, ...]]) -> Event:
    said = _read(body.decode())
    return Event(
        id=said["id"],
        source=said["source"],
        type=said["type"],
        subject=said["subject"],
        time=clock.parse(said["time"]),
        dataschema=said["dataschema"],
        data=said["data"],
        sequence=said["sequence"],
        actor=said["actor"],
        organisation=said.get("organisation"),
        correlationid=said["correlationid"],
        causationid=said.get("causationid"),
        traceparent=said.get("traceparent"),
        body=body,
        private=private.get(said["id"], ()),
    )


def _private(connection: Connection, subjects: Sequence[str], size: int) -> dict[str, tuple[PrivateValue, ...]]:
    found: dict[str, tuple[PrivateValue, ...]] = {}
    rows = connection.execute(
        """SELECT event_id::text, pointer, value, salt, person FROM private JOIN entry USING (event_id)
           WHERE subject = ANY(%s) AND idx < %s""",
        [list(subjects), size],
    )
    for event_id, pointer, value, salt, person in rows:
        kept = PrivateValue(pointer, _read(value), bytes(salt).hex(), person)
        found[event_id] = (*found.get(event_id, ()), kept)
    return found


def _misfits(read: Design) -> Iterator[Misfit]:
    handed_in = {submission.entry.idx for submission in read.submissions}
    for version in read.versions:
        if not version.whole and version.entry.idx not in handed_in:
            other = "the document that follows from the entries is not the one whose hash it states"
            yield Misfit(version.entry.idx, version.problem or other)
    for submission in read.submissions:
        if not submission.whole:
            yield Misfit(submission.entry.idx, "the document it hands in is not that version")
