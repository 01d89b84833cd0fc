"""The rules of accounts: who may invite and confirm, what a link opens, how a session goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.accounts import policy
from services.accounts.devices import described
from services.accounts.domain import links, organisations, people, sessions
from services.accounts.domain.addresses import masked, normalised
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.accounts.domain.people import Invitation
from services.accounts.domain.sessions import Renewal, Verdict
from services.accounts.domain.values import Link, Organisation, Person, Session
from services.kernel.errors import Forbidden, Gone, Invalid, NotFound, Refused, TooMany
from services.kernel.events import SYSTEM, Actor

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
COLLEGE = Organisation("college", "Weserkolleg", "provider")
EMPLOYER = Organisation("employer", "Nordhafen Logistik", "employer")
AGENCY = Organisation("agency", "Qualitätsagentur Nord", "quality_agency")
ANNA = Person("anna", "employer", display_name="Anna Berger", roles=frozenset({"reviewer"}), joined_at=NOW)


def somebody(role: str, organisation: str) -> Actor:
    return Actor("somebody", organisation, frozenset({role}))


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Anna.Berger@Nordhafen.Example", "anna.berger@nordhafen.example"),
        ("  anna@nordhafen.example\n", "anna@nordhafen.example"),
        ("anna+reviews@mail.nordhafen.example", "anna+reviews@mail.nordhafen.example"),
        ("ANNA@bücher.example", "anna@xn--bcher-kva.example"),
        ("ａｎｎａ@nordhafen.example", "anna@nordhafen.example"),
    ],
)
def test_an_address_is_one_however_it_is_written(written: str, found: str) -> None:
    """Case, blanks, full-width letters and the two spellings of a domain make no second person."""
    assert normalised(written) == found
    assert normalised(found) == found


UNREACHABLE = """
    anna | @nordhafen.example | anna@ | anna@nordhafen | a b@c.example | anna@.example | anna@-x.example
    anna@@x.example | ännä@x.example | anna@x..example | <anna@x.example> | anna@x.example,b@x.example
"""


@pytest.mark.parametrize(
    "text",
    [
        *(text.strip() for line in UNREACHABLE.strip().splitlines() for text in line.split("|")),
        "",
        "anna@nordhafen.example\nBcc: x@y.example",
        "a" * 65 + "@x.example",
        "anna@" + "x." * 130 + "example",
    ],
)
def test_what_no_mail_could_reach_is_refused_at_the_field(text: str) -> None:
    """No second header, no list, no display name ever passes as an address."""
    with pytest.raises(Invalid) as refusal:
        normalised(text)
    assert "/address" in refusal.value.fields


def test_an_address_is_shown_to_others_by_its_first_letter() -> None:
    """Enough for a lead to know whom they invited, too little to write to."""
    assert masked("anna@nordhafen.example") == "a…@nordhafen.example"


# --- organisations ----------------------------------------------------------------------------------------------------


def test_a_standing_is_confirmed_with_ground_and_evidence_and_stays_a_claim_until_then() -> None:
    """R26: who confirmed is the actor, what and how stand in the event."""
    fact = organisations.confirm(SYSTEM, EMPLOYER, Confirmation("employer", "register_number", "HRB 12345"))
    assert fact.data == {
        "organisation": "employer",
        "standing": "employer",
        "ground": "register_number",
        "evidence": "HRB 12345",
    }
    assert not EMPLOYER.confirmed


@pytest.mark.parametrize("role", ["lead", "designer", "reviewer", "auditor"])
def test_only_an_administrator_confirms(role: str) -> None:
    """R26: somebody with the right."""
    with pytest.raises(Forbidden):
        organisations.confirm(somebody(role, "elsewhere"), EMPLOYER, Confirmation("employer", "web_domain", "x"))


def test_nobody_confirms_their_own_organisation() -> None:
    """R26: not even an administrator."""
    with pytest.raises(Forbidden, match="own"):
        organisations.confirm(
            somebody("administrator", "employer"), EMPLOYER, Confirmation("employer", "web_domain", "x")
        )


def test_what_is_confirmed_is_what_was_claimed_and_once() -> None:
    """Another standing, or a second confirmation, is refused."""
    with pytest.raises(Refused, match="claims"):
        organisations.confirm(SYSTEM, EMPLOYER, Confirmation("professional_body", "web_domain", "x"))
    with pytest.raises(Refused, match="already"):
        organisations.confirm(SYSTEM, replace(EMPLOYER, confirmed_at=NOW), Confirmation("employer", "web_domain", "x"))


def test_a_confirmed_name_is_changed_by_an_administrator_alone() -> None:
    """The confirmation was of that very name: a lead could put on another's."""
    lead = somebody("lead", "college")
    assert organisations.rename(lead, COLLEGE, "Weser-Kolleg", namesake=False).data["name"] == "Weser-Kolleg"
    confirmed = replace(COLLEGE, confirmed_at=NOW)
    with pytest.raises(Forbidden, match="administrator"):
        organisations.rename(lead, confirmed, "Other", namesake=False)
    assert organisations.rename(SYSTEM, confirmed, "Other", namesake=False)
    with pytest.raises(Forbidden):
        organisations.rename(somebody("lead", "employer"), COLLEGE, "Other", namesake=False)


def test_two_organisations_of_one_name_are_refused() -> None:
    """Or somebody could stand beside a confirmed employer under its name."""
    with pytest.raises(Refused, match="already"):
        organisations.register(SYSTEM, "id", NewOrganisation("Weserkolleg", "provider"), namesake=True)


# --- who may invite whom, as what -------------------------------------------------------------------------------------

NOBODY: frozenset[str] = frozenset()
REVIEWER = frozenset({"reviewer"})
ADMINISTRATOR = frozenset({"administrator"})
COLLEAGUES = frozenset({"designer", "lead", "reviewer"})
AUDITOR = frozenset({"auditor"})
ANYBODY = AUDITOR | REVIEWER | ADMINISTRATOR
MATRIX = [
    # who, of where -> what they may give in the college, the employer, the agency
    (("administrator", "platform"), COLLEAGUES | ADMINISTRATOR, REVIEWER | ADMINISTRATOR, ANYBODY),
    (("lead", "college"), COLLEAGUES, REVIEWER, REVIEWER),
    (("designer", "college"), NOBODY, REVIEWER, REVIEWER),
    (("reviewer", "college"), NOBODY, NOBODY, NOBODY),
    (("reviewer", "employer"), NOBODY, NOBODY, NOBODY),
    (("auditor", "agency"), NOBODY, NOBODY, NOBODY),
]


@pytest.mark.parametrize(("who", "college", "employer", "agency"), MATRIX)
def test_who_may_give_which_role_where(
    who: tuple[str, str], college: frozenset[str], employer: frozenset[str], agency: frozenset[str]
) -> None:
    """Colleagues by their lead, reviewers of others by a provider's people, anybody by an administrator."""
    actor = somebody(*who)
    assert policy.roles_to_give(actor, COLLEGE) == college
    assert policy.roles_to_give(actor, EMPLOYER) == employer
    assert policy.roles_to_give(actor, AGENCY) == agency


def invited(
    actor: Actor, organisation: Organisation, *roles: str, person: Person | None = None, **wish: object
) -> list[str]:
    invitation = Invitation(frozenset(roles), NOW + timedelta(days=30), None)
    invitation = replace(invitation, **wish)  # type: ignore[arg-type]
    facts = people.invite(actor, organisation, person or Person("new", organisation.id), invitation, "token", NOW)
    return [fact.type for fact in facts]


def test_an_invitation_is_a_person_their_roles_and_a_link() -> None:
    """In this order: a reader knows the person before anything is said of them."""
    assert invited(somebody("lead", "college"), EMPLOYER, "reviewer") == [
        "accounts.person.invited.v1",
        "accounts.role.granted.v1",
        "accounts.token.issued.v1",
    ]


def test_who_is_here_already_gets_a_link_and_only_the_roles_they_lack() -> None:
    """A reviewer invited to a second consultation is not made a reviewer twice."""
    assert "accounts.role.granted.v1" not in invited(somebody("lead", "college"), EMPLOYER, "reviewer", person=ANNA)


def test_a_role_that_is_not_ones_own_to_give_is_refused_with_those_that_are() -> None:
    """A provider makes nobody of an employer its lead."""
    with pytest.raises(Forbidden, match="possible for you: reviewer"):
        invited(somebody("lead", "college"), EMPLOYER, "lead")
    with pytest.raises(Forbidden):
        invited(somebody("lead", "college"), COLLEGE, "administrator")


@pytest.mark.parametrize("expires_at", [NOW, NOW - timedelta(days=1), NOW + timedelta(days=400)])
def test_a_link_ends_in_the_future_and_within_a_year(expires_at: datetime) -> None:
    """Neither dead on arrival nor for ever."""
    with pytest.raises(Invalid) as refusal:
        invited(somebody("lead", "college"), EMPLOYER, "reviewer", expires_at=expires_at)
    assert "/expires_at" in refusal.value.fields


def test_one_address_is_one_person_of_one_organisation() -> None:
    """Somebody of an employer cannot be invited again as somebody of another."""
    with pytest.raises(Refused, match="another organisation") as refusal:
        invited(somebody("lead", "college"), AGENCY, "reviewer", person=ANNA)
    assert EMPLOYER.name not in refusal.value.message


def test_an_administrator_does_not_take_their_own_role_away() -> None:
    """So that there always is one."""
    admin = Actor("a", "agency", frozenset({"administrator"}))
    person = Person("a", "agency", roles=frozenset({"administrator"}), joined_at=NOW)
    with pytest.raises(Forbidden, match="another administrator"):
        people.revoke(admin, AGENCY, person, "administrator")
    assert people.revoke(replace(admin, person="b"), AGENCY, person, "administrator")


def test_a_lead_looks_after_their_own_people_only() -> None:
    """Letting go and taking roles back end at the organisation's wall."""
    with pytest.raises(Forbidden):
        people.leave(somebody("lead", "college"), ANNA)
    with pytest.raises(Forbidden):
        people.revoke(somebody("lead", "college"), EMPLOYER, ANNA, "reviewer")
    assert people.leave(Actor("anna", "employer", REVIEWER), ANNA)


# --- links ------------------------------------------------------------------------------------------------------------

ONCE = Link("token", "anna", "sign_in", NOW + timedelta(minutes=30))
AGAIN = replace(ONCE, purpose="invitation", expires_at=NOW + timedelta(days=30))


def test_a_sign_in_link_works_once_and_an_invitation_until_its_deadline() -> None:
    """reliability.md: usable until the deadline from the page, revocable."""
    assert links.usable(AGAIN, NOW)
    assert links.usable(replace(AGAIN, used_at=NOW), NOW)
    assert links.usable(ONCE, NOW)
    with pytest.raises(Gone, match="once"):
        links.usable(replace(ONCE, used_at=NOW), NOW)


@pytest.mark.parametrize("link", [ONCE, AGAIN])
def test_a_link_that_ran_out_or_was_revoked_says_how_to_get_another(link: Link) -> None:
    """A dead end that shows the way out."""
    for dead, at in ((link, link.expires_at), (replace(link, revoked_at=NOW), NOW)):
        with pytest.raises(Gone, match="Ask for a new sign-in link"):
            links.usable(dead, at)
    with pytest.raises(NotFound, match="Ask for a new sign-in link"):
        links.usable(None, NOW)


def test_a_link_is_revoked_by_those_who_gave_it_whoever_it_is_for_or_an_administrator() -> None:
    """And by no other provider."""
    link = replace(AGAIN, issued_by_organisation="college")
    for actor in (somebody("lead", "college"), somebody("administrator", "x"), Actor("anna", "employer"), SYSTEM):
        assert links.revoke(actor, link)
    for actor in (somebody("lead", "other"), somebody("reviewer", "college"), somebody("lead", "employer")):
        with pytest.raises(Forbidden):
            links.revoke(actor, link)


def test_one_more_than_may_be_is_too_many() -> None:
    """The sentence says how long to wait."""
    links.within(links.LINKS_TO_AN_ADDRESS, 5)
    with pytest.raises(TooMany, match="15 minutes"):
        links.within(links.LINKS_TO_AN_ADDRESS, 6)


# --- sessions ---------------------------------------------------------------------------------------------------------

SESSION = Session("session", "anna", NOW, NOW + timedelta(days=30))


@pytest.mark.parametrize(
    ("overtaken", "at", "verdict"),
    [
        (None, NOW + timedelta(days=29), Verdict.RENEW),
        (None, NOW + timedelta(days=30), Verdict.ENDED),
        (NOW, NOW + timedelta(seconds=60), Verdict.RENEW),
        (NOW, NOW + timedelta(seconds=61), Verdict.STOLEN),
    ],
)
def test_a_renewal_secret_is_good_until_its_successor_was_in_use_for_a_minute(
    overtaken: datetime | None, at: datetime, verdict: Verdict
) -> None:
    """Parallel tabs and lost answers are no theft; a copy used later is."""
    assert sessions.judge(Renewal(SESSION, 1, overtaken), ANNA, at) is verdict


def test_an_ended_session_and_one_of_somebody_who_left_are_not_renewed() -> None:
    """Whatever the secret."""
    assert sessions.judge(Renewal(replace(SESSION, ended_at=NOW), 1, None), ANNA, NOW) is Verdict.ENDED
    assert sessions.judge(Renewal(SESSION, 1, None), replace(ANNA, left_at=NOW), NOW) is Verdict.ENDED
    assert sessions.judge(Renewal(SESSION, 1, None), None, NOW) is Verdict.ENDED


def test_a_token_says_who_of_where_may_what_for_ten_minutes() -> None:
    """And never longer than its session."""
    claims = sessions.claims(replace(SESSION, scope="consultation"), ANNA, NOW)
    assert claims == {
        "iss": "countersign",
        "sub": "anna",
        "sid": "session",
        "org": "employer",
        "roles": ["reviewer"],
        "scope": "consultation",
        "iat": NOW.timestamp(),
        "exp": int(NOW.timestamp()) + 600,
    }
    late = SESSION.expires_at - timedelta(minutes=1)
    assert sessions.token_end(SESSION, late) == SESSION.expires_at


def test_everybody_ends_their_own_sessions_only() -> None:
    """Of others' they are told nothing, not even that they are there."""
    with pytest.raises(NotFound):
        sessions.end(Actor("bruno"), SESSION)


def test_a_device_is_named_as_people_know_it() -> None:
    """The header itself is kept nowhere."""
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130 Safari/537.36 Edg/130"
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 Version/17.0 Mobile Safari/604.1"
    assert described(edge) == "Edge on Windows"
    assert described(iphone) == "Safari on an iPhone"
    assert described("") == "An unknown program"
