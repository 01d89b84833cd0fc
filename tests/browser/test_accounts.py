"""Accounts in a real browser: accessible at both widths; joining, inviting, signing out without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.accounts import commands
from services.accounts.commands import Invite
from services.accounts.domain.organisations import Confirmation, NewOrganisation
from services.kernel import ids
from services.kernel.events import SYSTEM
from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component import accounts_house
from tests.component.accounts_house import mailed_secret, secret_of

pytestmark = pytest.mark.usefixtures("module_database")
PICTURES = os.environ.get("COUNTERSIGN_TEST_PICTURES")  # a folder, to look at the pages
REVIEWER = frozenset({"reviewer"})


@dataclass(frozen=True, slots=True)
class House:
    """Served accounts, with somebody of each kind."""

    address: str
    people: accounts_house.House
    public: dict[str, str]
    of_lead: dict[str, str]
    of_administrator: dict[str, str]


@pytest.fixture(scope="module")
def house(module_database: str, serve: Callable[[Flask], str]) -> House:
    """A provider and a confirmed employer; one invitation still open, one link used up."""
    del module_database
    people = accounts_house.built()
    found = Confirmation("employer", "register_number", "HRB 12345, Amtsgericht Hamburg")
    commands.confirm(SYSTEM, people.employer, found)
    body = commands.register(SYSTEM, NewOrganisation("Verband der Lagerlogistik", "professional_body", "AT")).subject
    wish = Invite("kim@verband.example", body, REVIEWER, "Kim Sommer", ids.new_id())
    commands.invite(
        people.lead, Invite("neu@weserkolleg.example", people.provider, frozenset({"designer"}), "Tarek Nasser")
    )
    invitation = mailed_secret(commands.invite(people.lead, wish).person)
    used = secret_of(commands.mint_link(people.designer.person))
    commands.redeem(used, device="Firefox on Windows")
    commands.redeem(secret_of(commands.mint_link(people.lead.person)), device="Safari on an iPhone")
    commands.redeem(secret_of(commands.mint_link(people.lead.person)), device="Firefox on Linux")
    organisations = "/accounts/organisations"
    return House(
        address=serve(create_app(["accounts"])),
        people=people,
        public={
            "sign-in": "/accounts/sign-in",
            "on its way": "/accounts/sign-in/sent",
            "invitation": f"/accounts/link/{invitation}",
            "link": f"/accounts/link/{secret_of(commands.mint_link(people.reviewer.person))}",
            "used link": f"/accounts/link/{used}",
            "signed out": "/accounts/signed-out",
            "left": "/accounts/signed-out?done=left",
        },
        of_lead={
            "home": "/accounts/",
            "me": "/accounts/me?done=name",
            "leave": "/accounts/me/leave",
            "erase oneself": "/accounts/me/erase",
            "erased": "/accounts/signed-out?done=erased",
            "organisations": organisations,
            "own organisation": f"{organisations}/{people.provider}?done=invited",
            "another organisation": f"{organisations}/{people.employer}",
            "name": f"{organisations}/{people.provider}/name",
            "invite": f"/accounts/invite?organisation={people.employer}",
            "invite to a consultation": f"/accounts/invite?consultation={ids.new_id()}&next=/codesign/",
            "person": f"/accounts/people/{people.designer.person}",
        },
        of_administrator={
            "administrator's home": "/accounts/",
            "claim": f"{organisations}/{body}",
            "new organisation": f"{organisations}/new",
            "erase somebody": f"/accounts/people/{people.reviewer.person}/erase",
            "administrator's invite": "/accounts/invite",
        },
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(house: House, page_at: PageAt, axe: Callable[[Page], None], width: int) -> None:
    """axe-core finds nothing, and nothing is wider than the screen."""
    for actor, pages in (
        (None, house.public),
        (house.people.lead, house.of_lead),
        (house.people.administrator, house.of_administrator),
    ):
        page = page_at(width, actor)
        for name, path in pages.items():
            page.goto(house.address + path)
            picture(page, f"{name} {width}")
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_refusals_and_the_dark_look_are_accessible(house: House, page_at: PageAt, axe: Callable[[Page], None]) -> None:
    """Sentences at their fields, in both looks."""
    for scheme in ("light", "dark"):
        page = page_at(360, house.people.lead, scheme=scheme)
        page.goto(house.address + "/accounts/invite")
        page.get_by_label("Their e-mail address").fill("anna@nordhafen")
        page.get_by_role("button", name="Send the invitation").click()
        picture(page, f"refused {scheme}")
        expect(page.get_by_role("alert")).to_be_visible()
        axe(page)
        for name in ("home", "own organisation"):
            page.goto(house.address + house.of_lead[name])
            picture(page, f"{name} {scheme}")
            axe(page)


def test_a_reviewer_joins_and_signs_out_without_javascript(house: House, page_at: PageAt) -> None:
    """From the mail to one's own first page, by two buttons on a phone."""
    wish = Invite("mila@nordhafen.example", house.people.employer, REVIEWER, "Mila")
    secret = mailed_secret(commands.invite(house.people.lead, wish).person)
    page = page_at(360, scripts=False)
    page.goto(f"{house.address}/accounts/link/{secret}")
    page.get_by_label("Your name, as others shall see it").fill("Mila Hansen")
    page.get_by_role("button", name="Join and begin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Good day, Mila Hansen")
    page.goto(f"{house.address}/accounts/me")
    page.get_by_role("button", name="Sign out here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.goto(f"{house.address}/accounts/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_a_lead_invites_a_reviewer_of_a_new_organisation_without_javascript(house: House, page_at: PageAt) -> None:
    """The organisation is named on the same page; what it is, is a claim."""
    page = page_at(360, house.people.lead, scripts=False)
    page.goto(house.address + "/accounts/invite")
    page.get_by_label("Their e-mail address").fill("ole@werft.example")
    page.get_by_text("It is not in the list").click()
    page.get_by_label("Its public name").fill("Werft Bremen")
    page.get_by_label("What it is").select_option("Employer")
    page.get_by_role("checkbox", name="Reviewer").check()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status").first).to_contain_text("The invitation is on its way by mail.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Werft Bremen")
    expect(page.get_by_text("A claim so far")).to_be_visible()


def test_while_notifications_are_away_the_first_page_says_so_and_works(house: House, page_at: PageAt) -> None:
    """The inbox is a link and a sentence; the rest is there."""
    page = page_at(1280, house.people.lead)
    page.goto(house.address + "/accounts/")
    expect(page.get_by_text("This part is not available just now.")).to_be_visible()
    expect(page.get_by_role("link", name="Invite somebody")).to_be_visible()


def test_the_session_is_renewed_while_one_reads(house: House, page_at: PageAt) -> None:
    """A browser whose token is gone comes back to the very page it asked for."""
    page = page_at(1280)
    page.goto(f"{house.address}/accounts/link/{secret_of(commands.mint_link(house.people.lead.person))}")
    page.get_by_role("button", name="Sign in").click()
    page.context.clear_cookies(name="__Host-countersign")
    page.goto(f"{house.address}/accounts/organisations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Organisations")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
