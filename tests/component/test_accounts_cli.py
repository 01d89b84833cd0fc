"""The operator's commands: `countersign accounts ...`, for people and for programs."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from services.accounts import commands
from services.cli.accounts import app
from services.kernel.errors import Invalid, NotFound, Refused
from tests.component.accounts_house import events, press
from tests.people import browse


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


@pytest.fixture
def college(database: str) -> str:  # noqa: ARG001
    done = run("register-organisation", "Weserkolleg", "--standing", "provider", "--country", "de", "--json")
    found: str = json.loads(done.stdout)["id"]
    return found


def test_an_operator_sets_up_the_first_organisation_its_people_and_a_way_in(college: str) -> None:
    """From an empty database to somebody who is signed in, without a mail."""
    words = ("add-person", "Lead@weserkolleg.example", "--name", "Jutta Harms", "--organisation", "weserkolleg")
    added = run(*words, "--role", "lead", "--role", "designer")
    assert added.exit_code == 0
    assert "Jutta Harms belongs to Weserkolleg now, as designer, lead" in added.stdout
    confirmed = run("confirm", college, "--ground", "register_number", "--evidence", "HRB 1")
    assert "confirmed as Provider of education or training" in confirmed.stdout
    link = run("link", "lead@weserkolleg.example", "--days", "7").stdout.strip()
    browser = browse("accounts")
    assert press(browser, urlsplit(link).path).status_code == 303
    assert {event.actor for event in events()} == {"system"}


def test_the_list_shows_everybody_to_people_and_to_programs(college: str) -> None:
    """Standing, claim or confirmed, addresses and roles."""
    commands.add_person(address="a@weserkolleg.example", name="Anna", organisation=college, roles={"lead"})
    shown = run("list").stdout
    assert "Weserkolleg" in shown
    assert "Anna" in shown
    (organisation,) = json.loads(run("list", "--json").stdout)
    assert organisation["confirmed"] is False
    assert organisation["people"][0]["address"] == "a@weserkolleg.example"


def test_a_refusal_says_what_to_do(college: str) -> None:  # noqa: ARG001
    """Unknown organisation or address, a bad address, a name that is taken."""
    person = ("--name", "A", "--role", "lead", "--organisation")
    assert isinstance(run("add-person", "a@x.example", *person, "Nowhere").exception, NotFound)
    assert isinstance(run("add-person", "nobody", *person, "Weserkolleg").exception, Invalid)
    assert isinstance(run("link", "nobody@x.example").exception, NotFound)
    assert isinstance(run("register-organisation", "weserkolleg", "--standing", "provider").exception, Refused)
    assert run("register-organisation", "X", "--standing", "kingdom").exit_code == 2


def test_an_empty_house_says_how_to_begin(database: str) -> None:  # noqa: ARG001
    """The first thing an operator sees."""
    assert "register-organisation" in run("list").stdout
