"""The directory: who is who in the log, and for whom each entry is; folded from the entries, in their order.

It judges payloads, which the recorder never does: what it cannot read it passes over, and only auditors see that entry.
"""

from collections.abc import Sequence

import psycopg

from services.audit.directory.folding import Fold, take
from services.audit.reading.entries import Entry, read
from services.kernel import telemetry
from services.kernel.db import Transaction

MOST = 500  # entries folded at once

# What a payload can hold and no column takes: a NUL, a number past all bounds, a name of a thousand pages.
NOT_FOR_COLUMNS = (psycopg.DataError, psycopg.errors.ProgramLimitExceeded)

say = telemetry.get_logger("countersign.directory")


def follow(tx: Transaction, most: int = MOST) -> int:
    """Fold what the log holds beyond what is folded; return how many entries. Where another is at it, leave it be."""
    followed = tx.one("SELECT size FROM followed FOR UPDATE SKIP LOCKED")
    if followed is None:
        return 0
    rows = tx.all(
        """SELECT *, true AS close, true AS words FROM entry
           WHERE idx >= %(first)s ORDER BY idx LIMIT %(most)s""",
        {"first": followed["size"], "most": most},
    )
    if rows:
        _project_or_pass_over(tx, read(tx, rows))
        tx.execute("UPDATE followed SET size = size + %(more)s", {"more": len(rows)})
    return len(rows)


def begin_anew(tx: Transaction) -> None:
    """Forget all that was folded: for when the fold itself was changed."""
    tx.execute("SET LOCAL statement_timeout = 0")  # an old log has millions of rows here
    for table in ("audience", "comment", "participant", "consultation", "design", "person", "organisation"):
        tx.execute(f"DELETE FROM {table}")
    tx.execute("UPDATE followed SET size = 0")


def _project_or_pass_over(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Fold entries together; where one of them cannot be folded, each by itself, and that one not."""
    try:
        with tx.connection.transaction():
            _project(tx, entries)
    except NOT_FOR_COLUMNS as problem:
        if len(entries) > 1:
            for entry in entries:
                _project_or_pass_over(tx, [entry])
        else:
            say.warning("An entry tells the directory nothing", entry=entries[0].idx, problem=str(problem))


def _project(tx: Transaction, entries: Sequence[Entry]) -> None:
    fold = Fold(tx)
    for entry in entries:
        take(fold, entry)
    fold.write()
