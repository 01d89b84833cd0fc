"""Signing in, staying signed in and signing out, through the pages, on the real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from services.accounts import commands
from services.accounts.pages.cookies import RENEWAL
from services.catalogue.service import Catalogue
from services.kernel import db, inbox, topology
from services.kernel.errors import Gone
from services.kernel.events import Event
from services.kernel.http import COOKIE
from tests.component.accounts_house import (
    House,
    built,
    events,
    mailed_secret,
    press,
    secret_of,
    stop_clock,
)
from tests.people import browse, hidden_fields, post


@pytest.fixture
def house(database: str) -> House:  # noqa: ARG001  # the fixture makes it
    return built()


@pytest.fixture
def browser(house: House) -> FlaskClient:  # noqa: ARG001
    return browse("accounts", "catalogue")


def ask_for_link(browser: FlaskClient, address: str, **fields: str) -> Any:
    return post(browser, "/accounts/sign-in", {"address": address, **fields})


def signed_in(browser: FlaskClient, person: str) -> FlaskClient:
    press(browser, f"/accounts/link/{secret_of(commands.mint_link(person))}")
    return browser


def whoever(browser: FlaskClient) -> str | None:
    """The person this browser is signed in as."""
    answer = browser.get("/accounts/api/v1/me")
    return answer.get_json()["person"]["id"] if answer.status_code == 200 else None


def cookie(browser: FlaskClient, name: str, path: str = "/") -> str | None:
    found = browser.get_cookie(name, path=path)
    return found.value if found else None


# --- asking for a link ------------------------------------------------------------------------------------------------


def test_a_link_is_asked_for_mailed_looked_at_and_used(house: House, browser: FlaskClient) -> None:
    """The whole way: address, mail, page, button, and back to where one wanted to go."""
    assert ask_for_link(browser, "Anna@Nordhafen.example", next="/catalogue/?x=1").status_code == 303
    secret = mailed_secret(house.reviewer.person)
    page = browser.get(f"/accounts/link/{secret}")
    assert "Welcome back, Anna Berger" in page.text
    answer = press(browser, f"/accounts/link/{secret}")
    assert answer.headers["Location"] == "/catalogue/?x=1"
    assert whoever(browser) == house.reviewer.person


def test_the_cookies_of_a_session_are_kept_from_scripts_other_sites_and_other_paths(
    house: House, browser: FlaskClient
) -> None:
    """`__Host-` for the token of all services, `__Secure-` under /accounts for the secret that renews it."""
    answer = press(browser, f"/accounts/link/{secret_of(commands.mint_link(house.reviewer.person))}")
    token, renewal = answer.headers.getlist("Set-Cookie")
    for set_cookie in (token, renewal):
        assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(set_cookie.split("; "))
        assert "Domain" not in set_cookie
    assert token.startswith(f"{COOKIE}=")
    assert "Path=/;" in token
    assert renewal.startswith(f"{RENEWAL}=")
    assert "Path=/accounts;" in renewal
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_answer_is_the_same_for_known_and_unknown_addresses(browser: FlaskClient) -> None:
    """Nobody finds out who is here: the same status, the same page, the same headers."""
    known, unknown = ask_for_link(browser, "anna@nordhafen.example"), ask_for_link(browser, "anna@elsewhere.example")
    assert (known.status_code, known.data, known.headers["Location"]) == (
        unknown.status_code,
        unknown.data,
        unknown.headers["Location"],
    )
    assert [*known.headers.keys()] == [*unknown.headers.keys()]
    assert "If the address is known here" in browser.get(known.headers["Location"]).text
    program = browse("accounts")
    answers = [
        program.post("/accounts/api/v1/links", json={"address": address})
        for address in ("anna@nordhafen.example", "anna@elsewhere.example")
    ]
    assert answers[0].status_code == answers[1].status_code == 202
    assert answers[0].data == answers[1].data


def test_for_an_unknown_address_the_same_statements_run_and_nothing_remains(
    house: House,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Comparable work: what is written for nobody is rolled back."""
    run: list[str] = []
    execute = db.Transaction.execute

    def noted(tx: db.Transaction, statement: str, params: Any = None) -> Any:
        run.append(statement)
        return execute(tx, statement, params)

    monkeypatch.setattr(db.Transaction, "execute", noted)
    commands.request_link("nobody@elsewhere.example", client="192.0.2.1")
    unknown = run.copy()
    assert not events("accounts.token")
    run.clear()
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    assert run == unknown
    assert len(events("accounts.token")) == 1


def test_a_wrong_address_is_told_at_the_field_and_the_words_are_kept(browser: FlaskClient) -> None:
    """422 with the form as it was."""
    answer = ask_for_link(browser, "anna at nordhafen")
    assert answer.status_code == 422
    assert 'value="anna at nordhafen"' in answer.text
    assert "Write it like name@example.org" in answer.text


def test_links_are_limited_by_address_and_by_client(house: House, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Five to an address, thirty from a client, within a quarter of an hour; then again."""
    watch = stop_clock(monkeypatch)
    watch.now = watch.now.replace(minute=0)
    program = browse("accounts")

    def ask(address: str) -> int:
        return program.post("/accounts/api/v1/links", json={"address": address}).status_code

    assert [ask("nobody@elsewhere.example") for _ in range(6)] == [202] * 5 + [429]
    assert [ask("anna@nordhafen.example") for _ in range(6)] == [202] * 5 + [429]
    assert [ask(f"n{n}@elsewhere.example") for n in range(21)] == [202] * 20 + [429]
    watch.forward(minutes=15)
    assert ask("anna@nordhafen.example") == 202
    assert len(events("accounts.token.issued")) == 6


@pytest.mark.parametrize(("proxies", "another_client"), [("0", 429), ("1", 202)])
def test_behind_a_proxy_each_client_has_its_own_limit(
    house: House,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
    proxies: str,
    another_client: int,
) -> None:
    """Of X-Forwarded-For only what our own proxies added is believed: a client cannot make itself many."""
    stop_clock(monkeypatch)
    monkeypatch.setenv("COUNTERSIGN_TRUSTED_PROXIES", proxies)
    program = browse("accounts")

    def ask(n: int, way: str) -> int:
        wish, headers = {"address": f"n{n}@elsewhere.example"}, {"X-Forwarded-For": way}
        return program.post("/accounts/api/v1/links", json=wish, headers=headers).status_code

    assert [ask(n, f"203.0.113.{n}, 192.0.2.1") for n in range(31)] == [202] * 30 + [429]
    assert ask(31, "192.0.2.2") == another_client


# --- links ------------------------------------------------------------------------------------------------------------


def test_looking_at_a_link_does_not_use_it(house: House, browser: FlaskClient) -> None:
    """Mail scanners follow links: GET and HEAD, as often as they like."""
    path = f"/accounts/link/{secret_of(commands.mint_link(house.reviewer.person))}"
    for _ in range(3):
        assert browser.get(path).status_code == 200
        assert browser.head(path).status_code == 200
    assert whoever(browser) is None
    assert press(browser, path).status_code == 303


def test_the_secret_in_the_address_is_kept_and_passed_on_nowhere(house: House, browser: FlaskClient) -> None:
    """Not by the browser's store, nor to the next page as its referrer."""
    page = browser.get(f"/accounts/link/{secret_of(commands.mint_link(house.reviewer.person))}")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"


def test_a_sign_in_link_works_once(house: House, browser: FlaskClient) -> None:
    """The second time, 410 and the way to a new one."""
    path = f"/accounts/link/{secret_of(commands.mint_link(house.reviewer.person))}"
    fields = hidden_fields(browser.get(path))
    assert browser.post(path, data=fields).status_code == 303
    again = browse("accounts")
    assert again.get(path).status_code == 410
    answer = again.post(path, data=hidden_fields(again.get("/accounts/sign-in")))
    assert answer.status_code == 410
    assert "/accounts/sign-in" in answer.text
    assert whoever(again) is None


def test_a_link_that_many_use_at_once_opens_for_one(house: House) -> None:
    """Eight presses in the same moment: one session, seven times 410."""
    secret = secret_of(commands.mint_link(house.reviewer.person))
    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(lambda _: _redeemed(secret), range(8)))
    assert sorted(outcomes) == ["gone"] * 7 + ["opened"]


def _redeemed(secret: str) -> str:
    try:
        return "opened" if commands.redeem(secret) else ""
    except Gone:
        return "gone"


def test_every_letter_of_a_token_has_a_secret_of_its_own_and_all_end_together(house: House) -> None:
    """A mail that is sent twice holds two good links; with the first use both are used up."""
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    first, second = mailed_secret(house.reviewer.person), mailed_secret(house.reviewer.person)
    assert first != second
    assert commands.look_at_link(first).link == commands.look_at_link(second).link
    commands.redeem(first)
    assert browse("accounts").get(f"/accounts/link/{second}").status_code == 410
    letter = commands.letter(house.reviewer.person, events("accounts.token.issued")[-1].data["token"])
    assert letter is not None
    assert letter.link is None


def test_a_link_runs_out(house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """After 30 minutes, or the days it was given."""
    watch = stop_clock(monkeypatch)
    short, long = (secret_of(commands.mint_link(house.reviewer.person, days)) for days in (None, 2))
    watch.forward(minutes=31)
    assert browser.get(f"/accounts/link/{short}").status_code == 410
    assert [press(browser, f"/accounts/link/{long}").status_code for _ in range(2)] == [303, 303]
    watch.forward(days=2)
    answer = browser.get(f"/accounts/link/{long}")
    assert answer.status_code == 410
    assert "run out" in answer.text


def test_a_foreign_link_opens_nothing(house: House, browser: FlaskClient) -> None:
    """Made up, cut short, or of somebody who is not here any more."""
    secret = secret_of(commands.mint_link(house.reviewer.person))
    for made_up in ("x" * 43, secret[:-1], secret.swapcase()):
        assert browser.get(f"/accounts/link/{made_up}").status_code == 404
    commands.leave(house.reviewer, house.reviewer.person)
    assert browser.get(f"/accounts/link/{secret}").status_code == 410


def test_another_person_in_the_same_browser_ends_the_first_ones_session(house: House, browser: FlaskClient) -> None:
    """Two people never share one."""
    signed_in(browser, house.reviewer.person)
    token = cookie(browser, COOKIE)
    path = f"/accounts/link/{secret_of(commands.mint_link(house.designer.person))}"
    assert "Somebody else is signed in" in browser.get(path).text
    press(browser, path)
    assert whoever(browser) == house.designer.person
    assert [e.subject for e in events("accounts.session.revoked")] == [house.reviewer.person]
    assert (
        browse("accounts").get("/accounts/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    )


def test_a_program_begins_a_session_with_a_link_and_renews_it(house: House) -> None:
    """The link or its secret alone; the token as bearer; each renewal with the secret that came last."""
    program = browse("accounts")
    opened = program.post("/accounts/api/v1/sessions", json={"link": commands.mint_link(house.designer.person)})
    assert opened.status_code == 201
    renewed = program.post("/accounts/api/v1/sessions/renewal", json={"renewal": opened.get_json()["renewal"]})
    assert renewed.get_json()["session"] == opened.get_json()["session"]
    header = {"Authorization": f"Bearer {renewed.get_json()['token']}"}
    assert program.get("/accounts/api/v1/me", headers=header).get_json()["address"] == "designer@weserkolleg.example"
    assert program.post("/accounts/api/v1/sessions", json={"link": "x"}).status_code == 404
    assert program.post("/accounts/api/v1/sessions/renewal", json={"renewal": "x"}).status_code == 401
    assert program.post("/accounts/api/v1/sessions", json={"link": "x", "y": 1}).status_code == 422


# --- renewal ----------------------------------------------------------------------------------------------------------


def test_a_session_goes_on_for_thirty_days_and_no_longer(
    house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token is good for ten minutes; a reader is sent to be renewed and back, and does not notice."""
    watch = stop_clock(monkeypatch)
    signed_in(browser, house.reviewer.person)
    for _ in range(3):
        watch.forward(minutes=11)
        assert whoever(browser) is None
        away = browser.get("/accounts/me")
        assert away.headers["Location"] == "/accounts/renew?next=%2Faccounts%2Fme"
        assert browser.get(away.headers["Location"]).headers["Location"] == "/accounts/me"
        assert whoever(browser) == house.reviewer.person
    watch.forward(days=30)
    assert browser.get("/accounts/renew?next=/accounts/me").headers["Location"] == "/accounts/sign-in?next=/accounts/me"


def test_a_form_sent_late_is_renewed_and_handed_on_with_every_word(
    house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """307: the browser sends the same form again, and the command is done."""
    watch = stop_clock(monkeypatch)
    signed_in(browser, house.reviewer.person)
    form = hidden_fields(browser.get("/accounts/me")) | {"display_name": "Anna B. Berger"}
    watch.forward(minutes=11)
    kept = browser.post("/accounts/me", data=form)
    assert kept.status_code == 401
    assert "Anna B. Berger" in kept.text
    again = hidden_fields(kept) | {"display_name": "Anna B. Berger"}
    handed_on = browser.post("/accounts/renew?next=/accounts/me", data=again)
    assert (handed_on.status_code, handed_on.headers["Location"]) == (307, "/accounts/me")
    assert browser.post("/accounts/me", data=again).status_code == 303
    assert commands.me(house.reviewer).person.display_name == "Anna B. Berger"


def test_a_form_that_cannot_be_renewed_keeps_its_words(browser: FlaskClient) -> None:
    """401 with the words and a way to sign in beside them."""
    answer = browser.post("/accounts/renew?next=/accounts/me", data={"display_name": "Words of mine"})
    assert answer.status_code == 401
    assert "Words of mine" in answer.text


def test_parallel_tabs_renew_with_the_same_secret(
    house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are served, and whichever answer came last goes on."""
    watch = stop_clock(monkeypatch)
    signed_in(browser, house.reviewer.person)
    old = cookie(browser, RENEWAL, "/accounts") or ""
    first, second = commands.renew(old), commands.renew(old)
    assert len({old, first.renewal, second.renewal}) == 3
    commands.renew(second.renewal)
    watch.forward(seconds=30)
    assert commands.renew(old)
    assert not events("accounts.session.revoked")


def test_an_answer_that_got_lost_costs_nobody_their_session(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old secret stays good for as long as no later one was ever shown."""
    watch = stop_clock(monkeypatch)
    opened = commands.redeem(secret_of(commands.mint_link(house.reviewer.person)))
    commands.renew(opened.renewal)  # the answer never arrived
    watch.forward(days=2)
    assert commands.renew(opened.renewal)


def test_a_copied_renewal_secret_ends_the_session_for_thief_and_owner(
    house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown again after its successor was in use for a minute: nobody goes on, and the record says so."""
    watch = stop_clock(monkeypatch)
    opened = commands.redeem(secret_of(commands.mint_link(house.reviewer.person)))
    successor = commands.renew(commands.renew(opened.renewal).renewal)
    watch.forward(seconds=61)
    browser.set_cookie(RENEWAL, opened.renewal, path="/accounts")
    assert "/accounts/sign-in" in browser.get("/accounts/renew?next=/").headers["Location"]
    browser.set_cookie(RENEWAL, successor.renewal, path="/accounts")
    assert "/accounts/sign-in" in browser.get("/accounts/renew?next=/").headers["Location"]
    (revoked,) = events("accounts.session.revoked")
    assert (revoked.actor, revoked.data["session"]) == ("system", opened.session)


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/accounts/renew?next=/x",
        "",
    ],
)
def test_nobody_is_led_to_another_site_or_in_a_circle(next: str, house: House, browser: FlaskClient) -> None:
    """Whatever stands in `next`, at sign-in, at renewal and in the link's own memory."""
    ask_for_link(browser, "anna@nordhafen.example", next=next or "/")
    answer = press(browser, f"/accounts/link/{mailed_secret(house.reviewer.person)}")
    assert answer.headers["Location"] in ("/accounts/", "/")
    assert browser.get("/accounts/renew", query_string={"next": next}).headers["Location"] == "/accounts/"
    gone = browse("accounts").get("/accounts/renew", query_string={"next": next}).headers["Location"]
    assert parse_qs(urlsplit(gone).query)["next"] == ["/accounts/"]


# --- the end ----------------------------------------------------------------------------------------------------------


def hears(service: type, event: Event) -> None:
    """Let another service's worker handle an event, as the bus does."""
    for handler in topology.handlers_of(service):
        if event.type in handler.types:
            getattr(service, handler.name)(service(), partial(_handle, handler.service, event, handler.name))


def _handle(service: str, event: Event, handler: str, act: Any) -> bool:
    with db.of(service).transaction() as tx:
        if inbox.first_time(tx, event, handler):
            act(tx, event)
    return True


def test_signing_out_ends_the_session_here_at_once_and_elsewhere_when_it_is_heard(
    house: House, browser: FlaskClient
) -> None:
    """The token that is left over opens nothing any more: not here, and not at the catalogue once its worker heard."""
    signed_in(browser, house.designer.person)
    bearer = {"Authorization": f"Bearer {cookie(browser, COOKIE)}"}
    renewal = cookie(browser, RENEWAL, "/accounts") or ""
    assert browser.get("/catalogue/api/v1/drafts", headers=bearer).status_code == 200
    answer = browser.post("/accounts/sign-out", data=hidden_fields(browser.get("/accounts/")))
    assert answer.headers["Location"] == "/accounts/signed-out"
    assert (cookie(browser, COOKIE), cookie(browser, RENEWAL, "/accounts")) == (None, None)
    stranger = browse("accounts", "catalogue")
    assert stranger.get("/accounts/api/v1/me", headers=bearer).status_code == 401
    stranger.set_cookie(RENEWAL, renewal, path="/accounts")
    assert "/accounts/sign-in" in stranger.get("/accounts/renew?next=/").headers["Location"]
    assert stranger.get("/catalogue/api/v1/drafts", headers=bearer).status_code == 200
    hears(Catalogue, events("accounts.session.revoked")[-1])
    assert stranger.get("/catalogue/api/v1/drafts", headers=bearer).status_code == 401


def test_signing_out_works_after_the_token_ran_out(
    house: House, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses that button wants the session ended, however old the page is."""
    watch = stop_clock(monkeypatch)
    signed_in(browser, house.designer.person)
    watch.forward(minutes=11)
    browser.post("/accounts/sign-out", data=hidden_fields(browser.get("/accounts/sign-in")))
    assert [e.subject for e in events("accounts.session.revoked")] == [house.designer.person]


def test_a_session_on_another_device_is_ended_from_ones_account(house: House, browser: FlaskClient) -> None:
    """One's own only; of others' nothing is known."""
    signed_in(browser, house.designer.person)
    other = signed_in(browse("accounts"), house.designer.person)
    here, there = (b.get("/accounts/api/v1/me/sessions").get_json()["items"] for b in (browser, other))
    assert here == there
    assert len(here) == 2
    newest = here[0]["id"]
    stranger = signed_in(browse("accounts"), house.reviewer.person)
    fields = hidden_fields(stranger.get("/accounts/me"))
    assert stranger.post(f"/accounts/me/sessions/{newest}/end", data=fields).status_code == 404
    ended = browser.post(f"/accounts/me/sessions/{newest}/end", data=hidden_fields(browser.get("/accounts/me")))
    assert ended.headers["Location"] == "/accounts/me?done=ended"
    assert whoever(other) is None
    assert whoever(browser) == house.designer.person


def test_a_lost_role_is_gone_at_once_and_the_session_goes_on_without_it(house: House, browser: FlaskClient) -> None:
    """The token given before ends, here in the very transaction; the next one, a moment later, is good."""
    signed_in(browser, house.lead.person)
    bearer = {"Authorization": f"Bearer {cookie(browser, COOKIE)}"}
    commands.revoke_role(house.administrator, house.lead.person, "lead")
    assert whoever(browser) is None
    hears(Catalogue, events("accounts.role.revoked")[-1])
    assert browse("accounts", "catalogue").get("/catalogue/api/v1/drafts", headers=bearer).status_code == 401
    assert browser.get("/accounts/renew?next=/accounts/me").headers["Location"] == "/accounts/me"
    assert browser.get("/accounts/api/v1/me").get_json()["person"]["roles"] == []
    assert browser.get("/accounts/invite").status_code == 403


def test_who_has_left_is_signed_out_everywhere_and_their_address_is_gone(house: House, browser: FlaskClient) -> None:
    """No renewal, no link, no letter; the address can be invited again, as somebody new."""
    signed_in(browser, house.designer.person)
    answer = press(browser, "/accounts/me/leave")
    assert answer.headers["Location"] == "/accounts/signed-out?done=left"
    assert commands.letter(house.designer.person) is None
    before = len(events("accounts.token.issued"))
    commands.request_link("designer@weserkolleg.example", client="192.0.2.1")
    assert len(events("accounts.token.issued")) == before
    again = commands.Invite("designer@weserkolleg.example", house.provider, frozenset({"designer"}))
    assert commands.invite(house.lead, again).person != house.designer.person


def test_what_is_good_for_nothing_any_more_is_deleted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old sessions, secrets and counters go; what is in use stays."""
    watch = stop_clock(monkeypatch)
    commands.redeem(secret_of(commands.mint_link(house.reviewer.person)))
    commands.request_link("anna@nordhafen.example", client="192.0.2.1")
    watch.forward(days=61)
    kept = commands.redeem(secret_of(commands.mint_link(house.designer.person)))
    commands.forget_past()
    with db.of("accounts").transaction(read_only=True) as tx:
        assert [str(row["session_id"]) for row in tx.all("SELECT session_id FROM accounts_own.session")] == [
            kept.session
        ]
        assert tx.value("SELECT count(*) FROM accounts_own.renewal") == 1
        assert tx.value("SELECT count(*) FROM accounts_own.secret") == 1
        assert tx.value("SELECT count(*) FROM accounts_own.rate") == 0
    assert commands.renew(kept.renewal)
