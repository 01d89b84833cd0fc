"""Organisations: the list, one of them, and what an administrator or its lead does with it."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from services.accounts import commands, policy
from services.accounts.pages.blueprint import pages
from services.accounts.schemas import ConfirmationSchema, NameSchema, NewOrganisationSchema
from services.kernel.http import idempotent, read_form, redisplay, require_actor, signed_in, url


@pages.get("/organisations")
@signed_in()
def organisations() -> ResponseReturnValue:
    """List every organisation: names and standings are public."""
    actor = require_actor()
    return render_template(
        "accounts/organisations.html",
        organisations=commands.organisations(),
        administers=policy.is_administrator(actor),
        may_invite=policy.may_invite_somewhere(actor),
    )


@pages.get("/organisations/new")
@signed_in("administrator")
def new_organisation() -> ResponseReturnValue:
    """Show the form for a new one."""
    return render_template("accounts/new_organisation.html")


@pages.post("/organisations/new")
@signed_in("administrator")
@redisplay(new_organisation)
@idempotent
def register() -> ResponseReturnValue:
    """Register an organisation."""
    event = commands.register(require_actor(), read_form(NewOrganisationSchema))
    return redirect(url("accounts.organisation", organisation_id=event.subject, done="registered"), 303)


@pages.get("/organisations/<id:organisation_id>")
@signed_in()
def organisation(organisation_id: str) -> ResponseReturnValue:
    """Show one organisation, its people where one may see them, and what one may do here."""
    actor = require_actor()
    view = commands.organisation(actor, organisation_id)
    return render_template(
        "accounts/organisation.html",
        view=view,
        organisation=view.organisation,
        sees_people=policy.see_people(actor, organisation_id),
        looks_after=policy.looks_after(actor, organisation_id),
        may_invite=bool(policy.roles_to_give(actor, view.organisation)),
        may_confirm=not view.organisation.confirmed and policy.allows(policy.confirm, actor, view.organisation),
        may_rename=policy.allows(policy.rename, actor, view.organisation),
    )


@pages.post("/organisations/<id:organisation_id>")
@signed_in("administrator")
@redisplay(organisation)
@idempotent
def confirm(organisation_id: str) -> ResponseReturnValue:
    """Confirm what an organisation claims to be."""
    commands.confirm(require_actor(), organisation_id, read_form(ConfirmationSchema))
    return redirect(url("accounts.organisation", organisation_id=organisation_id, done="confirmed"), 303)


@pages.get("/organisations/<id:organisation_id>/name")
@signed_in("administrator", "lead")
def new_name(organisation_id: str) -> ResponseReturnValue:
    """Show the form for another name."""
    found = commands.organisation(require_actor(), organisation_id).organisation
    return render_template("accounts/rename.html", organisation=found)


@pages.post("/organisations/<id:organisation_id>/name")
@signed_in("administrator", "lead")
@redisplay(new_name)
@idempotent
def rename(organisation_id: str) -> ResponseReturnValue:
    """Change an organisation's public name."""
    commands.rename(require_actor(), organisation_id, read_form(NameSchema)["name"])
    return redirect(url("accounts.organisation", organisation_id=organisation_id, done="renamed"), 303)
