"""Erasing a person: who may, what goes from accounts at once, and what stays."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from typer.testing import CliRunner

from services.accounts import commands
from services.accounts.commands import Invite
from services.accounts.commands.saving import save
from services.accounts.domain import people as rules
from services.accounts.domain.values import Person
from services.cli.accounts import app
from services.kernel import clock, db
from services.kernel.errors import Forbidden, NotFound, Refused
from services.kernel.events import SYSTEM, Actor
from tests.component.accounts_house import House, built, events, mailed_secret, press
from tests.people import browse, person, post, sign_in
from tests.places import places_with

ADDRESS, NAME = "anna@nordhafen.example", "Anna Berger"


@pytest.fixture
def house(database: str) -> House:  # noqa: ARG001  # the fixture makes it
    return built()


def browser_of(actor: Actor) -> FlaskClient:
    return sign_in(browse("accounts"), actor)


class TestWhoMay:
    def test_oneself_and_administrators_and_nobody_else(self) -> None:
        """A lead lets people go, and does not erase them."""
        anna = Person("p", "o", NAME, frozenset({"reviewer"}))
        for actor in (Actor("p", "o"), person("administrator"), SYSTEM):
            assert rules.erase(actor, anna).type == "accounts.person.erased.v1"
        for actor in (person("lead", organisation="o"), person("auditor"), person()):
            with pytest.raises(Forbidden):
                rules.erase(actor, anna)

    def test_an_administrator_is_erased_by_another(self) -> None:
        """So that there always is one."""
        maren = Person("p", "o", "Maren", frozenset({"administrator"}))
        with pytest.raises(Forbidden, match="another administrator"):
            rules.erase(Actor("p", "o", frozenset({"administrator"})), maren)
        assert rules.erase(person("administrator"), maren)

    def test_once_is_for_good(self) -> None:
        """Who was erased is not erased again."""
        with pytest.raises(Refused, match="already"):
            rules.erase(SYSTEM, Person("p", "o", left_at=clock.now(), erased_at=clock.now()))


class TestWhatGoes:
    def test_name_address_sessions_and_links_are_nowhere_in_accounts(self, house: House) -> None:
        """Not in the fold, not in the outbox, not beside a session: no table holds any of it."""
        commands.request_link(ADDRESS, client="here")
        browser = browse("accounts")
        path = f"/accounts/link/{mailed_secret(house.reviewer.person)}"
        assert press(browser, path).status_code == 303
        assert {"accounts.person", "accounts_own.address", "accounts_own.outbox"} <= places_with(ADDRESS, NAME)
        commands.erase(house.administrator, house.reviewer.person)
        assert places_with(ADDRESS, NAME) == set()
        with db.of("accounts").transaction() as tx:
            for table in ("session", "renewal", "secret", "link", "address"):
                column = {"renewal": "session_id", "secret": "token_id", "link": "token_id"}.get(table, "person_id")
                of_anna = f"SELECT count(*) FROM accounts_own.{table} WHERE {column}::text = ANY(%(ids)s)"
                assert tx.value(of_anna, {"ids": [house.reviewer.person]}) == 0, table
            assert tx.value("SELECT count(*) FROM accounts_own.session") == 0
            assert tx.value("SELECT count(*) FROM accounts_own.secret") == 0
            assert not tx.all(
                "SELECT FROM token WHERE person_id = %(p)s AND revoked_at IS NULL", {"p": house.reviewer.person}
            )
        assert commands.letter(house.reviewer.person) is None

    def test_nobody_comes_in_any_more(self, house: House) -> None:
        """Neither with the session one had, nor with a link that was held, nor by asking for a new one."""
        browser = browser_of(house.reviewer)
        assert browser.get("/accounts/me").status_code == 200
        link = commands.mint_link(house.reviewer.person, days=7).partition("/accounts")[2]
        commands.erase(house.administrator, house.reviewer.person)
        assert browser.get("/accounts/me").status_code in (302, 303, 401)
        assert browse("accounts").get(f"/accounts{link}").status_code in (404, 410)
        before = len(events("accounts.token.issued"))
        commands.request_link(ADDRESS, client="here")
        assert len(events("accounts.token.issued")) == before

    def test_what_the_inviter_called_somebody_goes_too(self, house: House) -> None:
        """Who never came can be erased like who did."""
        wish = Invite("neu@weserkolleg.example", house.provider, frozenset({"designer"}), display_name="Neu Mann")
        invited = commands.invite(house.lead, wish)
        commands.erase(house.administrator, invited.person)
        assert places_with("neu@weserkolleg.example", "Neu Mann") == set()

    def test_who_has_left_is_erased_by_id(self, house: House) -> None:
        """Leaving deleted the address; erasing takes the name."""
        commands.leave(house.lead, house.designer.person)
        assert places_with("Ole Brandt")
        done = CliRunner().invoke(app, ["erase", house.designer.person, "--yes"])
        assert done.exit_code == 0, done.output
        assert places_with("Ole Brandt") == set()

    def test_the_others_keep_theirs(self, house: House) -> None:
        """Erasing one person touches nobody else."""
        commands.erase(house.administrator, house.reviewer.person)
        assert places_with("Jutta Harms", "lead@weserkolleg.example") >= {"accounts.person", "accounts_own.address"}

    def test_the_bytes_of_events_are_as_they_were(self, house: House) -> None:
        """Only what stood beside them is gone: the commitment stays where it is."""
        before = [event.body for event in events()]
        commands.erase(house.administrator, house.reviewer.person)
        assert [event.body for event in events()][: len(before)] == before
        assert b"$private" in events("accounts.person.joined")[2].body

    def test_a_name_that_is_said_after_the_erasure_is_kept_without_itself(self, house: House) -> None:
        """Whoever still writes for an erased person finds the erasure: the event goes out without the words."""
        commands.erase(house.administrator, house.reviewer.person)
        with db.of("accounts").transaction() as tx:
            save(tx, rules.change_name(house.reviewer, Person(house.reviewer.person, "o"), "Zora Zett"))
        assert places_with("Zora Zett") == set()


class TestPages:
    def test_one_is_told_what_goes_and_stays_and_has_to_say_that_one_knows(self, house: House) -> None:
        """Without the tick nothing is erased, and the page says what is missing."""
        browser = browser_of(house.reviewer)
        page = browser.get("/accounts/me/erase")
        assert "What goes" in page.text
        assert "What stays, and why" in page.text
        refused = post(browser, "/accounts/me/erase")
        assert refused.status_code == 422
        assert "Please tick this first." in refused.text
        assert not events("accounts.person.erased")
        done = post(browser, "/accounts/me/erase", {"understood": "yes"})
        assert done.status_code == 303
        assert "done=erased" in done.headers["Location"]
        (erased,) = events("accounts.person.erased")
        assert (erased.subject, erased.actor) == (house.reviewer.person, house.reviewer.person)
        assert "You are erased" in browse("accounts").get(done.headers["Location"]).text

    def test_an_administrator_erases_on_a_page_of_its_own(self, house: House) -> None:
        """Reached from the person's; a lead does not come there."""
        place = f"/accounts/people/{house.reviewer.person}"
        admin = browser_of(house.administrator)
        assert f"{place}/erase" in admin.get(place).text
        assert browser_of(house.lead).get(f"{place}/erase").status_code == 403
        assert post(admin, f"{place}/erase", {"understood": "yes"}).status_code == 303
        assert events("accounts.person.erased")[0].actor == house.administrator.person
        assert admin.get(f"{place}/erase").status_code == 409

    def test_programs_do_it_over_rest(self, house: House) -> None:
        """By an administrator, and by the person."""
        place = f"/accounts/api/v1/people/{house.designer.person}/erasure"
        assert browser_of(house.lead).post(place).status_code == 403
        assert browser_of(house.administrator).post(place).status_code == 201
        assert browser_of(house.reviewer).post("/accounts/api/v1/me/erasure").status_code == 201
        assert {event.subject for event in events("accounts.person.erased")} == {
            house.designer.person,
            house.reviewer.person,
        }


@pytest.mark.usefixtures("house")
def test_the_operator_erases_by_address_and_is_asked_first() -> None:
    """No answer, no erasure; an unknown address is named."""
    assert CliRunner().invoke(app, ["erase", ADDRESS], input="n\n").exit_code == 1
    assert not events("accounts.person.erased")
    done = CliRunner().invoke(app, ["erase", ADDRESS], input="y\n")
    assert done.exit_code == 0
    assert "their words go everywhere" in done.stdout
    assert isinstance(CliRunner().invoke(app, ["erase", ADDRESS, "--yes"]).exception, NotFound)
    assert places_with(ADDRESS, NAME) == set()
