"""What one can ask the timeline for: organisations, people and designs by name, as far as the reader may know them."""

from dataclasses import dataclass, field

from services.audit.directory import policy
from services.audit.reading.entries import private_values
from services.audit.telling import timeline
from services.kernel import db
from services.kernel.db import Transaction
from services.kernel.events import Actor

MOST = 300  # names to choose from; of more, one finds the entry first and goes on from there

Named = tuple[str, str]
"""An id, and the name that people know it by."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader can choose from, each by name: auditors of all, others of what is open to them."""

    organisations: list[Named] = field(default_factory=list)
    people: list[Named] = field(default_factory=list)
    designs: list[Named] = field(default_factory=list)


def choices(actor: Actor | None) -> Choices:
    """Return what somebody can choose from."""
    with db.of("audit").transaction(read_only=True) as tx:
        reader = timeline.reader_of(tx, actor)
        own = actor.organisation if actor and reader.own and reader.subject is None else None
        if reader.everything:
            return Choices(_organisations(tx), _people(tx, None), _designs(tx, reader, None))
        return Choices([], _people(tx, own) if own else [], _designs(tx, reader, own))


def _organisations(tx: Transaction) -> list[Named]:
    rows = tx.all("SELECT id, name FROM organisation ORDER BY lower(name), id LIMIT %(most)s", {"most": MOST + 1})
    return _if_few([(row["id"], row["name"]) for row in rows])


def _people(tx: Transaction, organisation: str | None) -> list[Named]:
    """Return the people of an organisation, or all, whose names are not erased."""
    rows = tx.all(
        """SELECT p.id, p.named_in FROM person p JOIN entry e ON e.event_id = p.named_in
           WHERE %(organisation)s::text IS NULL OR e.organisation = %(organisation)s LIMIT %(most)s""",
        {"organisation": organisation, "most": MOST + 1},
    )
    kept = private_values(tx, [row["named_in"] for row in rows])
    named = {
        row["id"]: str(value.value)
        for row in rows
        for value in kept.get(str(row["named_in"]), ())
        if value.pointer == "/data/display_name"
    }
    return _if_few(sorted(named.items(), key=lambda one: one[1].casefold()))


def _designs(tx: Transaction, reader: policy.Reader, own: str | None) -> list[Named]:
    """Return the designs that have an entry, or a consultation with an entry, that the reader may see."""
    rows = tx.all(
        """SELECT id, CASE WHEN %(everything)s OR organisation = %(own)s THEN title
                           ELSE coalesce(published_title, title) END AS title
           FROM design d WHERE title <> '' AND (%(everything)s OR EXISTS (
             SELECT FROM entry e JOIN audience a USING (idx) WHERE a.name = ANY(%(audiences)s)
             AND (%(only)s::text IS NULL OR e.subject = %(only)s)
             AND e.subject IN (SELECT d.id UNION ALL SELECT c.id FROM consultation c WHERE c.design = d.id)))
           ORDER BY lower(title), id LIMIT %(most)s""",
        {
            "everything": reader.everything,
            "own": own,
            "audiences": list(reader.audiences),
            "only": reader.subject,
            "most": MOST + 1,
        },
    )
    return _if_few([(row["id"], row["title"]) for row in rows])


def _if_few(found: list[Named]) -> list[Named]:
    return found if len(found) <= MOST else []
