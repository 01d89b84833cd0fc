"""Organisations and people: registered, confirmed, invited, joined, given roles; at the doors, on the real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.accounts import commands
from services.accounts.commands import Invite
from services.accounts.domain.links import INVITATIONS_OF_A_PERSON
from services.accounts.service import Accounts
from services.accounts.store import links
from services.kernel import clock, db, ids
from services.kernel.bus.attempts import Act
from services.kernel.events import Actor
from tests.component.accounts_house import House, built, events, mailed_secret, press, secret_of, stop_clock
from tests.component.catalogue_house import Elsewhere
from tests.people import browse, hidden_fields, post, sign_in, told

REVIEWER = frozenset({"reviewer"})


@pytest.fixture
def house(database: str) -> House:  # noqa: ARG001  # the fixture makes it
    return built()


def browser_of(actor: Actor) -> FlaskClient:
    return sign_in(browse("accounts"), actor)


def open_consultation(house: House, provider: str | None = None, days: int = 14) -> str:
    """Let accounts hear of a consultation, and return its id."""
    consultation = ids.new_id()
    event = Elsewhere().says(
        "codesign.consultation.opened.v1",
        consultation,
        consultation=consultation,
        draft=ids.new_id(),
        version=1,
        document_hash="0" * 64,
        organisation=provider or house.provider,
        closes_at=clock.rfc3339(clock.now() + timedelta(days=days)),
        visibility="nothing_until_closed",
    )

    def attempt(act: Act) -> bool:
        with db.of("accounts").transaction() as tx:
            act(tx, event)
        return True

    Accounts().remember_consultation(attempt)
    return consultation


# --- organisations ----------------------------------------------------------------------------------------------------


def test_an_administrator_registers_and_another_one_confirms_with_ground_and_evidence(house: House) -> None:
    """R26: a claim, then a confirmed standing; what was checked stands in the event, and who in its actor."""
    admin = browser_of(house.administrator)
    wish = {"name": "Verband Logistik", "standing": "professional_body", "country": "DE"}
    place = post(admin, "/accounts/organisations/new", wish).headers["Location"].partition("?")[0]
    assert "A claim so far" in admin.get(place).text
    found = {"ground": "register_number", "evidence": "VR 4711, Amtsgericht Bremen"}
    answer = post(admin, place, found)
    assert answer.status_code == 303
    page = admin.get(answer.headers["Location"]).text
    assert "Confirmed" in page
    assert "VR 4711" in page
    (confirmed,) = events("accounts.organisation.confirmed")
    assert confirmed.actor == house.administrator.person
    assert confirmed.data["standing"] == "professional_body"


def test_only_administrators_confirm_and_nobody_their_own(house: House) -> None:
    """Through the page and the REST door alike."""
    wish = {"standing": "employer", "ground": "web_domain", "evidence": "nordhafen.example"}
    place = f"/accounts/api/v1/organisations/{house.employer}/confirmation"
    for actor in (house.lead, house.designer, house.reviewer):
        assert browser_of(actor).post(place, json=wish).status_code == 403
        assert "How did you check?" not in browser_of(actor).get(f"/accounts/organisations/{house.employer}").text
    own = f"/accounts/api/v1/organisations/{house.platform}/confirmation"
    refused = browser_of(house.administrator).post(own, json=wish | {"standing": "public_authority"})
    assert refused.status_code == 403
    assert "own" in refused.get_json()["detail"]
    assert browser_of(house.administrator).post(place, json=wish).status_code == 201
    assert browser_of(house.administrator).post(place, json=wish).status_code == 409


def test_evidence_is_needed_and_asked_for_at_its_field(house: House) -> None:
    """Nothing is half confirmed, and the ground that was chosen stays chosen."""
    admin = browser_of(house.administrator)
    answer = post(admin, f"/accounts/organisations/{house.employer}", {"ground": "web_domain"})
    assert answer.status_code == 422
    assert 'value="web_domain" checked' in answer.text
    assert "This is needed." in answer.text
    assert not events("accounts.organisation.confirmed")


def test_a_name_is_changed_once_and_everybody_is_told(house: House) -> None:
    """By the lead until it is confirmed."""
    lead = browser_of(house.lead)
    place = f"/accounts/organisations/{house.provider}/name"
    assert post(lead, place, {"name": "Weserkolleg Bremen"}).status_code == 303
    assert events("accounts.organisation.changed")[0].data["name"] == "Weserkolleg Bremen"
    assert post(lead, place, {"name": "nordhafen LOGISTIK"}).status_code == 409


def test_an_organisations_people_are_seen_by_its_own_and_by_administrators(house: House) -> None:
    """Others see a name and a standing; addresses nobody sees, invited people their first letter by their lead."""
    place = f"/accounts/organisations/{house.provider}"
    commands.invite(house.lead, Invite("neu@weserkolleg.example", house.provider, frozenset({"designer"})))
    assert "Jutta Harms" in browser_of(house.designer).get(place).text
    seen = browser_of(house.lead).get(place).text
    assert "n…@weserkolleg.example" in seen
    assert "neu@weserkolleg.example" not in seen
    foreign = browser_of(house.reviewer).get(place)
    assert foreign.status_code == 200
    assert "Jutta Harms" not in foreign.text
    assert browser_of(house.reviewer).get(f"/accounts/api/v1/organisations/{house.provider}/people").status_code == 403
    assert browser_of(house.reviewer).get(f"/accounts/people/{house.lead.person}").status_code == 403


# --- invitations ------------------------------------------------------------------------------------------------------


def test_a_providers_designer_invites_a_reviewer_of_a_new_organisation_into_one_consultation(house: House) -> None:
    """Organisation, person, role and link in one transaction; the link ends when the consultation does."""
    consultation = open_consultation(house)
    designer = browser_of(house.designer)
    place = f"/accounts/invite?consultation={consultation}&next=/codesign/consultations/{consultation}"
    wish = {
        "address": "Bruno@Werft.example",
        "display_name": "Bruno",
        "new_organisation.name": "Werft Bremen",
        "new_organisation.standing": "employer",
        "new_organisation.country": "DE",
        "expires_at": (clock.now() + timedelta(days=14)).strftime("%Y-%m-%d"),
    }
    answer = post(designer, place, wish)
    assert answer.status_code == 303, answer.text
    registered, invited, granted, issued = events()[-4:]
    assert [e.type.split(".")[1] for e in (registered, invited, granted, issued)] == [
        "organisation",
        "person",
        "role",
        "token",
    ]
    assert invited.data["roles"] == ["reviewer"]
    assert invited.data["consultation"] == issued.data["consultation"] == consultation
    back = f"/codesign/consultations/{consultation}?done=invited&organisation={registered.subject}"
    assert answer.headers["Location"] == back


def test_the_form_proposes_the_day_the_consultation_closes(house: House) -> None:
    """So a link works as long as there is something to say; a program that names no day gets that moment."""
    consultation = open_consultation(house, days=9)
    page = browser_of(house.lead).get(f"/accounts/invite?consultation={consultation}").text
    assert f'value="{clock.now() + timedelta(days=9):%Y-%m-%d}"' in page
    wish = {"address": "b@nordhafen.example", "organisation": house.employer, "roles": ["reviewer"]}
    place = "/accounts/api/v1/people/invitations"
    assert browser_of(house.lead).post(place, json=wish | {"consultation": consultation}).status_code == 201
    left = clock.parse(events("accounts.token.issued")[-1].data["expires_at"]) - clock.now()
    assert timedelta(days=8) < left < timedelta(days=9)


def test_nobody_invites_into_another_providers_consultation(house: House) -> None:
    """The consultation's own provider does, or an administrator."""
    consultation = open_consultation(house, provider=ids.new_id())
    assert browser_of(house.lead).get(f"/accounts/invite?consultation={consultation}").status_code == 403
    wish = Invite("b@nordhafen.example", house.employer, REVIEWER, consultation=consultation)
    place = "/accounts/api/v1/people/invitations"
    json = {
        "address": wish.address,
        "organisation": house.employer,
        "roles": ["reviewer"],
        "consultation": consultation,
    }
    assert browser_of(house.lead).post(place, json=json).status_code == 403
    assert browser_of(house.administrator).post(place, json=json).status_code == 201


@pytest.mark.parametrize(
    ("who", "where", "role", "status"),
    [
        ("lead", "provider", "designer", 201),
        ("lead", "provider", "administrator", 403),
        ("lead", "employer", "reviewer", 201),
        ("lead", "employer", "lead", 403),
        ("designer", "provider", "designer", 403),
        ("designer", "employer", "reviewer", 201),
        ("reviewer", "employer", "reviewer", 403),
        ("administrator", "provider", "lead", 201),
        ("administrator", "platform", "administrator", 201),
        ("administrator", "platform", "auditor", 201),
    ],
)
def test_the_matrix_of_invitations_holds_at_the_door(
    house: House, who: str, where: str, role: str, status: int
) -> None:
    """The same table as the domain's, through the REST door."""
    wish = {"address": "neu@mail.example", "organisation": getattr(house, where), "roles": [role]}
    before = len(events())
    answer = browser_of(getattr(house, who)).post("/accounts/api/v1/people/invitations", json=wish)
    assert answer.status_code == status, answer.text
    assert (len(events()) > before) is (status == 201)


def test_a_wish_that_says_too_little_or_too_much_is_told_at_its_fields(house: House) -> None:
    """Neither organisation nor a new one, both, no role, an unknown role, an unknown field."""
    lead, place = browser_of(house.lead), "/accounts/api/v1/people/invitations"
    good: dict[str, Any] = {"address": "b@nordhafen.example", "organisation": house.employer, "roles": ["reviewer"]}
    new = {"name": "Werft", "standing": "employer"}
    changes: list[tuple[dict[str, Any], str]] = [
        ({"organisation": None}, "/organisation"),
        ({"organisation": None, "address": "nobody"}, "/address"),
        ({"new_organisation": new}, "/organisation"),
        ({"roles": []}, "/roles"),
        ({"roles": ["king"]}, "/roles/0"),
        ({"surprise": 1}, "/surprise"),
        ({"address": "nobody"}, "/address"),
        ({"expires_at": "2020-01-01"}, "/expires_at"),
        ({"organisation": "x"}, "/organisation"),
    ]
    for change, pointer in changes:
        wish = {name: value for name, value in (good | change).items() if value is not None}
        answer = lead.post(place, json=wish)
        assert answer.status_code == 422, (change, answer.text)
        assert told(answer, pointer)
    assert lead.post(place, json=good | {"organisation": ids.new_id()}).status_code == 404


def test_an_address_of_another_organisation_is_refused_without_saying_of_which(house: House) -> None:
    """409 at the field, and the name of the other stays unsaid."""
    wish = {"address": "anna@nordhafen.example", "organisation": house.platform, "roles": ["reviewer"]}
    answer = browser_of(house.lead).post("/accounts/api/v1/people/invitations", json=wish)
    assert answer.status_code == 409
    assert "Nordhafen" not in answer.text


def test_inviting_is_limited(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stolen session sends no thousand mails: a hundred an hour."""
    watch = stop_clock(monkeypatch)
    watch.now = watch.now.replace(minute=0)
    with db.of("accounts").transaction() as tx:
        for _ in range(100):
            links.count(tx, INVITATIONS_OF_A_PERSON, house.lead.person, watch.now)
    wish = {"address": "b@nordhafen.example", "organisation": house.employer, "roles": ["reviewer"]}
    assert browser_of(house.lead).post("/accounts/api/v1/people/invitations", json=wish).status_code == 429


# --- joining ----------------------------------------------------------------------------------------------------------


def test_an_invited_person_joins_at_the_first_use_under_the_name_they_give(house: House) -> None:
    """The page proposes the inviter's word for them; afterwards the same link signs in, and asks no more."""
    consultation = open_consultation(house)
    wish = Invite("bruno@nordhafen.example", house.employer, REVIEWER, "Bruno", consultation)
    invited = commands.invite(house.lead, wish)
    secret = mailed_secret(invited.person)
    browser = browse("accounts")
    page = browser.get(f"/accounts/link/{secret}").text
    assert 'value="Bruno"' in page
    assert "one consultation" in page
    assert not events("accounts.person.joined")[4:]
    nameless = press(browser, f"/accounts/link/{secret}", display_name=" ")
    assert nameless.status_code == 422
    answer = press(browser, f"/accounts/link/{secret}", display_name="Bruno Ahrens")
    assert answer.headers["Location"] == f"/codesign/consultations/{consultation}"
    joined = events("accounts.person.joined")[-1]
    assert (joined.actor, joined.words("/data/display_name")) == (invited.person, "Bruno Ahrens")
    again = browse("accounts")
    assert "Welcome back, Bruno Ahrens" in again.get(f"/accounts/link/{secret}").text
    assert press(again, f"/accounts/link/{secret}").status_code == 303
    assert len(events("accounts.person.joined")) == 5


def test_a_link_for_one_consultation_opens_nothing_else(house: House) -> None:
    """Its session carries the scope: one's own account, the inbox, that consultation."""
    invited = commands.invite(house.lead, Invite("b@nordhafen.example", house.employer, REVIEWER, "B", ids.new_id()))
    browser = browse("accounts")
    press(browser, f"/accounts/link/{mailed_secret(invited.person)}", display_name="Bruno")
    assert browser.get("/accounts/").status_code == 200
    assert browser.get("/accounts/me").status_code == 200
    assert browser.get("/accounts/organisations").status_code == 403
    browser.get("/accounts/renew?next=/accounts/me")
    assert browser.get("/accounts/organisations").status_code == 403


def test_an_invitation_taken_back_ends_the_link_and_the_sessions_it_began(house: House) -> None:
    """By those who gave it, from their own page."""
    wish = Invite("neu@weserkolleg.example", house.provider, frozenset({"designer"}), "Neu")
    invited = commands.invite(house.lead, wish)
    secret = mailed_secret(invited.person)
    guest = browse("accounts")
    press(guest, f"/accounts/link/{secret}", display_name="Neu")
    assert guest.get("/accounts/api/v1/me").status_code == 200
    lead, place = browser_of(house.lead), f"/accounts/organisations/{house.provider}"
    revoke = f"{place}/invitations/{invited.token}/revoke"
    assert revoke in lead.get(place).text
    stranger = browser_of(house.reviewer)
    assert stranger.post(revoke, data=hidden_fields(stranger.get("/accounts/"))).status_code == 403
    assert lead.post(revoke, data=hidden_fields(lead.get(place))).status_code == 303
    assert guest.get("/accounts/api/v1/me").status_code == 401
    assert "/accounts/sign-in" in guest.get("/accounts/renew?next=/").headers["Location"]
    assert browse("accounts").get(f"/accounts/link/{secret}").status_code == 410
    assert [e.type for e in events()][-2:] == ["accounts.token.revoked.v1", "accounts.session.revoked.v1"]


def test_who_never_came_is_sent_no_link_after_their_invitation_ended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until then they may ask for another; afterwards they are as unknown as anybody."""
    watch = stop_clock(monkeypatch)
    commands.invite(house.lead, Invite("b@nordhafen.example", house.employer, REVIEWER))
    commands.request_link("b@nordhafen.example", client="192.0.2.1")
    assert len(events("accounts.token.issued")) == 2
    watch.forward(days=31)
    commands.request_link("b@nordhafen.example", client="192.0.2.1")
    assert len(events("accounts.token.issued")) == 2


# --- roles and letters ------------------------------------------------------------------------------------------------


def test_a_lead_gives_and_takes_roles_of_their_own_people(house: House) -> None:
    """From the person's page; an administrator's role is not theirs to give."""
    lead, place = browser_of(house.lead), f"/accounts/people/{house.designer.person}"
    fields = hidden_fields(lead.get(place))
    assert lead.post(f"{place}/grant", data=fields | {"role": "lead"}).status_code == 303
    assert "Lead" in lead.get(place).text
    fields = hidden_fields(lead.get(place))
    assert lead.post(f"{place}/revoke", data=fields | {"role": "designer"}).status_code == 303
    with db.of("accounts").transaction(read_only=True) as tx:
        assert [
            r["role"] for r in tx.all("SELECT role FROM role WHERE person_id = %(p)s", {"p": house.designer.person})
        ] == ["lead"]
    fields = hidden_fields(lead.get(place))
    assert lead.post(f"{place}/grant", data=fields | {"role": "administrator"}).status_code == 403
    stranger = browser_of(house.reviewer)
    fields = hidden_fields(stranger.get("/accounts/"))
    assert stranger.post(f"{place}/grant", data=fields | {"role": "lead"}).status_code == 403


def test_a_letter_knows_the_address_the_name_and_a_fresh_link(house: House) -> None:
    """Over RPC, for notifications alone; unknown people and tokens of others give nothing away."""
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    token = events("accounts.token.issued")[-1].data["token"]
    answers = Accounts()
    plain = answers.letter(house.reviewer.person)
    assert plain == {"address": "anna@nordhafen.example", "display_name": "Anna Berger", "link": None}
    link = (answers.letter(person=house.reviewer.person, token=token) or {})["link"]
    assert commands.look_at_link(secret_of(link)).person.id == house.reviewer.person
    assert answers.letter(ids.new_id()) is None
    assert (answers.letter(house.lead.person, token) or {})["link"] is None
    assert (answers.letter(house.lead.person, ids.new_id()) or {})["link"] is None


def test_an_operators_link_is_in_the_log_and_is_not_mailed(house: House) -> None:
    """`handed_over` tells notifications that nothing is to be sent."""
    commands.mint_link(house.reviewer.person, days=3)
    (issued,) = events("accounts.token.issued")
    assert issued.data["handed_over"] is True
    assert issued.actor == "system"


def test_the_way_in_is_offered_to_whom_it_is_for(house: House) -> None:
    """The first page shows claims to administrators, the invitation to those who may invite."""
    assert "Claims to look at" in browser_of(house.administrator).get("/accounts/").text
    lead = browser_of(house.lead).get("/accounts/").text
    assert "Claims to look at" not in lead
    assert "Invite somebody" in lead
    assert "Invite somebody" not in browser_of(house.reviewer).get("/accounts/").text
