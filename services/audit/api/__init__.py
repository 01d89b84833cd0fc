"""The REST doors of the record: for everybody, as far as each may read."""

from services.audit.api import entries, states, tree, withholding
from services.audit.api.blueprint import api

__all__ = ["api", "entries", "states", "tree", "withholding"]
