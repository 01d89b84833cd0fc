"""The first page after signing in: who one is here, and where to go."""

from flask import render_template
from flask.typing import ResponseReturnValue

from services.accounts import commands, policy
from services.accounts.pages.blueprint import pages
from services.kernel.http import ANYWHERE, require_actor, signed_in


@pages.get("/")
@signed_in(scope=ANYWHERE)
def home() -> ResponseReturnValue:
    """Show who is signed in, for which organisation, and the ways from here."""
    actor = require_actor()
    administers = policy.is_administrator(actor) and actor.scope is None
    claims = [o for o in commands.organisations() if not o.confirmed] if administers else []
    return render_template(
        "accounts/home.html",
        me=commands.me(actor),
        scope=actor.scope,
        claims=claims,
        administers=administers,
        may_invite=policy.may_invite_somewhere(actor) and actor.scope is None,
    )
