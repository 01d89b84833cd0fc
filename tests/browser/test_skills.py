"""Skills in a real browser: found while one types, by the keyboard alone, and by a button where there is no script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.catalogue import commands, skills
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.catalogue_house import member, opened, provider

pytestmark = pytest.mark.usefixtures("module_database")
BACKUP = "http://data.europa.eu/esco/skill/82de2df7-0d6c-42b1-94ac-b3e9a029e917"


@pytest.fixture(scope="module")
def address(module_database: str, serve: Callable[[Flask], str]) -> str:
    del module_database
    skills.put_starter()
    return serve(create_app(["catalogue"]))


@pytest.fixture
def lead(address: str) -> Actor:
    del address
    return member(provider(), "designer", "lead")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_skill_is_found_while_one_types(
    address: str, lead: Actor, page_at: PageAt, axe: Callable[[Page], None], width: int
) -> None:
    """Letters, the list, the space bar, Save: the skill stands in the design, its words on the page."""
    draft = opened(lead)
    page = page_at(width, lead)
    page.goto(f"{address}/catalogue/drafts/{draft}/edit/outcomes/lo-store")
    page.get_by_label("Find a skill").press_sequentially("back-up")
    found = page.get_by_role("checkbox", name="use back-up and recovery tools")
    expect(found).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="use back-up and recovery tools")).to_be_visible()
    assert BACKUP in commands.draft(lead, draft).document["outcomes"]["lo-store"]["skills"]


def test_without_script_the_button_opens_a_page(
    address: str, lead: Actor, page_at: PageAt, axe: Callable[[Page], None]
) -> None:
    """The form stays as it is; the search is a page of its own, with the addresses to take along."""
    page = page_at(360, lead, scripts=False)
    page.goto(f"{address}/catalogue/drafts/{opened(lead)}/edit/outcomes/lo-store")
    page.get_by_label("Find a skill").fill("back-up")
    with page.expect_popup() as opening:
        page.get_by_role("button", name="Search").click()
    expect(opening.value.get_by_text(BACKUP)).to_be_visible()
    scripted = page_at(360, lead)
    scripted.goto(f"{address}/catalogue/skills?q=back-up")
    axe(scripted)
