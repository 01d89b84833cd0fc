"""The inbox, a mail and the catcher in a real browser: accessible at both widths, whole without JavaScript."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.kernel.http import create_app
from services.notifications.mailcatcher.kept import keep
from services.notifications.mailcatcher.showing import pages
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.notifications_house import Box, Round, send

pytestmark = pytest.mark.usefixtures("module_database")
PICTURES = os.environ.get("COUNTERSIGN_TEST_PICTURES")  # a folder, to look at the pages


@dataclass(frozen=True, slots=True)
class House:
    """The served inbox, and a catcher with every mail of the round in it."""

    address: str
    mails: str
    round: Round


@pytest.fixture(scope="module")
def house(
    module_database: str, serve: Callable[[Flask], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A round in which a bit of everything happened; each mail was sent, one of them twice."""
    del module_database
    folder, box = tmp_path_factory.mktemp("mail"), Box()
    round = told()
    send(box)
    for message in [*box.sent, box.sent[-1]]:
        keep(folder, message.as_bytes())
    catcher = ThreadingHTTPServer(("localhost", 0), pages(folder))
    threading.Thread(target=catcher.serve_forever, daemon=True).start()
    yield House(serve(create_app(["notifications"])), f"http://localhost:{catcher.server_port}", round)
    catcher.shutdown()


def told() -> Round:
    round = Round().opened()
    first = round.comments(round.emil, "Name the harness to be worn,\nand who checks it before the work begins.")
    round.answers(first, "Both are in version 2 now. Thank you: we had taken it for granted.")
    round.comments(round.bo, "Scaffolds are missing. " * 20)
    early = round.submits(round.luis)
    missing = [{"code": "open_comments", "comments": [first.data["comment"]]}, {"code": "no_employer_endorsement"}]
    round.answered(early, "unready", missing=missing)
    endorsements = [round.endorses(actor).data["endorsement"] for actor in (round.emil, round.bo)]
    submission = round.submits(round.luis)
    round.answered(submission, "sealed", endorsements=endorsements)
    round.issues(round.emil, "invitation", consultation=round.consultation)
    round.issues(round.emil, "sign_in")
    return round.tell()


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_inbox_is_accessible(
    house: House, page_at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    """axe-core finds nothing, with notices and without, and nothing overflows."""
    page = page_at(width, house.round.lena, scheme=scheme)
    page.goto(f"{house.address}/notifications/")
    expect(page.get_by_role("listitem").filter(has_text="Version 1 of")).not_to_have_count(0)
    axe(page)
    assert fits(page)
    picture(page, f"inbox-{width}-{scheme}")
    empty = page_at(width, Round().dora, scheme=scheme)
    empty.goto(f"{house.address}/notifications/")
    axe(empty)
    picture(empty, f"inbox-empty-{width}-{scheme}")


def test_the_number_of_new_notices_stands_in_the_masthead(house: House, page_at: PageAt) -> None:
    """Fetched by the page when it is there; without JavaScript the link stands alone."""
    page = page_at(1280, house.round.luis)
    page.goto(f"{house.address}/notifications/")
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")).to_have_text("Inbox 5 new")
    plain = page_at(1280, house.round.luis, scripts=False)
    plain.goto(f"{house.address}/notifications/")
    expect(plain.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")).to_have_text("Inbox")


def test_notices_are_read_without_javascript(house: House, page_at: PageAt) -> None:
    """One by its button, then all."""
    page = page_at(360, house.round.dora, scripts=False)
    page.goto(f"{house.address}/notifications/")
    new = page.locator("li[data-new]")
    expect(new).to_have_count(2)
    page.get_by_role("button", name=re.compile("Mark as read.*Institute")).click()
    expect(new).to_have_count(1)
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    page.get_by_role("button", name="Mark as read").click()
    expect(new).to_have_count(0)
    expect(page.locator(".lead")).to_contain_text("Nothing new.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_catcher_and_every_mail_are_accessible(
    house: House, page_at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    """The list, each mail as designed (in its frame and by itself) and as text."""
    page = page_at(width, scheme=scheme)
    page.goto(house.mails)
    axe(page)
    assert fits(page)
    picture(page, f"catcher-{width}-{scheme}")
    subjects = {
        "You may publish",
        "Not ready",
        "was answered",
        "New comment",
        "invites you to",
        "Your link",
        "endorsed",
    }
    for subject in sorted(subjects):
        page.goto(house.mails)
        page.get_by_role("link", name=subject).first.click()
        expect(page.locator("iframe").content_frame.get_by_role("link")).not_to_have_count(0)
        axe(page)
        assert fits(page)
        picture(page, f"mail-{subject.replace(' ', '-')}-{width}-{scheme}")
        page.get_by_role("link", name="As plain text").click()
        axe(page)
        picture(page, f"text-{subject.replace(' ', '-')}-{width}-{scheme}")
        page.goto(page.url.removesuffix("/text") + "/html")
        assert fits(page)


def test_a_link_in_a_caught_mail_opens_beside_it(house: House, page_at: PageAt) -> None:
    """The frame is a sandbox, and its links open in a window of their own, out of the sandbox."""
    page = page_at(1280, house.round.lena)
    page.context.route("**/accounts/link/**", lambda route: route.fulfill(body="accounts"))  # it is not served here
    page.goto(house.mails)
    page.get_by_role("link", name="Your link").first.click()
    with page.expect_popup() as popup:
        page.locator("iframe").content_frame.get_by_role("link", name="Sign in").click()
    popup.value.wait_for_url("**/accounts/link/secret-of-*")
