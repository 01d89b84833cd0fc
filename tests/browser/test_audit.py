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

from services.kernel import clock, ids
from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.audit_house import Round, whole_round, witnessed
from tests.people import person

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
    """A whole round and what came after it, half of it witnessed."""
    del module_database
    round = whole_round()
    for actor in (round.amina, round.emil):
        token = {"token": ids.new_id(), "person": actor.person, "purpose": "sign_in"}
        token |= {"expires_at": clock.rfc3339(clock.now())}
        round.says("accounts.token.issued.v1", actor.person, token, actor, name=f"link {actor.person}")
    comment = round.suggests(round.emil, "Store them three metres apart.", "Make it three.", "suggests")
    round.answers(comment, "rejected", "The law says 2.5.", "rejects")
    witnessed()
    round.comments(round.amina, "Who checks the distances?", "last")
    return House(serve(create_app(["audit"])), round)


def looks_well(page: Page, axe: Callable[[Page], None], name: str) -> None:
    """axe-core finds nothing, and nothing is wider than the window."""
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"audit-{name}.png", full_page=True)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "light"), (360, "dark")])
def test_the_record_is_accessible(
    house: House, page_at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    """Every page, with all that can be opened on it open, at both widths, and in the dark."""
    page, number = page_at(width, house.round.auditor, scheme=scheme), house.round.number
    comment, waiting = house.round.said["suggests"].data["comment"], house.round.said["last"].id
    for name, path in {
        "timeline": "",
        "chosen": f"?about=comments&order=oldest&design={house.round.draft}",
        "empty": "?since=2001-01-01&until=2001-01-02",
        "entry": f"entries/{number('first')}",
        "story": f"drafts/{house.round.draft}?at={number('version 2')}",
        "compare": f"drafts/{house.round.draft}/compare?from={number('first')}&to={number('published')}",
        "trace": f"drafts/{house.round.draft}/trace?element=/outcomes/lo-store",
        "what-if": f"drafts/{house.round.draft}/what-if/{comment}",
        "health": "health",
        "verify": "verify",
        "receipt": f"receipts/{waiting}",
    }.items():
        page.goto(f"{house.address}/audit/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        looks_well(page, axe, f"{name}-{width}-{scheme}")


@pytest.mark.parametrize("width", WIDTHS)
def test_withholding_a_text(house: House, page_at: PageAt, axe: Callable[[Page], None], width: int) -> None:
    """Proposed from the entry's page and left again, without JavaScript; each page on the way accessible."""
    entry = f"{house.address}/audit/entries/{house.round.number('second')}"
    proposer, second = page_at(width, house.round.auditor, scripts=False), page_at(width, person("administrator"))
    proposer.goto(entry)
    proposer.get_by_role("link", name="Propose to withhold").click()
    proposer.get_by_label("unlawful").check()
    proposer.get_by_role("button", name="Propose to withhold it").click()
    expect(proposer.get_by_role("status")).to_contain_text("waits for a second person")
    new = proposer.goto(f"{entry.replace('entries/', 'withhold/new?entry=')}&pointer=/data/text")
    assert new
    assert new.ok
    second.goto(proposer.url)
    looks_well(second, axe, f"withhold-{width}")
    second.goto(f"{house.address}/audit/withhold")
    looks_well(second, axe, f"withheld-{width}")
    second.get_by_role("row").get_by_role("link").first.click()
    looks_well(second, axe, f"proposal-{width}")
    second.get_by_role("button", name="Leave the text where it is").click()
    expect(second.get_by_role("status")).to_contain_text("The text stays where it is")


@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_finds_what_is_theirs(house: House, page_at: PageAt, axe: Callable[[Page], None], width: int) -> None:
    """The public pages, of nobody in particular; and the receipts of a person."""
    page = page_at(width)
    page.goto(f"{house.address}/audit/")
    looks_well(page, axe, f"public-{width}")
    page.goto(house.story())
    looks_well(page, axe, f"public-story-{width}")
    page = page_at(width, house.round.amina)
    page.goto(f"{house.address}/audit/receipts")
    looks_well(page, axe, f"receipts-{width}")


def test_one_walks_through_a_story_without_javascript(house: House, page_at: PageAt) -> None:
    """From the comment in the timeline to the design at that moment, one step on, and to the last."""
    page = page_at(360, house.round.auditor, scripts=False)
    page.goto(f"{house.address}/audit/")
    comment = page.get_by_role("listitem").filter(has_text="Say which distances")
    comment.get_by_role("link", name=re.compile("The design then")).click()
    expect(page.get_by_text("As it was after entry")).to_be_visible()
    expect(page.get_by_text("Say which distances").first).to_be_visible()
    design = page.locator(".sheet")
    expect(design.get_by_text("Half of our depots")).to_have_count(0)
    page.get_by_role("link", name="A step on").click()
    expect(design.get_by_text("Half of our depots")).to_be_visible()
    page.get_by_label("Moment of the story").press("Home")
    page.get_by_role("button", name="Go there").click()
    expect(page.get_by_text("Moment 1 of")).to_be_visible()
    page.get_by_text("Compare two moments").click()
    page.get_by_label("The later").select_option(index=5)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Two moments beside each other")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="To the last").click()
    expect(page.locator(".standing").get_by_text("Published")).to_be_visible()


def test_filters_stay_in_the_address(house: House, page_at: PageAt) -> None:
    """What one has chosen can be sent to somebody else as a link."""
    page = page_at(1280, house.round.auditor)
    page.goto(f"{house.address}/audit/")
    page.get_by_text("Choose what to read").click()
    page.get_by_label("About", exact=True).select_option("Endorsements")
    page.get_by_label("Organisation").select_option("Nordhafen Logistik")
    page.get_by_label("Design").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".deed")).to_have_count(1)
    again = page_at(1280, house.round.auditor)
    again.goto(page.url)
    expect(again.locator(".deed")).to_contain_text("Amina Rahman of Nordhafen Logistik endorsed the whole of")


def test_one_steps_and_slides_without_leaving_the_page(house: House, page_at: PageAt) -> None:
    """The address follows, focus stays where it is, what happened is told to those who do not see it."""
    page, number = page_at(1280, house.round.auditor), house.round.number
    page.goto(house.story(number("first")))
    page.evaluate("window.stayed = true")
    page.get_by_role("link", name="A step on").press("Enter")
    expect(page.get_by_text("Moment 7 of")).to_be_visible()
    expect(page).to_have_url(re.compile(f"at={number('second')}$"))
    expect(page.get_by_role("link", name="A step on")).to_be_focused()
    expect(page.get_by_role("status").filter(has_text="Emil Braun of Spedition Ulm commented")).to_have_count(1)
    expect(page.locator("[data-now]")).to_be_in_viewport()
    slider = page.get_by_label("Moment of the story")
    slider.press("Home")
    expect(page).to_have_url(re.compile(f"at={number('opened')}$"))
    page.keyboard.press("Escape")
    page.locator("#content").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Moment 2 of")).to_be_visible()
    assert page.evaluate("window.stayed")


def test_a_story_plays_until_it_is_stopped_or_over(house: House, page_at: PageAt) -> None:
    """Each moment stands a while; the button stops it; at the end it stops by itself."""
    page, number = page_at(360, house.round.auditor), house.round.number
    page.goto(house.story(number("published")))
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page).to_have_url(re.compile(f"at={number('suggests')}$"))
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page).to_have_url(re.compile(f"at={number('last')}$"), timeout=20_000)
    expect(page.get_by_role("button", name="Play")).to_be_hidden()
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()


def test_one_reads_the_timeline_with_the_keyboard(house: House, page_at: PageAt) -> None:
    """j and k go from entry to entry, Enter opens one, the arrows lead to the one beside it."""
    page, last = page_at(1280, house.round.auditor), house.round.number("last")
    page.goto(f"{house.address}/audit/")
    for key, entry in (("j", last), ("j", last - 1), ("k", last)):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=f"Entry {entry}", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Entry {last}")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name=f"Entry {last - 1}")).to_be_visible()


def test_a_page_prints_as_a_document(house: House, page_at: PageAt) -> None:
    """What only leads on, or plays, is not on paper; the proof and the words are."""
    page = page_at(1280, house.round.auditor)
    page.emulate_media(media="print")
    page.goto(house.story(house.round.number("first")))
    expect(page.locator(".player")).to_be_hidden()
    expect(page.get_by_text("Say which distances").first).to_be_visible()
    page.goto(f"{house.address}/audit/entries/{house.round.number('first')}")
    expect(page.get_by_text("It can be proven")).to_be_visible()
    expect(page.get_by_role("navigation", name="Beside this entry")).to_be_hidden()
