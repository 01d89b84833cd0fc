"""Withholding one text: proposed, looked at by a second person, decided; and what was decided so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.audit.directory.policy import Reader
from services.audit.domain import withholding as rules
from services.audit.domain.withholding import Decision, Proposal
from services.audit.reading.entries import Entry
from services.audit.telling import timeline
from services.audit.telling.names import Names, names, persons
from services.audit.telling.timeline import Told
from services.kernel import clock, db, ids, outbox
from services.kernel.db import Transaction
from services.kernel.errors import NotFound, Refused
from services.kernel.events import Actor, Event
from services.kernel.language import say

COLUMNS = """id::text, event_id::text AS event, pointer, ground, proposed_by, by_administrator, proposed_at, decision,
             decided_by, decided_at"""
MOST = 200  # decided ones that are listed; the record has all of them

WHOLE = Reader(everything=True)  # who decides about a text reads that one entry, whoever it is for


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal beside the entry it is about, with the text while it is there, and the names of who took part."""

    proposal: Proposal
    told: Told
    value: Any
    proposer: str
    decider: str | None


def propose(actor: Actor, idx: int, pointer: str, ground: str) -> str:
    """Propose to withhold a text beside an entry, and return the proposal's id; raise Refused where one is open."""
    with db.of("audit").transaction() as tx:
        rules.must_take_part(actor)
        entry = _entry(tx, idx)
        proposal = rules.propose(actor, ids.new_id(), entry.event, pointer, ground, clock.now())
        return _keep(tx, proposal)


def confirm(actor: Actor, id: str) -> Event:
    """Withhold the text, as the second person: it goes everywhere."""
    with db.of("audit").transaction() as tx:
        proposal = _find(tx, id, lock=True)
        event = outbox.emit(tx, rules.confirm(actor, proposal, _entries(tx, [proposal])[0].event))
        _decide(tx, proposal, "withheld", actor, event.time)
        return event


def leave(actor: Actor, id: str) -> None:
    """Leave the text where it is."""
    with db.of("audit").transaction() as tx:
        proposal = _find(tx, id, lock=True)
        rules.leave(actor, proposal)
        _decide(tx, proposal, "left", actor, clock.now())


def text(actor: Actor, idx: int, pointer: str) -> Told:
    """Return the entry of a text that somebody may propose to withhold; raise Refused where there is no such text."""
    with db.of("audit").transaction() as tx:
        rules.must_take_part(actor)
        entry = _entry(tx, idx)
        rules.propose(actor, "", entry.event, pointer, "", clock.now())
        return timeline.tell([entry], names(tx, [entry]))[0]


def proposals(actor: Actor) -> Sequence[Shown]:
    """Return the proposals: those that wait first, then the newest decided."""
    with db.of("audit").transaction() as tx:
        rules.must_take_part(actor)
        rows = tx.all(
            f"""SELECT {COLUMNS} FROM audit_own.proposal
                ORDER BY decision IS NOT NULL, coalesce(decided_at, proposed_at) DESC, id LIMIT %(most)s""",
            {"most": MOST},
        )
        return _shown(tx, [Proposal(**row) for row in rows])


def proposal(actor: Actor, id: str) -> Shown:
    """Return one proposal; raise NotFound."""
    with db.of("audit").transaction() as tx:
        rules.must_take_part(actor)
        return _shown(tx, [_find(tx, id)])[0]


def _keep(tx: Transaction, proposal: Proposal) -> str:
    statement = """INSERT INTO audit_own.proposal
                       (id, event_id, pointer, ground, proposed_by, by_administrator, proposed_at)
                   VALUES (%(id)s, %(event)s, %(pointer)s, %(ground)s, %(by)s, %(administrator)s, %(at)s)
                   ON CONFLICT (event_id, pointer) WHERE decision IS NULL DO NOTHING"""
    values = {
        "id": proposal.id,
        "event": proposal.event,
        "pointer": proposal.pointer,
        "ground": proposal.ground,
        "by": proposal.proposed_by,
        "administrator": proposal.by_administrator,
        "at": proposal.proposed_at,
    }
    if tx.execute(statement, values).rowcount == 0:
        raise Refused(say("Somebody has proposed this already; it waits for a second person."), code="proposed")
    return proposal.id


def _decide(tx: Transaction, proposal: Proposal, decision: Decision, actor: Actor, at: datetime) -> None:
    tx.execute(
        """UPDATE audit_own.proposal SET decision = %(decision)s, decided_by = %(by)s, decided_at = %(at)s
           WHERE id = %(id)s""",
        {"decision": decision, "by": actor.person, "at": at, "id": proposal.id},
    )


def _find(tx: Transaction, id: str, *, lock: bool = False) -> Proposal:
    row = tx.one(
        f"SELECT {COLUMNS} FROM audit_own.proposal WHERE id = %(id)s" + (" FOR UPDATE" if lock else ""), {"id": id}
    )
    if row is None:
        raise NotFound(say("There is no such proposal."))
    return Proposal(**row)


def _entry(tx: Transaction, idx: int) -> Entry:
    return timeline.entries_of(tx, WHOLE, [timeline.row(tx, WHOLE, idx)])[0]


def _entries(tx: Transaction, proposals: Sequence[Proposal]) -> list[Entry]:
    """Return the entries that proposals are about."""
    rows = tx.all(
        "SELECT *, '{}'::text[] AS matched FROM entry WHERE event_id = ANY(%(ids)s::uuid[])",
        {"ids": [proposal.event for proposal in proposals]},
    )
    return timeline.entries_of(tx, WHOLE, rows)


def _shown(tx: Transaction, proposals: Sequence[Proposal]) -> list[Shown]:
    entries = _entries(tx, proposals)
    known = names(tx, entries)
    known.persons |= persons(tx, [p for one in proposals for p in (one.proposed_by, one.decided_by) if p])
    told = {one.entry.event.id: one for one in timeline.tell(entries, known)}
    return [_beside(proposal, told[proposal.event], known) for proposal in proposals]


def _beside(proposal: Proposal, told: Told, known: Names) -> Shown:
    values = {value.pointer: value.value for value in told.entry.event.private}
    decider = known.person(proposal.decided_by) if proposal.decided_by else None
    return Shown(proposal, told, values.get(proposal.pointer), known.person(proposal.proposed_by), decider)
