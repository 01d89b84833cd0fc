"""The use cases of accounts, one function each."""

from services.accounts.commands.invitations import Invite, Invited, invitable, invite, revoke_link
from services.accounts.commands.links import Letter, LinkView, letter, look_at_link, mint_link, request_link
from services.accounts.commands.organisations import (
    confirm,
    find_organisation,
    organisation,
    organisations,
    register,
    rename,
)
from services.accounts.commands.people import (
    add_person,
    change_name,
    everybody,
    find_person,
    grant_role,
    leave,
    me,
    people,
    revoke_role,
)
from services.accounts.commands.sessions import (
    Opened,
    end_session,
    forget_past,
    redeem,
    renew,
    sessions,
    sign_out,
)

__all__ = [
    "Invite",
    "Invited",
    "Letter",
    "LinkView",
    "Opened",
    "add_person",
    "change_name",
    "confirm",
    "end_session",
    "everybody",
    "find_organisation",
    "find_person",
    "forget_past",
    "grant_role",
    "invitable",
    "invite",
    "leave",
    "letter",
    "look_at_link",
    "me",
    "mint_link",
    "organisation",
    "organisations",
    "people",
    "redeem",
    "register",
    "rename",
    "renew",
    "request_link",
    "revoke_link",
    "revoke_role",
    "sessions",
    "sign_out",
]
