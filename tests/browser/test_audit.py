"""The record in a real browser: accessible at both widths, and whole without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.audit_house import Round, whole_round

pytestmark = pytest.mark.usefixtures("module_database")
PICTURES = os.environ.get("COUNTERSIGN_TEST_PICTURES")  # a folder, to look at the pages


@dataclass(frozen=True, slots=True)
class House:
    """The served pages, and the round that is in the record."""

    address: str
    round: Round

    def story(self, at: int | None = None) -> str:
        """Return the address of the design's story."""
        return f"{self.address}/audit/drafts/{self.round.draft}" + (f"?at={at}" if at is not None else "")

    def compare(self, first: str, second: str) -> str:
        """Return the address of two of its moments beside each other, by their names."""
        number = self.round.number
        return f"{self.address}/audit/drafts/{self.round.draft}/compare?from={number(first)}&to={number(second)}"


@pytest.fixture(scope="module")
def house(module_database: str, serve: Callable[[Flask], str]) -> House:
    del module_database
    return House(serve(create_app(["audit"])), whole_round())


def looks_well(page: Page, axe: Callable[[Page], None], name: str) -> None:
    """axe-core finds nothing, and nothing is wider than the window."""
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"audit-{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_record_is_accessible(
    house: House, page_at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    """The timeline, entries, and the story of a design at several moments."""
    page, round = page_at(width, house.round.auditor, scheme=scheme), house.round
    page.goto(f"{house.address}/audit/")
    looks_well(page, axe, f"timeline-{width}-{scheme}")
    page.goto(f"{house.address}/audit/?about=comments&order=oldest")
    looks_well(page, axe, f"comments-{width}-{scheme}")
    for name in ("first", "version 2"):
        page.goto(f"{house.address}/audit/entries/{round.number(name)}")
        looks_well(page, axe, f"entry-{name.replace(' ', '-')}-{width}-{scheme}")
        page.goto(house.story(round.number(name)))
        looks_well(page, axe, f"story-{name.replace(' ', '-')}-{width}-{scheme}")
    page.goto(house.story())
    looks_well(page, axe, f"story-{width}-{scheme}")
    page.goto(house.compare("first", "published"))
    looks_well(page, axe, f"compare-{width}-{scheme}")
    page.goto(f"{house.address}/audit/?since=2001-01-01&until=2001-01-02")
    looks_well(page, axe, f"empty-{width}-{scheme}")


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_finds_the_published_design(
    house: House, page_at: PageAt, axe: Callable[[Page], None], width: int
) -> None:
    """The public pages, of nobody in particular."""
    page = page_at(width)
    page.goto(f"{house.address}/audit/")
    looks_well(page, axe, f"public-{width}")
    page.goto(house.story())
    looks_well(page, axe, f"public-story-{width}")


def test_one_walks_through_a_story_without_javascript(house: House, page_at: PageAt) -> None:
    """From the comment in the timeline to the design at that moment, one step on, and to the last."""
    page = page_at(360, house.round.auditor, scripts=False)
    page.goto(f"{house.address}/audit/")
    comment = page.get_by_role("listitem").filter(has_text="Say which distances")
    comment.get_by_role("link", name=re.compile("The design then")).click()
    expect(page.get_by_text("As it was after entry")).to_be_visible()
    expect(page.get_by_text("Say which distances").first).to_be_visible()
    expect(page.get_by_text("Half of our depots")).to_have_count(0)
    page.get_by_role("link", name="A step on").click()
    expect(page.get_by_text("Half of our depots").first).to_be_visible()
    page.get_by_role("link", name="To the last").click()
    expect(page.locator(".standing").get_by_text("Published")).to_be_visible()


def test_filters_stay_in_the_address(house: House, page_at: PageAt) -> None:
    """What one has chosen can be sent to somebody else as a link."""
    page = page_at(1280, house.round.auditor)
    page.goto(f"{house.address}/audit/")
    page.get_by_text("Choose what to read").click()
    page.get_by_label("About").select_option("Endorsements")
    page.get_by_label("By").select_option("Nordhafen Logistik")
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".deed")).to_have_count(1)
    again = page_at(1280, house.round.auditor)
    again.goto(page.url)
    expect(again.locator(".deed")).to_contain_text("Amina Rahman of Nordhafen Logistik endorsed the whole of")
