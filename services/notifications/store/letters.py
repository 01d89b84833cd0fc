"""Letters: mail that is still to be sent. A row is the work left to do; what became of it is told by an event."""

from dataclasses import dataclass
from datetime import datetime

from services.kernel.db import Transaction
from services.notifications.domain import Notice


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person: which try this is, and the private words it quotes, if any."""

    notice: Notice
    attempt: int
    words: str | None


def write(tx: Transaction, notice: Notice, words: str | None, author: str, now: datetime) -> None:
    """Leave a letter to be sent. `words` are the author's, and lie here until it is sent or given up."""
    tx.execute(
        """INSERT INTO notifications_own.letter (notice, event, person, words, author, due)
           VALUES (%(notice)s, %(event)s, %(person)s, %(words)s, %(author)s, %(now)s)""",
        {
            "notice": notice.notice,
            "event": notice.about,
            "person": notice.person,
            "words": words,
            "author": author,
            "now": now,
        },
    )


def take(tx: Transaction, now: datetime, until: datetime) -> Letter | None:
    """Take the letter that is due longest, for one try: nobody else takes it before `until`.

    The try is counted at once, so a letter that kills its process runs out of tries like any other.
    """
    row = tx.one(
        """UPDATE notifications_own.letter AS l SET attempt = attempt + 1, due = %(until)s
           FROM news n
           WHERE n.event = l.event AND l.notice = (
               SELECT notice FROM notifications_own.letter WHERE due <= %(now)s
               ORDER BY due, notice LIMIT 1 FOR UPDATE SKIP LOCKED)
           RETURNING l.notice, l.event, l.person, l.words, l.attempt, n.type""",
        {"now": now, "until": until},
    )
    if row is None:
        return None
    notice = Notice(row["notice"], row["person"], row["event"], row["type"], "email")
    return Letter(notice, row["attempt"], row["words"])


def put_back(tx: Transaction, letter: Letter, due: datetime, *, counted: bool) -> None:
    """Leave a letter for a later try; `counted` says whether the one just made counts."""
    tx.execute(
        """UPDATE notifications_own.letter SET due = %(due)s, attempt = %(attempt)s
           WHERE notice = %(notice)s AND attempt = %(taken)s""",
        {
            "notice": letter.notice.notice,
            "due": due,
            "attempt": letter.attempt if counted else letter.attempt - 1,
            "taken": letter.attempt,
        },
    )


def remove(tx: Transaction, letter: Letter) -> bool:
    """Remove a letter whose fate is decided; False where that was done already."""
    removed = tx.execute(
        "DELETE FROM notifications_own.letter WHERE notice = %(notice)s", {"notice": letter.notice.notice}
    )
    return removed.rowcount == 1


def blank_of(tx: Transaction, author: str) -> None:
    """Let no letter quote this author any more."""
    tx.execute("UPDATE notifications_own.letter SET words = NULL WHERE author = %(author)s", {"author": author})


def blank_about(tx: Transaction, event_id: str) -> None:
    """Let no letter quote what stood beside this event."""
    tx.execute("UPDATE notifications_own.letter SET words = NULL WHERE event = %(event)s", {"event": event_id})
