"""The rows of accounts: `fold` is what the events say, the rest lies in accounts_own."""

from services.accounts.store.fold import project

__all__ = ["project"]
