"""The catalogue in a real browser: every page is accessible at both widths, and the desk works without JavaScript."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.catalogue import commands
from services.catalogue.domain.acts import Revision
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.catalogue_house import emitted, hear, in_consultation, lithium, member, opened, provider, sealed
from tests.component.test_catalogue_versions import Commenter

pytestmark = pytest.mark.usefixtures("module_database")


@dataclass(frozen=True, slots=True)
class House:
    """A served catalogue with a draft in each state."""

    address: str
    lead: Actor
    pages: dict[str, str]


@pytest.fixture(scope="module")
def house(module_database: str, serve: Callable[[Flask], str]) -> House:
    """A provider with a revised draft that has gaps, a blank one, one that is unready, one sealed, one published."""
    del module_database
    home = provider()
    lead, second = member(home, "designer", "lead"), member(home, "lead", name="Mehmet Aydın")
    draft = opened(lead)
    document = lithium()
    document["assessments"]["as-written"]["covers"] = ["lo-classify"]
    document["order"]["outcomes"].reverse()
    del document["grading"]
    commands.revise(lead, draft, 1, Revision(document=document, summary="No grades any more"))
    blank = opened(lead, {"title": {"en": "Beekeeping for beginners"}})
    unready = opened(lead)
    consultation = in_consultation(lead, unready)
    hear(consultation.finds_unready(commands.submit(lead, unready, 1)))
    mine, _ = sealed(lead)
    theirs, _ = sealed(second)
    published, _ = sealed(lead)
    credential = commands.publish(second, published, 1).data["credential"]
    fits, conflict = Commenter(lead, draft).suggests(), _in_conflict(lead, draft)
    drafts = "/catalogue/drafts"
    pages = {
        "designs": "/catalogue/",
        "new": "/catalogue/new",
        "draft": f"{drafts}/{draft}",
        "blank": f"{drafts}/{blank}",
        "unready": f"{drafts}/{unready}",
        "sealed by me": f"{drafts}/{mine}",
        "sealed by another": f"{drafts}/{theirs}",
        "published": f"{drafts}/{published}",
        "edit": f"{drafts}/{unready}/edit/assessments/as-written",
        "edit links": f"{drafts}/{draft}/edit/stacking",
        "add": f"{drafts}/{blank}/add/outcomes",
        "remove": f"{drafts}/{draft}/remove/outcomes/lo-store",
        "order": f"{drafts}/{draft}/order/outcomes",
        "split": f"{drafts}/{draft}/split/lo-store",
        "join": f"{drafts}/{draft}/join/lo-store?with=lo-alarm",
        "recall": f"{drafts}/{mine}/recall",
        "history": f"{drafts}/{draft}/versions",
        "version": f"{drafts}/{draft}/versions/2",
        "earlier version": f"{drafts}/{draft}/versions/1",
        "compare": f"{drafts}/{draft}/compare?from=1&to=2",
        "suggestion": f"{drafts}/{draft}/suggestions/{fits}",
        "suggestion in conflict": f"{drafts}/{draft}/suggestions/{conflict}",
        "credentials": "/catalogue/credentials",
        "credential": f"/catalogue/credentials/{credential}",
        "credential in German": f"/catalogue/credentials/{credential}?language=de",
    }
    return House(serve(create_app(["catalogue"])), lead, pages)


def _in_conflict(lead: Actor, draft_id: str) -> str:
    """Let somebody suggest what was made for other words than the draft's."""
    commenter = Commenter(lead, draft_id)
    document = copy.deepcopy(dict(commenter.draft.document))
    document["outcomes"]["lo-store"]["text"]["en"] = "Other words."
    commenter.draft = replace(commenter.draft, document=document)
    return commenter.suggests()


@pytest.mark.parametrize("width", WIDTHS)
def test_two_people_bring_one_element_together(house: House, page_at: PageAt, width: int) -> None:
    """Without JavaScript: both readings side by side, one is chosen, and what only one changed stands by itself."""
    draft_id = opened(house.lead)
    page = page_at(width, house.lead, scripts=False)
    page.goto(f"{house.address}/catalogue/drafts/{draft_id}/edit/outcomes/lo-store")
    page.get_by_label("English").fill("Store damaged packages cool and dry.")
    theirs = lithium()
    theirs["outcomes"]["lo-store"]["text"] |= {"en": "Store packages at a distance.", "de": "Mit Abstand lagern."}
    commands.revise(house.lead, draft_id, 1, Revision(document=theirs))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("radio", name="Keep yours")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("radio", name="Bring both together").check()
    page.get_by_label("The words for both").fill("Store damaged packages cool, dry, and at a distance.")
    page.get_by_role("button", name="Save both together").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 3.")
    text = commands.draft(house.lead, draft_id).document["outcomes"]["lo-store"]["text"]
    assert text["en"] == "Store damaged packages cool, dry, and at a distance."
    assert text["de"] == "Mit Abstand lagern."


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_merge_page_is_accessible(
    house: House, page_at: PageAt, axe: Callable[[Page], None], scheme: Literal["light", "dark"]
) -> None:
    """axe-core finds nothing where two readings stand side by side."""
    draft_id = opened(house.lead)
    page = page_at(360, house.lead, scheme=scheme)
    page.goto(f"{house.address}/catalogue/drafts/{draft_id}/edit/outcomes/lo-store")
    page.get_by_label("English").fill("Store damaged packages cool and dry.")
    theirs = lithium()
    theirs["outcomes"]["lo-store"]["text"]["en"] = "Store packages at a distance."
    commands.revise(house.lead, draft_id, 1, Revision(document=theirs))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("radio", name="Keep yours")).to_be_visible()
    axe(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(house: House, page_at: PageAt, axe: Callable[[Page], None], width: int) -> None:
    """axe-core finds nothing, and nothing is wider than the screen."""
    page = page_at(width, house.lead)
    for name, path in house.pages.items():
        page.goto(house.address + path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_the_dark_look_is_accessible(house: House, page_at: PageAt, axe: Callable[[Page], None]) -> None:
    """Marks of differences, states and refusals have their contrast in the dark, too."""
    page = page_at(360, house.lead, scheme="dark")
    for name in ("designs", "unready", "edit", "version"):
        page.goto(house.address + house.pages[name])
        axe(page)


def test_a_design_is_written_without_javascript(house: House, page_at: PageAt) -> None:
    """From an empty page to a first outcome, with an error on the way, by plain forms."""
    page = page_at(360, house.lead, scripts=False)
    page.goto(house.address + "/catalogue/new")
    page.get_by_role("radio", name="An empty page").check()
    page.get_by_label("Title, for an empty page").fill("Keeping bees on roofs")
    page.get_by_role("button", name="Open the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keeping bees on roofs")
    page.get_by_role("link", name="Learning outcomes").first.click()
    page.get_by_label("English").fill("Inspect a hive without harm to the bees or to oneself.")
    page.get_by_text("By their addresses").click()
    page.get_by_label("Addresses of ESCO skills").fill("beekeeping")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This is the address of an ESCO skill").last).to_be_visible()
    expect(page.get_by_label("English")).to_have_value("Inspect a hive without harm to the bees or to oneself.")
    page.get_by_role("checkbox", name="beekeeping").uncheck()
    page.get_by_label("What changes, and why?").fill("A first outcome")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_contain_text("Added, and saved as version 2.")
    expect(page.get_by_role("list").filter(has_text="Inspect a hive").first).to_be_visible()
    assert emitted()[-1].words("/data/summary") == "A first outcome"


def test_the_order_is_changed_by_buttons_and_saved_once(house: House, page_at: PageAt) -> None:
    """Two presses move an outcome two places; one version holds the new order."""
    draft_id = opened(house.lead)
    page = page_at(1280, house.lead, scripts=False)
    page.goto(f"{house.address}/catalogue/drafts/{draft_id}/order/outcomes")
    page.get_by_role("button", name="Up number 5").click()
    page.get_by_role("button", name="Up number 4").click()
    page.get_by_role("button", name="Save this order").click()
    draft = commands.draft(house.lead, draft_id)
    assert draft.version == 2
    assert draft.document["order"]["outcomes"][2] == "lo-alarm"


def test_while_codesign_is_away_the_desk_says_so_and_works(house: House, page_at: PageAt) -> None:
    """The part that co-design writes is a link and a sentence; saving goes on."""
    page = page_at(1280, house.lead)
    page.goto(house.address + house.pages["unready"])
    expect(page.get_by_text("This part is not available just now.")).to_be_visible()
    expect(page.get_by_role("link", name="What others say about this design")).to_be_visible()
    page.goto(house.address + house.pages["edit"])
    expect(page.get_by_text("The comments are not available just now; you can save without them.")).to_be_visible()
