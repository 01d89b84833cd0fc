"""People: inviting them, their roles, letting them go, erasing them."""

from urllib.parse import urlsplit, urlunsplit

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.accounts import commands, policy
from services.accounts.commands import Invited
from services.accounts.pages.blueprint import pages
from services.accounts.schemas import ErasureSchema, InvitationQuerySchema, InvitationSchema, RoleSchema
from services.kernel.http import (
    idempotent,
    local_path,
    read_form,
    read_query,
    redisplay,
    require_actor,
    signed_in,
    url,
)


@pages.get("/invite")
@signed_in("administrator", "lead", "designer")
def invitation() -> ResponseReturnValue:
    """Show the invitation's form; co-design leads here with a consultation and the way back."""
    query = read_query(InvitationQuerySchema)
    return render_template(
        "accounts/invite.html",
        invitable=commands.invitable(require_actor(), query.get("consultation")),
        organisation=query.get("organisation", ""),
        consultation=query.get("consultation"),
        next=local_path(query.get("next"), ""),
    )


@pages.post("/invite")
@signed_in("administrator", "lead", "designer")
@redisplay(invitation)
@idempotent
def invite() -> ResponseReturnValue:
    """Invite somebody by address, and go back to where one came from."""
    done = commands.invite(require_actor(), read_form(InvitationSchema))
    return redirect(_after_invitation(local_path(request.args.get("next"), ""), done), 303)


@pages.post("/organisations/<id:organisation_id>/invitations/<id:token>/revoke")
@signed_in()
def revoke_link(organisation_id: str, token: str) -> ResponseReturnValue:
    """Take an invitation back."""
    commands.revoke_link(require_actor(), token)
    return _to_organisation(organisation_id, "revoked")


@pages.get("/people/<id:person_id>")
@signed_in("administrator", "lead")
def person(person_id: str) -> ResponseReturnValue:
    """Show somebody one looks after: their roles, and what can be done."""
    actor = require_actor()
    found, organisation = commands.person(actor, person_id)
    return render_template(
        "accounts/person.html",
        person=found,
        organisation=organisation,
        to_give=sorted(policy.roles_to_give(actor, organisation) - found.roles),
        to_take=sorted(policy.roles_to_give(actor, organisation) & found.roles),
        may_erase=policy.is_administrator(actor) and actor.person != person_id,
    )


@pages.post("/people/<id:person_id>/grant")
@signed_in("administrator", "lead")
@redisplay(person)
@idempotent
def grant_role(person_id: str) -> ResponseReturnValue:
    """Give somebody one more role."""
    commands.grant_role(require_actor(), person_id, read_form(RoleSchema)["role"])
    return redirect(url("accounts.person", person_id=person_id, done="granted"), 303)


@pages.post("/people/<id:person_id>/revoke")
@signed_in("administrator", "lead")
@redisplay(person)
@idempotent
def revoke_role(person_id: str) -> ResponseReturnValue:
    """Take a role back."""
    commands.revoke_role(require_actor(), person_id, read_form(RoleSchema)["role"])
    return redirect(url("accounts.person", person_id=person_id, done="taken"), 303)


@pages.post("/people/<id:person_id>/leave")
@signed_in("administrator", "lead")
@redisplay(person)
def let_go(person_id: str) -> ResponseReturnValue:
    """Let somebody leave the organisation."""
    event = commands.leave(require_actor(), person_id)
    return _to_organisation(event.data["organisation"], "left")


@pages.get("/people/<id:person_id>/erase")
@signed_in("administrator")
def erasing(person_id: str) -> ResponseReturnValue:
    """Say what goes and what stays, before it is done."""
    person, organisation = commands.erasable(require_actor(), person_id)
    return render_template("accounts/erase.html", person=person, organisation=organisation)


@pages.post("/people/<id:person_id>/erase")
@signed_in("administrator")
@redisplay(erasing)
def erase(person_id: str) -> ResponseReturnValue:
    """Erase somebody, for good."""
    read_form(ErasureSchema)
    event = commands.erase(require_actor(), person_id)
    return _to_organisation(event.data["organisation"], "erased")


def _to_organisation(organisation_id: str, done: str) -> ResponseReturnValue:
    return redirect(url("accounts.organisation", organisation_id=organisation_id, done=done), 303)


def _after_invitation(next: str, done: Invited) -> str:
    """Return where to go on: back, saying whom it was about, or to the organisation."""
    if not next:
        return url("accounts.organisation", organisation_id=done.organisation, done="invited")
    parts = urlsplit(next)
    said = f"done=invited&organisation={done.organisation}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{said}" if parts.query else said))
