"""The blueprint that every page of accounts hangs on, and the words its templates use."""

from collections.abc import Iterable

from services.accounts import words
from services.accounts.commands import Invitable
from services.accounts.domain.addresses import masked
from services.kernel.http import PageBlueprint
from services.kernel.language import say

Options = list[tuple[str, str]]

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
        "masked": masked,
        "role_options": role_options,
        "organisation_options": organisation_options,
    }


def role_options(roles: Iterable[str]) -> Options:
    """Return roles as a form offers them, each with what it does."""
    return [(role, say("{role}: {what}", role=words.ROLES[role], what=words.WHAT_ROLES_DO[role])) for role in roles]


def organisation_options(invitable: Invitable) -> Options:
    """Return organisations as a form offers them, each with what it is."""
    return [
        (o.id, say("{name} ({standing})", name=o.name, standing=words.STANDINGS[o.standing]))
        for o, _ in invitable.organisations
    ]
