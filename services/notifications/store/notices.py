"""Notices: the claim that a person is told once, and the inbox they read."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import DictRow

from services.kernel.db import Transaction
from services.notifications.domain import Notice
from services.notifications.store.nearby import SCENE, scene_of
from services.notifications.words import Scene


def claim(tx: Transaction, notice: Notice) -> bool:
    """Claim to tell a person of an event on a channel; False where that was done before."""
    claimed = tx.execute(
        """INSERT INTO notifications_own.told (event, person, channel, notice)
           VALUES (%(event)s, %(person)s, %(channel)s, %(notice)s) ON CONFLICT DO NOTHING""",
        {"event": notice.about, "person": notice.person, "channel": notice.channel, "notice": notice.notice},
    )
    return claimed.rowcount == 1


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an inbox: the notice, what it is about, and since when it is read (None: new)."""

    notice: str
    event: str
    time: datetime
    read_at: datetime | None
    scene: Scene

    @property
    def place(self) -> str:
        """Where it stands in the inbox: what is new first, then the newest."""
        return f"{'new' if self.read_at is None else 'old'}:{self.notice}"


_ITEMS = f"""
    SELECT t.notice, m.at AS read_at, s.*
    FROM notice t JOIN ({SCENE}) s ON s.event = t.about
    LEFT JOIN notifications_own.read_mark m ON m.notice = t.notice
    WHERE t.person = %(person)s AND t.channel = 'inbox' AND t.ground IS NULL"""


def inbox(tx: Transaction, person: str, *, after: str | None, limit: int) -> list[Item]:
    """Return a person's notices, what is new first and each part newest first, from behind the place `after`."""
    state, _, notice = (after or "").partition(":")
    rows = tx.all(
        f"""{_ITEMS} AND CASE %(state)s
                WHEN 'new' THEN m.at IS NOT NULL OR t.notice < %(notice)s
                WHEN 'old' THEN m.at IS NOT NULL AND t.notice < %(notice)s
                ELSE true END
            ORDER BY m.at IS NOT NULL, t.notice DESC LIMIT %(limit)s""",
        {"person": person, "state": state, "notice": notice, "limit": limit},
    )
    return [_item(row) for row in rows]


def one(tx: Transaction, person: str, notice: str) -> Item | None:
    """Return one of a person's notices, or None where it is not theirs."""
    row = tx.one(f"{_ITEMS} AND t.notice = %(notice)s", {"person": person, "notice": notice})
    return None if row is None else _item(row)


def _item(row: DictRow) -> Item:
    return Item(row["notice"], row["event"], row["time"], row["read_at"], scene_of(row))


_NEW = """
    FROM notice t
    WHERE t.person = %(person)s AND t.channel = 'inbox' AND t.ground IS NULL
      AND NOT EXISTS (SELECT 1 FROM notifications_own.read_mark m WHERE m.notice = t.notice)"""


def unread(tx: Transaction, person: str) -> int:
    """Count a person's new notices."""
    count: int = tx.value(f"SELECT count(*) {_NEW}", {"person": person})
    return count


def mark_read(tx: Transaction, person: str, notice: str, now: datetime, *, all_before: bool = False) -> None:
    """Mark one of a person's notices as read, and with `all_before` every older one; what came later stays new."""
    tx.execute(
        f"""INSERT INTO notifications_own.read_mark (notice, at)
            SELECT t.notice, %(now)s {_NEW} AND t.notice {"<=" if all_before else "="} %(notice)s
            ON CONFLICT DO NOTHING""",
        {"person": person, "notice": notice, "now": now},
    )
