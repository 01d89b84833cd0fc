"""The pages of accounts, by story; each module adds its views to the blueprint."""

from services.accounts.pages import account, home, organisations, people, sign_in
from services.accounts.pages.blueprint import pages

__all__ = ["account", "home", "organisations", "pages", "people", "sign_in"]
