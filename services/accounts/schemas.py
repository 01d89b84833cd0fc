"""What may come in at the doors of accounts, and what goes out."""

from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from services.accounts.commands import Invite
from services.accounts.domain.addresses import normalised
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.accounts.words import GROUNDS, ROLES, STANDINGS
from services.kernel.errors import Invalid
from services.kernel.http.schemas import Choice, Created, Id, Listing, Moment, Schema, Text

COUNTRY = ma.validate.And(
    ma.validate.Length(equal=2, error="This must be a country's two letters, like DE."),
    ma.validate.Regexp(r"^[A-Z]{2}$", error="This must be a country's two letters, like DE."),
)


def reachable(address: str) -> None:
    """Let an address pass that mail can reach."""
    try:
        normalised(address)
    except Invalid as refusal:
        raise ma.ValidationError(refusal.fields["/address"][0]) from refusal


class NewOrganisationSchema(Schema):
    """An organisation to be registered; `standing` is a claim until it is confirmed."""

    name = Text(required=True, max=200)
    standing = Choice(list(STANDINGS), required=True)
    country = fields.String(validate=COUNTRY, metadata={"description": "ISO 3166-1 alpha-2"})
    register_number = Text(max=100)
    website = fields.Url(schemes={"https", "http"}, validate=ma.validate.Length(max=300))

    @ma.post_load
    def wish(self, data: Mapping[str, Any], **_: Any) -> NewOrganisation:
        return NewOrganisation(**data)


class ConfirmationSchema(Schema):
    """What was checked, and how it was found. The evidence is public and holds no personal data."""

    standing = Choice(list(STANDINGS), required=True)
    ground = Choice(list(GROUNDS), required=True)
    evidence = Text(required=True, max=300)

    @ma.post_load
    def wish(self, data: Mapping[str, Any], **_: Any) -> Confirmation:
        return Confirmation(**data)


class NameSchema(Schema):
    """A new public name of an organisation."""

    name = Text(required=True, max=200)


class InvitationSchema(Schema):
    """Who is invited, into an organisation that is here (`organisation`) or a new one (`new_organisation`)."""

    address = Text(required=True, max=320, validate=reachable)
    display_name = Text(max=120)
    organisation = Id()
    new_organisation = fields.Nested(NewOrganisationSchema)
    roles = fields.List(Choice(list(ROLES)), load_default=list)
    consultation = Id(
        metadata={"description": "The one consultation the invitation is for; else all that the roles allow"}
    )
    expires_at = Moment(day_end=True, metadata={"description": "Until when the link can be used"})

    @ma.post_load
    def wish(self, data: dict[str, Any], **_: Any) -> Invite:
        known, new = data.pop("organisation", None), data.pop("new_organisation", None)
        if (known is None) == (new is None):
            raise ma.ValidationError("Choose an organisation from the list, or name a new one.", "organisation")
        return Invite(organisation=known or new, **data | {"roles": frozenset(data["roles"])})


class InvitationQuerySchema(Schema):
    """How another service's page leads to the invitation: where into, for which consultation, and the way back."""

    organisation = Id()
    consultation = Id()
    next = Text(max=1000)


class AddressSchema(Schema):
    """Where the sign-in link goes, and the page to come back to."""

    address = Text(required=True, max=320, validate=reachable)
    next = Text(max=1000)


class DisplayNameSchema(Schema):
    """The name to be shown beside one's acts."""

    display_name = Text(required=True, max=120)


class ErasureSchema(Schema):
    """That somebody knows what erasing means."""

    understood = Choice(["yes"], required=True, error_messages={"required": "Please tick this first."})


class RedemptionSchema(Schema):
    """A sign-in link, or its secret alone; the name is asked for when an invited person comes for the first time."""

    link = Text(required=True, max=1000)
    display_name = Text(max=120)


class RenewalSchema(Schema):
    """The secret that renews a session."""

    renewal = Text(required=True, max=200)


class RoleSchema(Schema):
    """One role."""

    role = Choice(list(ROLES), required=True)


class OrganisationSchema(Schema):
    """An organisation. `confirmed_at` is null while its standing is a claim."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    standing = fields.String(required=True)
    country = fields.String(allow_none=True)
    register_number = fields.String(allow_none=True)
    website = fields.String(allow_none=True)
    confirmed_at = Moment(allow_none=True)
    ground = fields.String(allow_none=True)
    evidence = fields.String(allow_none=True)


class OrganisationsSchema(Listing):
    """A page of organisations."""

    items = fields.List(fields.Nested(OrganisationSchema), required=True)


class PersonSchema(Schema):
    """A person of an organisation. `joined_at` is null while they are invited only."""

    id = fields.String(required=True)
    organisation = fields.String(required=True)
    display_name = fields.String(allow_none=True)
    roles = fields.List(fields.String(), required=True)
    joined_at = Moment(allow_none=True)


class PeopleSchema(Schema):
    """The people of an organisation."""

    items = fields.List(fields.Nested(PersonSchema), required=True)


class MeSchema(Schema):
    """Who is signed in."""

    person = fields.Nested(PersonSchema, required=True)
    organisation = fields.Nested(OrganisationSchema, required=True)
    address = fields.String(required=True)
    scope = fields.String(allow_none=True, metadata={"description": "The one consultation the session is for, or null"})


class SessionSchema(Schema):
    """A session of one's own."""

    id = fields.String(required=True)
    started_at = Moment(required=True)
    renewed_at = Moment(allow_none=True)
    expires_at = Moment(required=True)
    device = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)


class SessionsSchema(Schema):
    """One's own open sessions."""

    items = fields.List(fields.Nested(SessionSchema), required=True)


class OpenedSchema(Schema):
    """A session for a program: send `token` as `Authorization: Bearer`, and renew it before `expires_at`."""

    session = fields.String(required=True)
    person = fields.String(required=True)
    token = fields.String(required=True)
    expires_at = Moment(required=True)
    renewal = fields.String(required=True)
    renewable_until = Moment(required=True)


class InvitedSchema(Created):
    """The invited person (`id`), their organisation, and the token of the link, which can be revoked."""

    organisation = fields.String(required=True)
    token = fields.String(required=True)


class OnItsWaySchema(Schema):
    """The answer to everybody who asks for a link."""

    detail = fields.String(required=True)
