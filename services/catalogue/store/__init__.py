"""The rows of the catalogue: SQL, the transaction first. `project` is the one way a fact becomes rows."""

from services.catalogue.store.drafts import draft, drafts_of, ever_used_ids, version, versions
from services.catalogue.store.fold import project
from services.catalogue.store.others import names, organisation
from services.catalogue.store.published import credential, credentials
from services.catalogue.store.suggestions import suggestion

__all__ = [
    "credential",
    "credentials",
    "draft",
    "drafts_of",
    "ever_used_ids",
    "names",
    "organisation",
    "project",
    "suggestion",
    "version",
    "versions",
]
