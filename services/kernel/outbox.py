"""The outbox: a change and the news of it are one transaction."""

import json
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from services.kernel import claims, clock, contracts, erasures, events, ids, tracing
from services.kernel.db import Transaction
from services.kernel.errors import Malformed, TooLarge
from services.kernel.events import Event, Fact, PrivateValue
from services.kernel.language import say


def emit(tx: Transaction, fact: Fact) -> Event:
    """Write the event of a fact into the outbox of the caller's transaction and return it.

    Private values get a commitment in their place and travel beside. Raise Malformed where the fact breaks its contract
    (a programmer's mistake), TooLarge where it is larger than an entry of the log can be (events.md, rules 4 and 5).
    What is erased already goes out without its words.
    """
    id = ids.new_id()
    data, private = _seal(fact, id)
    contracts.check_sent(fact.type, data)
    event = events.make(
        fact=fact,
        id=id,
        sequence=_next_sequence(tx, fact.subject),
        time=clock.now(),
        data=data,
        private=private,
        trace=tracing.links(),
    )
    (event,) = erasures.spare(tx, [event])
    tx.execute(
        f"""INSERT INTO {tx.service}_own.outbox (event_id, type, body, private)
            VALUES (%(id)s, %(type)s, %(body)s, %(private)s)""",
        {"id": id, "type": event.type, "body": event.body, "private": _as_column(event.private)},
    )
    claims.write(tx, id)
    tx.after_commit(tx.wake)
    return event


def _seal(fact: Fact, event_id: str) -> tuple[dict[str, Any], tuple[PrivateValue, ...]]:
    data, private, person = dict(fact.data), [], fact.person or fact.actor.person
    if person not in (fact.actor.person, fact.subject):
        raise Malformed(f"{fact.type}: private values are the actor's or the subject's, else no erasure explains them")
    for pointer, value_schema in contracts.personal_pointers(fact.type):
        holder, name = _holder(data, pointer)
        if holder is None or holder.get(name) is None:
            continue
        contracts.check_private(fact.type, pointer, value_schema, holder[name])
        sealed, holder[name] = events.seal_private(event_id, f"/data{pointer}", holder[name], person)
        private.append(sealed)
    return data, tuple(private)


def _holder(data: dict[str, Any], pointer: str) -> tuple[dict[str, Any] | None, str]:
    """Return the object that holds the place, copied on the way so that the fact itself stays as it was."""
    *path, name = pointer.split("/")[1:]
    holder = data
    for step in path:
        if not isinstance(holder.get(step), Mapping):
            return None, name
        holder[step] = dict(holder[step])
        holder = holder[step]
    return holder, name


def _next_sequence(tx: Transaction, subject: str) -> int:
    sequence: int = tx.value(
        f"""INSERT INTO {tx.service}_own.stream AS s (subject, sequence) VALUES (%(subject)s, 1)
            ON CONFLICT (subject) DO UPDATE SET sequence = s.sequence + 1 RETURNING sequence""",
        {"subject": subject},
    )
    return sequence


def _as_column(private: tuple[PrivateValue, ...]) -> Jsonb:
    rows = [value.as_json() for value in private]
    size = len(json.dumps(rows, ensure_ascii=False).encode())
    if size > events.MAX_PRIVATE_BYTES:
        raise TooLarge(
            say(
                "The texts have {size:,} bytes together; at most {most:,} can be sent at once.",
                size=size,
                most=events.MAX_PRIVATE_BYTES,
            )
        )
    return Jsonb(rows)
