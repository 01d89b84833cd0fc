"""The rows of co-design: read for the rules (`rows.py`) and for people (`seen.py`), written from events (`fold.py`)."""

from services.codesign.store.fold import project
from services.codesign.store.rows import (
    as_consultation,
    as_endorsement,
    comment,
    consultation,
    consultation_of_draft,
    draft,
    endorsements,
    find_consultation,
    invitation,
    known,
    open_comments,
    version,
)

__all__ = [
    "as_consultation",
    "as_endorsement",
    "comment",
    "consultation",
    "consultation_of_draft",
    "draft",
    "endorsements",
    "find_consultation",
    "invitation",
    "known",
    "open_comments",
    "project",
    "version",
]
