"""What comments of co-design suggest for a draft, kept until a designer applies it."""

import json

from services.catalogue.domain.acts import Suggestion
from services.kernel.db import Transaction
from services.kernel.documents import canonical
from services.kernel.errors import NotFound
from services.kernel.events import Event
from services.kernel.language import say


def suggestion(tx: Transaction, draft_id: str, comment_id: str) -> Suggestion:
    """Return what a comment suggests for a draft; raise NotFound where it suggests nothing, or was not heard yet."""
    row = tx.one(
        """SELECT comment_id::text AS comment, draft_id::text AS draft, version, pointer, patch, withdrawn
           FROM suggestion WHERE comment_id = %(comment)s AND draft_id = %(draft)s""",
        {"comment": comment_id, "draft": draft_id},
    )
    if row is None:
        raise NotFound(say("There is no such suggestion for this design. If it is quite new, try again in a moment."))
    return Suggestion(**{**row, "patch": json.loads(row["patch"] or "null")})


def suggested(tx: Transaction, event: Event) -> None:
    """Keep what a comment suggests; a comment without a suggestion is none of the catalogue's business."""
    if "suggestion" not in event.data:
        return
    patch = event.words("/data/suggestion")
    tx.execute(
        """INSERT INTO suggestion AS s (comment_id, draft_id, version, pointer, patch, author, stream, sequence)
           VALUES (%(comment)s, %(draft)s, %(version)s, %(pointer)s, %(patch)s, %(author)s, %(stream)s, %(sequence)s)
           ON CONFLICT (comment_id) DO UPDATE SET
               draft_id = excluded.draft_id, version = excluded.version, pointer = excluded.pointer,
               patch = excluded.patch, author = excluded.author, sequence = excluded.sequence""",
        {
            **event.data,
            "patch": None if patch is None else canonical(patch).decode(),
            "author": event.actor,
            "stream": event.subject,
            "sequence": event.sequence,
        },
    )


def withdrawn(tx: Transaction, event: Event) -> None:
    """Know that a comment was taken back, whichever is heard first."""
    tx.execute(
        """INSERT INTO suggestion (comment_id, stream, withdrawn) VALUES (%(comment)s, %(stream)s, true)
           ON CONFLICT (comment_id) DO UPDATE SET withdrawn = true""",
        {**event.data, "stream": event.subject},
    )
