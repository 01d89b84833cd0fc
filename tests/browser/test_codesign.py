"""Co-design in a real browser: accessible at both widths, and an employer comments from a phone without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from services.codesign import commands
from services.codesign.domain.opening import NewConsultation
from services.kernel import clock
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.browser.conftest import WIDTHS, PageAt
from tests.component.codesign_house import Draft, House, emitted, house

pytestmark = pytest.mark.usefixtures("module_database")


@dataclass(frozen=True, slots=True)
class Served:
    """Served co-design: the pages of each person."""

    address: str
    here: House
    pages: dict[str, tuple[Actor, str]]


@pytest.fixture(scope="module")
def served(module_database: str, serve: Callable[[Flask], str]) -> Served:
    """A consultation in which everything was said that can be said, one without guests, one sealed, one published."""
    del module_database
    here = house("everything")
    talkative(here)
    lonely = Draft(here.world, here.draft.provider)
    alone = commands.open_consultation(
        here.designer, NewConsultation(lonely.id, clock.now().replace(year=2040))
    ).subject
    new = Draft(here.world, here.draft.provider)
    done, waiting = house(), house()
    for other in (done, waiting):
        other.endorsed()
        other.draft.submit()
    done.draft.publish(done.answered)
    comment = here.comment(text="And who pays for the protective boxes?", kind="question")
    place = f"/codesign/consultations/{here.consultation}"
    pages = {
        "list of a reviewer": (here.employer, "/codesign/"),
        "list of a provider": (here.designer, "/codesign/"),
        "list of nobody's": (here.world.member(here.draft.provider, "reviewer"), "/codesign/"),
        "review": (here.employer, place),
        "review in German": (here.other, f"{place}?language=de"),
        "comment": (here.employer, f"{place}/comment?pointer=/outcomes/lo-store"),
        "comment on a code": (here.employer, f"{place}/comment?pointer=/country"),
        "endorse": (here.employer, f"{place}/endorse"),
        "run": (here.designer, place),
        "audit": (here.auditor, place),
        "answer": (here.designer, f"{place}/comments/{comment}/answer"),
        "invite": (here.designer, f"{place}/invite"),
        "open": (here.designer, f"/codesign/open?draft={new.id}"),
        "alone": (here.designer, f"/codesign/consultations/{alone}"),
        "open comments": (here.designer, f"/codesign/fragments/drafts/{here.draft.id}"),
        "sealed, reviewer": (waiting.employer, f"/codesign/consultations/{waiting.consultation}"),
        "sealed, provider": (waiting.designer, f"/codesign/consultations/{waiting.consultation}"),
        "published, reviewer": (done.employer, f"/codesign/consultations/{done.consultation}"),
        "published, provider": (done.designer, f"/codesign/consultations/{done.consultation}"),
    }
    return Served(serve(create_app(["codesign"])), here, pages)


def talkative(here: House) -> None:
    """Say everything that can be said."""
    now = here.draft.document["outcomes"]["lo-store"]["text"]["en"]
    first = here.comment(
        text="“Prescribed distances” does not help my people. Ours have to be 2.5 m.",
        wording=now.replace("the prescribed distances", "a distance of 2.5 m"),
        public=True,
    )
    here.comment(here.other, pointer="/title", kind="praise", text="Short and clear.")
    second = here.comment(here.body, pointer="/workload", kind="error", text="25 hours are not 1 ECTS with us.")
    here.comment(here.other, pointer="/prerequisites/pr-language", kind="concern", text="B1 shuts half of them out.")
    here.comment(
        here.body,
        pointer="/level",
        kind="demand",
        text="Say the national level, too.",
        suggestion=[
            {"op": "test", "path": "/level/nqf", "value": "DQR 4"},
            {"op": "replace", "path": "/level/nqf", "value": "DQR 4, as decided in 2024"},
        ],
    )
    here.endorse(here.other, interest="paid", statement="We would send ten people a year.")
    claimed = here.world.organisation("Werkstatt Ost", "employer", confirmed=False)
    commands.invite_organisation(here.designer, here.consultation, claimed)
    here.endorse(here.world.member(claimed, "reviewer"), elements=("/title", "/outcomes/lo-store"))
    here.endorse(here.employer, interest="customer_or_supplier")
    here.draft.revise("/outcomes/lo-store/text/en", now.replace("the prescribed", "their"), answers=[first])
    here.answer(
        first, "accepted_with_changes", "The distance depends on the goods, so we name no figure.", answered_in=2
    )
    here.answer(second, "rejected", "With us one credit is 25 to 30 hours.")
    rest = {k: v for k, v in here.draft.document["prerequisites"].items() if k != "pr-language"}
    here.draft.revise("/prerequisites", rest)
    here.draft.submit()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_accessible(served: Served, page_at: PageAt, axe: Callable[[Page], None], width: int) -> None:
    """axe-core finds nothing, every small form unfolded, and nothing is wider than the screen."""
    for name, (actor, path) in served.pages.items():
        page = page_at(width, actor)
        page.goto(served.address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def test_the_dark_look_is_accessible(served: Served, page_at: PageAt, axe: Callable[[Page], None]) -> None:
    """Suggestions, answers and states have their contrast in the dark, too."""
    for name in ("review", "run", "endorse", "list of a provider"):
        actor, path = served.pages[name]
        page = page_at(360, actor, scheme="dark")
        page.goto(served.address + path)
        axe(page)


def test_an_employer_comments_from_a_phone(served: Served, page_at: PageAt) -> None:
    """Without JavaScript: unfold, type, change the words, send; a slip on the way loses nothing."""
    page = page_at(360, served.here.employer, scripts=False)
    page.goto(served.address + served.pages["review"][1])
    part = page.get_by_role("region", name="Learning outcome 5")
    part.locator("summary").first.click()
    part.get_by_label("What is it?").select_option("demand")
    part.get_by_label("Your comment").fill("Our people also have to know where the water connection is.")
    part.get_by_text("Suggest other words").click()
    box = part.get_by_label("Change the words as they should be")
    box.fill(box.input_value() + " Know the water connections.")
    part.get_by_role("checkbox").check()
    part.get_by_role("button", name="Send").click()
    expect(page.get_by_role("status")).to_contain_text("Your comment is recorded.")
    said = page.get_by_role("region", name="Learning outcome 5")
    expect(said.get_by_role("article")).to_contain_text("Our people also have to know")
    expect(said.locator("ins")).to_contain_text("Know the water connections.")
    assert emitted()[-1].data["public"] is True


def test_a_provider_answers_beside_the_comment(served: Served, page_at: PageAt) -> None:
    """Without JavaScript, on the page of the consultation itself."""
    comment = served.here.comment(pointer="/setting", text="Is it recognised?", kind="question")
    page = page_at(1280, served.here.designer, scripts=False)
    page.goto(f"{served.address}{served.pages['run'][1]}#comment-{comment}")
    said = page.locator(f"#comment-{comment}")
    said.locator("summary").click()
    said.get_by_label("What becomes of it?").select_option("deferred")
    said.get_by_label("Why?").fill("The ministry decides in autumn.")
    said.get_by_role("button", name="Record the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer is recorded.")
    expect(page.locator(f"#comment-{comment}")).to_contain_text("The ministry decides in autumn.")
