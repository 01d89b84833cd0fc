"""What one can do in the catalogue: each use case is one function, each change one transaction, each story a file."""

from services.catalogue.commands.drafting import apply, open_draft, restore, revise
from services.catalogue.commands.hearing import hear_of_erasure
from services.catalogue.commands.importing import import_elm
from services.catalogue.commands.publishing import publish, recall, submit
from services.catalogue.commands.reading import (
    credential,
    credentials,
    draft,
    drafts,
    name_of,
    suggestion,
    version,
    versions,
)

__all__ = [
    "apply",
    "credential",
    "credentials",
    "draft",
    "drafts",
    "hear_of_erasure",
    "import_elm",
    "name_of",
    "open_draft",
    "publish",
    "recall",
    "restore",
    "revise",
    "submit",
    "suggestion",
    "version",
    "versions",
]
