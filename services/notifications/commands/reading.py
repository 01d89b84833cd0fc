"""Show a person their inbox, and mark what they have read."""

from collections.abc import Sequence
from typing import Any

from services.kernel import clock, db
from services.kernel.errors import NotFound
from services.kernel.events import Actor
from services.kernel.language import say
from services.notifications.store import notices
from services.notifications.store.notices import Item
from services.notifications.words import wording

Line = dict[str, Any]  # an item in the words and fields of the doors: schemas.Notice, and its `place` in the list


def inbox(actor: Actor, *, after: str | None = None, limit: int = 50) -> Sequence[Line]:
    """Return the actor's notices, what is new first and each part newest first, from behind a place in the list."""
    with db.of("notifications").transaction(read_only=True) as tx:
        return [_line(item) for item in notices.inbox(tx, actor.person, after=after, limit=limit)]


def unread(actor: Actor) -> int:
    """Count what is new in the actor's inbox."""
    with db.of("notifications").transaction(read_only=True) as tx:
        return notices.unread(tx, actor.person)


def follow(actor: Actor, notice: str) -> str:
    """Return the path a notice of the actor leads to, and mark it as read; raise NotFound where it is not theirs."""
    with db.of("notifications").transaction() as tx:
        item = notices.one(tx, actor.person, notice)
        if item is None:
            raise _not_theirs()
        notices.mark_read(tx, actor.person, notice, clock.now())
        return str(_line(item)["link"])


def read(actor: Actor, notice: str) -> None:
    """Mark one of the actor's notices as read; raise NotFound where it is not theirs."""
    with db.of("notifications").transaction() as tx:
        if notices.one(tx, actor.person, notice) is None:
            raise _not_theirs()
        notices.mark_read(tx, actor.person, notice, clock.now())


def read_all(actor: Actor, until: str) -> None:
    """Mark as read what is in the actor's inbox up to a notice they have seen."""
    with db.of("notifications").transaction() as tx:
        notices.mark_read(tx, actor.person, until, clock.now(), all_before=True)


def _not_theirs() -> NotFound:
    return NotFound(say("There is no such notice in your inbox. Your inbox shows what there is."))


def _line(item: Item) -> Line:
    say = wording(item.scene)
    return {
        "notice": item.notice,
        "place": item.place,
        "kind": item.scene.type,
        "event": item.event,
        "text": say.sentence,
        "action": say.action,
        "link": say.path,
        "time": item.time,
        "read_at": item.read_at,
    }
