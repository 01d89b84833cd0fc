"""One's own account: the name shown, the sessions, leaving, being erased."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.accounts import commands
from services.accounts.pages import cookies
from services.accounts.pages.blueprint import pages
from services.accounts.schemas import DisplayNameSchema, ErasureSchema
from services.kernel.http import ANYWHERE, idempotent, read_form, redisplay, require_actor, signed_in, url


@pages.get("/me")
@signed_in(scope=ANYWHERE)
def me() -> ResponseReturnValue:
    """Show the account."""
    actor = require_actor()
    return render_template("accounts/me.html", me=commands.me(actor), sessions=commands.sessions(actor))


@pages.post("/me")
@signed_in(scope=ANYWHERE)
@redisplay(me)
@idempotent
def change_name() -> ResponseReturnValue:
    """Change the name shown beside one's acts."""
    commands.change_name(require_actor(), read_form(DisplayNameSchema)["display_name"])
    return redirect(url("accounts.me", done="name"), 303)


@pages.post("/me/sessions/<id:session_id>/end")
@signed_in(scope=ANYWHERE)
def end_session(session_id: str) -> ResponseReturnValue:
    """End one of one's own sessions."""
    actor = require_actor()
    commands.end_session(actor, session_id)
    if session_id == actor.session:
        return cookies.take_back(redirect(url("accounts.signed_out"), 303))
    return redirect(url("accounts.me", done="ended"), 303)


@pages.get("/me/leave")
@signed_in(scope=ANYWHERE)
def leaving() -> ResponseReturnValue:
    """Say what leaving means, before it is done."""
    return render_template("accounts/leave.html", me=commands.me(require_actor()))


@pages.post("/me/leave")
@signed_in(scope=ANYWHERE)
@redisplay(leaving)
def leave() -> ResponseReturnValue:
    """Leave the organisation, and with it the platform."""
    actor = require_actor()
    commands.leave(actor, actor.person)
    return cookies.take_back(redirect(url("accounts.signed_out", done="left"), 303))


@pages.get("/me/erase")
@signed_in(scope=ANYWHERE)
def erasing_oneself() -> ResponseReturnValue:
    """Say what goes and what stays, before it is done."""
    actor = require_actor()
    person, organisation = commands.erasable(actor, actor.person)
    return render_template("accounts/erase.html", person=person, organisation=organisation)


@pages.post("/me/erase")
@signed_in(scope=ANYWHERE)
@redisplay(erasing_oneself)
def erase_oneself() -> ResponseReturnValue:
    """Erase oneself, for good."""
    read_form(ErasureSchema)
    actor = require_actor()
    commands.erase(actor, actor.person)
    return cookies.take_back(redirect(url("accounts.signed_out", done="erased"), 303))
