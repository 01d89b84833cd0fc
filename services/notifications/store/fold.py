"""The fold of events: what notifications knows of the others, the news people are told of, what became of notices."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from psycopg.types.json import Jsonb

from services.kernel import documents
from services.kernel.db import Transaction
from services.kernel.events import Event
from services.notifications.domain import RULES, TooEarly

# What the words and the rules need of an event's data; never a private value, and no document.
DETAILS = (
    *("comment", "version", "kind", "element", "disposition", "answered_in", "submission", "missing", "credential"),
    *("organisation", "person", "token", "purpose", "expires_at", "handed_over"),
)


def project(tx: Transaction, event: Event) -> None:
    """Fold one event into the rows. Different subjects may come in any order, a draft's events in sequence."""
    if fold := _FOLDS.get(event.type):
        fold(tx, event)
    if event.type in RULES:
        _news(tx, event)


def _news(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO news (event, type, time, actor, organisation, consultation, draft, details)
           VALUES (%(event)s, %(type)s, %(time)s, %(actor)s, %(organisation)s, %(consultation)s, %(draft)s, %(details)s)
           ON CONFLICT DO NOTHING""",
        {
            "event": event.id,
            "type": event.type,
            "time": event.time,
            "actor": event.actor,
            "organisation": event.organisation,
            "consultation": event.data.get("consultation"),
            "draft": event.data.get("draft"),
            "details": Jsonb({name: event.data[name] for name in DETAILS if name in event.data}),
        },
    )


def _organisation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO organisation AS o (organisation, name, sequence)
           VALUES (%(organisation)s, %(name)s, %(sequence)s)
           ON CONFLICT (organisation) DO UPDATE SET name = excluded.name, sequence = excluded.sequence
           WHERE o.sequence < excluded.sequence""",
        {**event.data, "sequence": event.sequence},
    )


def _display_name(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO person AS p (person, display_name, sequence) VALUES (%(person)s, %(name)s, %(sequence)s)
           ON CONFLICT (person) DO UPDATE SET display_name = excluded.display_name, sequence = excluded.sequence
           WHERE p.sequence < excluded.sequence""",
        {"person": event.data["person"], "name": event.words("/data/display_name"), "sequence": event.sequence},
    )


def _joined(tx: Transaction, event: Event) -> None:
    _display_name(tx, event)
    _membership(tx, event, joined=event.sequence)
    for role in event.data["roles"]:
        _role(tx, event, role, held=True)


def _erased(tx: Transaction, event: Event) -> None:
    tx.execute("UPDATE person SET display_name = NULL WHERE person = %(person)s", event.data)
    _membership(tx, event, left=event.sequence)


def _withheld(tx: Transaction, event: Event) -> None:
    """The name of a person is the one private value that is folded here."""
    about = event.data["about"]
    if (about["type"], event.data["pointer"]) in _NAMES:
        tx.execute(
            "UPDATE person SET display_name = NULL WHERE person = %(subject)s AND sequence = %(sequence)s", about
        )


def _membership(tx: Transaction, event: Event, *, joined: int = 0, left: int = 0) -> None:
    tx.execute(
        """INSERT INTO membership AS m (person, organisation, joined_by, left_by)
           VALUES (%(person)s, %(organisation)s, %(joined)s, %(left)s)
           ON CONFLICT (person, organisation) DO UPDATE SET
               joined_by = greatest(m.joined_by, excluded.joined_by),
               left_by = greatest(m.left_by, excluded.left_by)""",
        {**event.data, "joined": joined, "left": left},
    )


def _role(tx: Transaction, event: Event, role: str, *, held: bool) -> None:
    tx.execute(
        """INSERT INTO role AS r (person, organisation, role, held, sequence)
           VALUES (%(person)s, %(organisation)s, %(role)s, %(held)s, %(sequence)s)
           ON CONFLICT (person, organisation, role) DO UPDATE SET held = excluded.held, sequence = excluded.sequence
           WHERE r.sequence < excluded.sequence""",
        {**event.data, "role": role, "held": held, "sequence": event.sequence},
    )


def _opened_draft(tx: Transaction, event: Event) -> None:
    document = event.data["document"]
    tx.execute(
        """INSERT INTO draft (draft, organisation, title, document)
           VALUES (%(draft)s, %(organisation)s, %(title)s, %(document)s)""",
        {**event.data, **_document(document)},
    )


def _revised_draft(tx: Transaction, event: Event) -> None:
    before = tx.value("SELECT document FROM draft WHERE draft = %(draft)s FOR UPDATE", event.data)
    if before is None:
        raise TooEarly(f"draft {event.subject} is not known here yet")
    after = documents.patched(json.loads(before), event.data["patch"])
    tx.execute(
        "UPDATE draft SET title = %(title)s, document = %(document)s WHERE draft = %(draft)s",
        {"draft": event.subject, **_document(after)},
    )


def _document(document: Mapping[str, Any]) -> dict[str, str]:
    texts = document.get("title") or {}
    title = texts.get("en") or next(iter(texts.values()), "") if isinstance(texts, Mapping) else str(texts)
    return {"title": title, "document": documents.canonical(document).decode()}


def _opened_consultation(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO consultation (consultation, draft, organisation, closes_at)
           VALUES (%(consultation)s, %(draft)s, %(organisation)s, %(closes_at)s)""",
        event.data,
    )


def _notice(tx: Transaction, event: Event) -> None:
    tx.execute(
        """INSERT INTO notice (notice, person, about, channel, ground, time)
           VALUES (%(notice)s, %(person)s, %(about)s, %(channel)s, %(ground)s, %(time)s)""",
        {"ground": None, **event.data, "time": event.time},
    )


_NAMES = {
    ("accounts.person.joined.v1", "/data/display_name"),
    ("accounts.person.changed.v1", "/data/display_name"),
}
_FOLDS: Mapping[str, Callable[[Transaction, Event], None]] = {
    "accounts.organisation.registered.v1": _organisation,
    "accounts.organisation.changed.v1": _organisation,
    "accounts.person.joined.v1": _joined,
    "accounts.person.changed.v1": _display_name,
    "accounts.person.left.v1": lambda tx, event: _membership(tx, event, left=event.sequence),
    "accounts.person.erased.v1": _erased,
    "audit.text.withheld.v1": _withheld,
    "accounts.role.granted.v1": lambda tx, event: _role(tx, event, event.data["role"], held=True),
    "accounts.role.revoked.v1": lambda tx, event: _role(tx, event, event.data["role"], held=False),
    "catalogue.draft.opened.v1": _opened_draft,
    "catalogue.draft.revised.v1": _revised_draft,
    "codesign.consultation.opened.v1": _opened_consultation,
    "notifications.notice.delivered.v1": _notice,
    "notifications.notice.failed.v1": _notice,
}
