"""The blueprint that every page of accounts hangs on, and the words its templates use."""

from services.accounts import words
from services.kernel.http import PageBlueprint

pages = PageBlueprint("accounts", "services.accounts")


@pages.context_processor
def vocabulary() -> dict[str, object]:
    """The words for standings, roles and grounds."""
    return {
        "standings": words.STANDINGS,
        "roles": words.ROLES,
        "what_roles_do": words.WHAT_ROLES_DO,
        "grounds": words.GROUNDS,
        "countries": words.COUNTRIES,
    }
