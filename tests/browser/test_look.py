"""The one look, in a real browser: accessible, whole without JavaScript, obedient to its own CSP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, redirect, render_template_string
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page, expect

from services.kernel.errors import Invalid
from services.kernel.http import (
    ApiBlueprint,
    Created,
    PageBlueprint,
    application,
    create_app,
    idempotent,
    public,
    redisplay,
    signed_in,
)
from services.kernel.http.schemas import Schema, Text
from tests.browser.conftest import WIDTHS, PageAt
from tests.people import person

PAGE = """
{% extends "base.html" %}
{% from "look.html" import field, area, choice, choices, select, submit, facts, table, notice, status, empty, fragment,
   pager, words %}
{% block title %}Safe handling of lithium batteries{% endblock %}
{% block kicker %}Consultation, open until 14 March 2026{% endblock %}
{% block lead %}Read the design one element at a time.{% endblock %}
{% block crumbs %}{{ crumb("Consultations", "/codesign/") }}{{ crumb("Nordhaven", "/codesign/x") }}{% endblock %}
{% block body %}
{{ notice({"sent": "Your comment is recorded."}) }}
{{ facts([("Provider", "Nordhaven College"), ("State", status("open")), ("Closes", when(now))]) }}
<h2>Comments</h2>
<article>
<h3>Store damaged cells safely</h3>
{{ words("Please name the limit.\nWe never store cells above 30 %.") }}{{ words(none) }}
<p class="fine">{{ status("accepted", "good") }} {{ status("question", "attention") }} {{ status("no", "closed") }}</p>
</article>
{{ table("Who was asked", ["Organisation", "Answered"], [["Baltic Storage OÜ", when(now)], ["Guild", "not yet"]]) }}
<h2>Comment</h2>
<form method="post">
{{ csrf_field() }}
{{ field("title", "In a few words", hint="What is seen first.", max=100) }}
{{ area("text", "Your comment", hint="At most 4,000 characters.", max=4000, required=True) }}
{{ choice("kind", "What is it?", [("comment", "A comment"), ("question", "A question")], value="comment") }}
{{ choices("covers", "Which outcomes?", [("a", "Storing"), ("b", "Recognising")]) }}
{{ select("organisation", "For whom?", [("a", "Baltic Storage OÜ"), ("b", "Yourself")]) }}
{{ submit("Send the comment") }}
</form>
{{ empty("Nothing else waits for you.") }}
{{ pager({"next": "abc"}) }}
{{ fragment("/nowhere/fragments/count", "Open your inbox", "/notifications/") }}
{% endblock %}
"""

pytestmark = pytest.mark.usefixtures("module_database")


class Note(Schema):
    """A body."""

    text = Text(required=True)


def doors(name: str) -> Any:
    """A made-up co-design service."""
    pages = PageBlueprint("codesign", __name__)
    api = ApiBlueprint("codesign", __name__, description="Consultations and what is said in them.")

    @pages.get("/form")
    @signed_in()
    def form() -> str:
        return render_template_string(PAGE, now=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))

    @pages.post("/form")
    @signed_in()
    @redisplay(form)
    def send() -> ResponseReturnValue:
        raise Invalid("Please look at the fields below.", fields={"/text": ["Say more."], "/kind": ["Choose one."]})

    @pages.get("/thanks")
    @signed_in()
    def thanks() -> ResponseReturnValue:
        return redirect("/codesign/form?done=sent", 303)

    @pages.get("/public")
    @public
    def for_all() -> str:
        return render_template_string(PAGE, now="2026-03-01T09:30:00Z")

    @api.route("/notes", methods=["POST"])
    @idempotent
    @api.arguments(Note)
    @api.response(201, Created)
    def note(note: dict[str, str]) -> ResponseReturnValue:
        """Write a note."""
        return note

    return SimpleNamespace(pages=pages, api=api) if name.startswith("services.codesign.") else None


@pytest.fixture(scope="module")
def address(serve: Callable[[Flask], str]) -> Iterator[str]:
    real, application._module = application._module, doors
    try:
        yield serve(create_app(["codesign"])) + "/codesign"
    finally:
        application._module = real


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_page_is_accessible_and_fits(
    address: str, page_at: PageAt, axe: Callable[[Page], None], width: int, scheme: str
) -> None:
    """axe-core finds nothing on a page with every part, and nothing is wider than the screen."""
    page = page_at(width, person(), scheme=scheme)
    page.goto(f"{address}/form?done=sent")
    expect(page.get_by_text("Your comment is recorded.")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_refused_form_is_accessible_and_begins_at_what_is_wrong(
    address: str, page_at: PageAt, axe: Callable[[Page], None], width: int
) -> None:
    """The focus is on the sentences; each leads to its field; the words are still there."""
    page = page_at(width, person())
    page.goto(f"{address}/form")
    page.get_by_label("Your comment").fill("Too short")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("alert")).to_be_focused()
    axe(page)
    page.get_by_role("link", name="Text").click()
    expect(page.get_by_label("Your comment")).to_be_focused()
    expect(page.get_by_label("Your comment")).to_have_value("Too short")
    expect(page.get_by_label("Your comment")).to_have_accessible_description("At most 4,000 characters. Say more.")


@pytest.mark.parametrize("width", WIDTHS)
def test_words_of_an_ended_session_are_kept_on_an_accessible_page(
    address: str, page_at: PageAt, axe: Callable[[Page], None], width: int
) -> None:
    """The person sees what they wrote, and one button."""
    page = page_at(width, person())
    page.goto(f"{address}/form")
    page.get_by_label("Your comment").fill("An hour of thought")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("heading", name="Your words are kept")).to_be_visible()
    expect(page.get_by_label("Text")).to_have_value("An hour of thought")
    expect(page.get_by_role("button")).to_have_count(1)
    axe(page)


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/", "/public"])
@pytest.mark.parametrize("width", WIDTHS)
def test_errors_documents_and_public_pages_are_accessible(
    address: str, page_at: PageAt, axe: Callable[[Page], None], width: int, path: str
) -> None:
    """Also what nobody designs on purpose."""
    page = page_at(width)
    page.goto(address + path)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_part_of_another_service_that_is_away_says_so(address: str, page_at: PageAt) -> None:
    """The link stays, a sentence says why there is no more, the rest of the page works."""
    page = page_at(1280, person())
    page.goto(f"{address}/form")
    expect(page.get_by_text("This part is not available just now.")).to_be_visible()
    expect(page.get_by_role("link", name="Open your inbox")).to_be_visible()


def test_everything_works_without_javascript(address: str, page_at: PageAt) -> None:
    """A form is filled in, refused, and shown again; links stand where fragments would be."""
    page = page_at(360, person(), scripts=False)
    page.goto(f"{address}/form")
    expect(page.get_by_role("link", name="Open your inbox")).to_be_visible()
    page.get_by_label("Your comment").fill("Plain")
    page.get_by_role("button", name="Send the comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Say more.")
    expect(page.get_by_label("Your comment")).to_have_value("Plain")


def test_the_keyboard_reaches_the_content_first(address: str, page_at: PageAt) -> None:
    """The first stop of the Tab key leads past the navigation."""
    page = page_at(1280, person())
    page.goto(f"{address}/form")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
