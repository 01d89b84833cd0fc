"""What a page does while somebody writes and others work: it says that it has changed, and loses no words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, redirect, render_template_string
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, expect

from services.kernel.errors import Invalid
from services.kernel.http import PageBlueprint, application, create_app, read_form, redisplay, signed_in, unchanged
from services.kernel.http.schemas import Schema, Text
from tests.browser.conftest import PageAt
from tests.people import person

PAGE = """
{% extends "base.html" %}
{% from "look.html" import area, field, live, submit %}
{% block title %}Comment{% endblock %}
{% block body %}
<form method="post" data-keep="comment">
{{ csrf_field() }}{{ area("text", "Your comment") }}
{{ field("address", "Your address", type="email") }}{{ submit("Send") }}
</form>
{{ live("/codesign/state", tag, every=0.1) }}
{% endblock %}
"""
WORDS = "Please name the limit."

pytestmark = pytest.mark.usefixtures("module_database")


class Comment(Schema):
    """A comment; one of a single letter is refused."""

    text = Text(required=True, max=1000)
    address = Text()


class House:
    """A made-up co-design service whose page is at a version."""

    def __init__(self) -> None:
        self.version = 1
        self.asked = 0

    def doors(self, name: str) -> Any:
        if name != "services.codesign.pages":
            return None
        pages = PageBlueprint("codesign", __name__)

        @pages.get("/comment")
        @signed_in()
        def form() -> str:
            return render_template_string(PAGE, tag=f"v{self.version}")

        @pages.post("/comment")
        @signed_in()
        @redisplay(form)
        def send() -> ResponseReturnValue:
            if len(read_form(Comment)["text"]) == 1:
                raise Invalid("Please look at the fields below.", fields={"/text": ["Say more."]})
            return redirect("/codesign/comment", 303)

        @pages.get("/state")
        @signed_in()
        def state() -> ResponseReturnValue:
            self.asked += 1
            return unchanged(f"v{self.version}")

        return SimpleNamespace(pages=pages)


@pytest.fixture(scope="module")
def house() -> House:
    return House()


@pytest.fixture(scope="module")
def address(house: House, serve: Callable[[Flask], str]) -> Iterator[str]:
    real, application._module = application._module, house.doors
    try:
        yield serve(create_app(["codesign"])) + "/codesign/comment"
    finally:
        application._module = real


def box(page: Page) -> Any:
    return page.get_by_label("Your comment")


def write(page: Page, words: str) -> None:
    """Write, and wait until the browser has kept it."""
    box(page).fill(words)
    page.wait_for_function("words => Object.values(localStorage).some(kept => kept.includes(words))", arg=words)


def test_a_page_says_that_it_has_changed_and_takes_nothing_away(
    house: House, address: str, page_at: PageAt, axe: Callable[[Page], None]
) -> None:
    """While others work the page says so, politely, with a link; what is being written stays, and comes back."""
    page = page_at(360, person())
    page.goto(address)
    write(page, WORDS)
    with page.expect_response("**/state") as answer:
        pass
    assert answer.value.status == 304
    expect(page.locator(".live")).to_be_empty()
    house.version += 1
    expect(page.get_by_text("This page has changed meanwhile.")).to_be_visible()
    assert box(page).input_value() == WORDS
    axe(page)
    page.get_by_role("link", name="Show it").click()
    expect(page.locator(".changed")).to_have_count(0)
    page.get_by_role("button", name="Put it back").click()
    assert box(page).input_value() == WORDS


def test_nobody_asks_while_nobody_looks(house: House, address: str, page_at: PageAt) -> None:
    """A page in a hidden tab asks nothing, and asks at once when it is looked at again."""
    page = page_at(1280, person())
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.away !== false})")
    page.goto(address)
    before = house.asked
    page.evaluate("new Promise(done => setTimeout(done, 400))")  # four times the interval
    assert house.asked == before
    with page.expect_response("**/state"):
        page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")


def test_words_that_were_not_sent_are_offered_and_those_that_were_are_let_go(
    address: str, page_at: PageAt, axe: Callable[[Page], None]
) -> None:
    """Unsent words are offered on the next visit; after a refusal they are kept, after a success they are gone."""
    page = page_at(360, person())
    page.goto(address)
    page.get_by_label("Your address").fill("secret@example.org")
    write(page, WORDS)
    assert "secret" not in page.evaluate("JSON.stringify(localStorage)")
    page.reload()
    expect(page.get_by_text("You wrote something here that was not sent.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Put it back").click()
    expect(box(page)).to_have_value(WORDS)
    box(page).fill("x")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".mistakes")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).length") == 1
    box(page).fill(WORDS)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".mistakes")).to_have_count(0)
    assert page.evaluate("Object.keys(localStorage).length") == 0


def test_words_can_be_thrown_away(address: str, page_at: PageAt) -> None:
    """Thrown away they are not offered again."""
    page = page_at(1280, person())
    page.goto(address)
    write(page, WORDS)
    page.reload()
    page.get_by_role("button", name="Throw it away").click()
    page.reload()
    expect(page.locator(".kept")).to_have_count(0)


def test_words_of_one_person_are_not_offered_to_another(address: str, page_at: PageAt) -> None:
    """Two people at one browser see only their own words."""
    page = page_at(1280, person())
    page.goto(address)
    write(page, WORDS)
    page.evaluate("document.body.dataset.person = 'x'")
    kept = page.evaluate("JSON.stringify(localStorage)")
    other = page_at(1280, person())
    other.goto(address)
    other.evaluate("kept => Object.entries(JSON.parse(kept)).forEach(([k, v]) => localStorage.setItem(k, v))", kept)
    other.reload()
    expect(box(other)).to_be_visible()
    expect(other.locator(".kept")).to_have_count(0)
