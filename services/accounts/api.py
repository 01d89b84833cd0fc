"""The REST doors of accounts: organisations, people, links, sessions."""

from typing import Any

from flask import request

from services.accounts import commands, schemas
from services.accounts.commands import Invite, Opened
from services.accounts.devices import described
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.kernel.http import (
    ANYWHERE,
    ApiBlueprint,
    Created,
    Page,
    PageQuery,
    created,
    idempotent,
    local_path,
    public,
    require_actor,
    signed_in,
)
from services.kernel.http.answers import Answer

ON_ITS_WAY = "If the address is known here, a mail is on its way."

api = ApiBlueprint("accounts", __name__, description="Organisations, people, roles, sign-in and sessions.")


@api.route("/organisations")
@signed_in()
@api.arguments(PageQuery, location="query")
@api.response(200, schemas.OrganisationsSchema)
def organisations(page: Page) -> dict[str, Any]:
    """Every organisation, the oldest first."""
    return page.of(commands.organisations_page(page.after, page.limit + 1), key="id")


@api.route("/organisations", methods=["POST"])
@signed_in("administrator")
@idempotent
@api.arguments(schemas.NewOrganisationSchema)
@api.response(201, Created)
def register(wish: NewOrganisation) -> Answer:
    """Register an organisation; its standing is a claim until it is confirmed."""
    event = commands.register(require_actor(), wish)
    return created(event, f"/accounts/api/v1/organisations/{event.subject}")


@api.route("/organisations/<id:organisation_id>")
@signed_in()
@api.response(200, schemas.OrganisationSchema)
def organisation(organisation_id: str) -> object:
    """One organisation."""
    return commands.organisation(require_actor(), organisation_id).organisation


@api.route("/organisations/<id:organisation_id>/confirmation", methods=["POST"])
@signed_in("administrator")
@idempotent
@api.arguments(schemas.ConfirmationSchema)
@api.response(201, Created)
def confirm(wish: Confirmation, organisation_id: str) -> Answer:
    """Confirm that an organisation is what it claims to be; nobody does so for their own."""
    event = commands.confirm(require_actor(), organisation_id, wish)
    return created(event, f"/accounts/api/v1/organisations/{organisation_id}")


@api.route("/organisations/<id:organisation_id>/name", methods=["POST"])
@signed_in("administrator", "lead")
@idempotent
@api.arguments(schemas.NameSchema)
@api.response(201, Created)
def rename(wish: dict[str, str], organisation_id: str) -> Answer:
    """Change an organisation's public name."""
    event = commands.rename(require_actor(), organisation_id, wish["name"])
    return created(event, f"/accounts/api/v1/organisations/{organisation_id}")


@api.route("/organisations/<id:organisation_id>/people")
@signed_in()
@api.response(200, schemas.PeopleSchema)
def people(organisation_id: str) -> dict[str, Any]:
    """Who belongs to an organisation: for its own people and for administrators."""
    return {"items": commands.people(require_actor(), organisation_id)}


@api.route("/people/invitations", methods=["POST"])
@signed_in("administrator", "lead", "designer")
@idempotent
@api.arguments(schemas.InvitationSchema)
@api.response(201, schemas.InvitedSchema)
def invite(wish: Invite) -> Answer:
    """Invite somebody by address; a mail with a link follows."""
    done = commands.invite(require_actor(), wish)
    body, headers = created(done.event, f"/accounts/organisations/{done.organisation}", id=done.person)
    return body | {"organisation": done.organisation, "token": done.token}, headers


@api.route("/people/invitations/<id:token>/revocation", methods=["POST"])
@signed_in()
@idempotent
@api.response(201, Created)
def revoke_link(token: str) -> Answer:
    """Take an invitation back; the sessions it began end."""
    event = commands.revoke_link(require_actor(), token)
    return created(event, f"/accounts/api/v1/people/invitations/{token}", id=token)


@api.route("/people/<id:person_id>/roles", methods=["POST"])
@signed_in("administrator", "lead")
@idempotent
@api.arguments(schemas.RoleSchema)
@api.response(201, Created)
def grant_role(wish: dict[str, str], person_id: str) -> Answer:
    """Give somebody one more role."""
    event = commands.grant_role(require_actor(), person_id, wish["role"])
    return created(event, f"/accounts/api/v1/people/{person_id}")


@api.route("/people/<id:person_id>/roles/revocation", methods=["POST"])
@signed_in("administrator", "lead")
@idempotent
@api.arguments(schemas.RoleSchema)
@api.response(201, Created)
def revoke_role(wish: dict[str, str], person_id: str) -> Answer:
    """Take a role back."""
    event = commands.revoke_role(require_actor(), person_id, wish["role"])
    return created(event, f"/accounts/api/v1/people/{person_id}")


@api.route("/people/<id:person_id>/erasure", methods=["POST"])
@signed_in("administrator")
@idempotent
@api.response(201, Created)
def erase(person_id: str) -> Answer:
    """Erase somebody, for good: their name, address and words go from every service; that they acted stays."""
    event = commands.erase(require_actor(), person_id)
    return created(event, f"/accounts/api/v1/people/{person_id}")


@api.route("/me/erasure", methods=["POST"])
@signed_in(scope=ANYWHERE)
@api.response(201, Created)
def erase_oneself() -> Answer:
    """Be erased, for good. The session that asks has ended when this is answered."""
    actor = require_actor()
    return created(commands.erase(actor, actor.person), "/accounts/signed-out")


@api.route("/me")
@signed_in(scope=ANYWHERE)
@api.response(200, schemas.MeSchema)
def me() -> dict[str, Any]:
    """Who is signed in."""
    actor = require_actor()
    found = commands.me(actor)
    return {"person": found.person, "organisation": found.organisation, "address": found.address, "scope": actor.scope}


@api.route("/me/name", methods=["POST"])
@signed_in(scope=ANYWHERE)
@idempotent
@api.arguments(schemas.DisplayNameSchema)
@api.response(201, Created)
def change_name(wish: dict[str, str]) -> Answer:
    """Change the name shown beside one's acts."""
    return created(commands.change_name(require_actor(), wish["display_name"]), "/accounts/api/v1/me")


@api.route("/me/sessions")
@signed_in(scope=ANYWHERE)
@api.response(200, schemas.SessionsSchema)
def sessions() -> dict[str, Any]:
    """One's own open sessions."""
    return {"items": commands.sessions(require_actor())}


@api.route("/me/sessions/<id:session_id>/end", methods=["POST"])
@signed_in(scope=ANYWHERE)
@idempotent
@api.response(201, Created)
def end_session(session_id: str) -> Answer:
    """End one of one's own sessions."""
    event = commands.end_session(require_actor(), session_id)
    return created(event, "/accounts/api/v1/me/sessions", id=session_id)


@api.route("/links", methods=["POST"])
@public
@api.arguments(schemas.AddressSchema)
@api.response(202, schemas.OnItsWaySchema)
def request_link(wish: dict[str, str]) -> dict[str, str]:
    """Ask for a sign-in link. The answer is the same whether the address is known or not."""
    next = local_path(wish.get("next"), "") or None
    commands.request_link(wish["address"], client=request.remote_addr or "", next=next)
    return {"detail": ON_ITS_WAY}


@api.route("/sessions", methods=["POST"])
@public
@api.arguments(schemas.RedemptionSchema)
@api.response(201, schemas.OpenedSchema)
def redeem(wish: dict[str, str]) -> Opened:
    """Begin a session with a sign-in link, for a program."""
    secret = wish["link"].rpartition("/")[2]
    return commands.redeem(secret, name=wish.get("display_name"), device=described(request.user_agent.string))


@api.route("/sessions/renewal", methods=["POST"])
@public
@api.arguments(schemas.RenewalSchema)
@api.response(200, schemas.OpenedSchema)
def renew(wish: dict[str, str]) -> Opened:
    """Renew a session: the answer holds a new token and a new renewal secret; the one that was sent is used up."""
    return commands.renew(wish["renewal"])
