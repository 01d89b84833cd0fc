"""The pages of co-design: every act by plain forms, every refusal with the person's words still there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.codesign import reading
from services.codesign.domain.opening import VISIBILITIES
from services.kernel import clock, ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.codesign_house import Draft, House, Watch, emitted, house
from tests.people import browse, hidden_fields, person, post, sign_in

pytestmark = pytest.mark.usefixtures("module_database")

ROOT = "/codesign"


@pytest.fixture(scope="module")
def app(module_database: str) -> Flask:
    del module_database
    return create_app(["codesign"])


@pytest.fixture
def here(app: Flask) -> House:
    del app
    return house()


@pytest.fixture
def as_(app: Flask) -> Callable[[Actor], FlaskClient]:
    return lambda actor: sign_in(browse(app=app), actor)


As = Callable[[Actor], FlaskClient]


def place(here: House, *rest: str) -> str:
    return "/".join((f"{ROOT}/consultations/{here.consultation}", *rest))


def text(page: TestResponse) -> str:
    """What a page says, without its markup."""
    assert page.status_code == 200, page.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


# --- a reviewer -------------------------------------------------------------------------------------------------------


def test_a_reviewer_comments_beside_the_part_and_finds_the_comment_there(here: House, as_: As) -> None:
    """The form stands by each part; afterwards the page says so and shows the comment at its place."""
    client = as_(here.employer)
    page = client.get(place(here))
    assert "Would you send your own people?" in text(page)
    assert page.text.count('action="/codesign/consultations/') == len(
        reading.whole(here.employer, here.consultation)["parts"]
    )
    fields = hidden_fields(page) | {
        "pointer": "/outcomes/lo-store/text/en",
        "version": "1",
        "kind": "demand",
        "text": "Say which distances.\r\nOurs are 2.5 m.",
        "public": "true",
    }
    sent = client.post(place(here, "comment"), data=fields)
    event, data = emitted()[-1], emitted()[-1].data
    assert sent.status_code == 303
    done = f"?done=comment&receipt={event.id}&sequence={event.sequence}#outcomes-lo-store"
    assert sent.headers["Location"].endswith(done)
    assert (data["pointer"], data["kind"], data["public"]) == ("/outcomes/lo-store/text/en", "demand", True)
    after = client.get(sent.headers["Location"])
    assert "Your comment is recorded." in text(after)
    assert "Need Spedition Krämer (you), Ute Krämer" in text(after)
    assert "Say which distances. Ours are 2.5 m." in text(after)


@pytest.mark.parametrize("changed", [False, True])
def test_new_words_are_suggested_by_editing_those_that_are_there(here: House, as_: As, changed: bool) -> None:
    """Left as they are they suggest nothing; changed, the page shows what would go and what would come."""
    now = here.draft.document["outcomes"]["lo-store"]["text"]["en"]
    words = now.replace("prescribed distances", "distances of 2.5 m") if changed else now
    form = place(here, "comment?pointer=/outcomes/lo-store")
    client = as_(here.employer)
    post(client, place(here, "comment"), {"kind": "concern", "text": "Too vague.", "wording": words}, form=form)
    assert ("suggestion" in emitted()[-1].data) is changed
    shown = client.get(place(here)).text
    assert ("<del>" in shown, "<ins>" in shown) == (changed, changed)


def test_a_design_is_read_and_reworded_in_ones_own_language(here: House, as_: As) -> None:
    """In German the words are German, and so is the place that a suggestion replaces."""
    client = as_(here.employer)
    page = client.get(place(here) + "?language=de")
    assert "Packstücke mit Lithiumbatterien so lagern" in text(page)
    fields = {"kind": "error", "text": "Tippfehler.", "wording": "Packstücke sicher lagern."}
    form = place(here, "comment?pointer=/outcomes/lo-store&language=de")
    sent = post(client, place(here, "comment"), fields, form=form)
    assert "language=de" in sent.headers["Location"]
    assert (emitted()[-1].words("/data/suggestion") or [])[1]["path"] == "/outcomes/lo-store/text/de"


def test_a_refused_comment_keeps_its_words(here: House, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too long, or too late: the words are still in the form, with the sentence beside them."""
    client = as_(here.employer)
    form = place(here, "comment?pointer=/outcomes/lo-store")
    long = post(client, place(here, "comment"), {"kind": "concern", "text": "Word. " * 1000}, form=form)
    assert long.status_code == 422
    assert "at most 5,000 are possible" in long.text
    assert "Word. Word." in long.text
    fields = hidden_fields(client.get(form)) | {"kind": "concern", "text": "Just too late."}
    watch = Watch(clock.now().replace(year=2040))
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    late = as_(here.employer).post(place(here, "comment"), data=fields)
    assert late.status_code == 409
    assert "it takes no more comments" in late.text
    assert "Just too late." in late.text


def test_a_reviewer_endorses_the_whole_or_parts(here: House, as_: As) -> None:
    """With a declaration of interest; both at once, or no part, is asked back with everything still filled in."""
    client, form = as_(here.employer), place(here, "endorse")
    assert post(client, form, {"cover": "whole"}).status_code == 422
    both = post(client, form, {"cover": "whole", "elements": ["/title"], "interest": "none", "statement": "We would."})
    assert (both.status_code, "We would." in both.text, "Choose one or the other" in both.text) == (422, True, True)
    none = post(client, form, {"cover": "parts", "interest": "none"})
    assert (none.status_code, "Choose at least one element" in none.text) == (422, True)
    parts = post(client, form, {"cover": "parts", "elements": ["/title", "/outcomes/lo-store"], "interest": "none"})
    assert parts.status_code == 303
    assert set(emitted()[-1].data["elements"]) == {"/title", "/outcomes/lo-store"}
    whole = post(client, form, {"cover": "whole", "interest": "customer_or_supplier", "statement": "We would hire."})
    assert whole.status_code == 303
    shown = text(client.get(place(here)))
    assert "Declaration of interest: customer or supplier of the provider. We would hire." in shown
    assert "Replaced by a newer one" in shown


@pytest.mark.parametrize("rule", VISIBILITIES)
def test_the_page_of_a_reviewer_keeps_to_the_rule(app: Flask, as_: As, rule: str) -> None:
    """R28 on the page: others' words and names are there only where the rule says so."""
    del app
    here = house(rule)
    here.comment(here.other, text="WORDS-OF-OTHERS")
    shown = as_(here.employer).get(place(here)).text
    assert ("WORDS-OF-OTHERS" in shown) is (rule != "nothing_until_closed")
    assert ("Nordlager" in shown) is (rule == "everything")
    assert "Piet Jansen" not in shown
    for actor in (here.designer, here.auditor, here.other):
        assert "WORDS-OF-OTHERS" in as_(actor).get(place(here)).text


def test_what_a_page_of_each_state_offers(here: House, as_: As, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comment and endorse while open, endorse once closed, nothing once sealed or published."""
    client = as_(here.employer)

    def offered() -> tuple[bool, bool]:
        page = client.get(place(here)).text
        return 'name="text"' in page, "/endorse" in page

    assert offered() == (True, True)
    here.endorsed()
    here.draft.submit()
    assert offered() == (False, False)
    here.draft.recall()
    watch = Watch(here_closes(here))
    monkeypatch.setattr(clock, "now", lambda: watch.now)
    client = as_(here.employer)
    assert offered() == (False, True)
    here.draft.submit()
    here.draft.publish(here.answered)
    assert offered() == (False, False)


def here_closes(here: House) -> datetime:
    found: datetime = reading.consultation(here.designer, here.consultation)["closes_at"]
    return found


def test_the_list_says_what_waits(here: House, as_: As) -> None:
    """Asked and silent, commented, endorsed, outdated: what a reviewer still owes comes first, and is named."""
    client = as_(here.employer)
    assert "Waits for your comments" in text(client.get(f"{ROOT}/"))
    comment = here.comment()
    assert "Waits for your endorsement" in text(client.get(f"{ROOT}/"))
    assert "One comment waits for your answer" in text(as_(here.designer).get(f"{ROOT}/"))
    here.endorse(here.employer, elements=("/title",))
    here.answer(comment)
    here.draft.revise("/workload/hours", "30")
    assert "Nothing waits for you" in text(client.get(f"{ROOT}/"))
    assert "Nothing waits for you" in text(as_(here.designer).get(f"{ROOT}/"))
    here.draft.revise("/title/en", "Lithium batteries")
    assert "Waits for your endorsement" in text(client.get(f"{ROOT}/"))
    assert "Nobody has asked you" in text(as_(person("reviewer")).get(f"{ROOT}/"))


# --- the provider -----------------------------------------------------------------------------------------------------


def opening(here: House, **change: Any) -> dict[str, Any]:
    usual = {
        "question": "Is it worth two days to you?",
        "closes_at": "2031-07-01",
        "closing_time": "17:00",
        "zone": "Europe/Brussels",
        "organisations": [here.employer.organisation, here.body.organisation],
        "visibility": "everything",
    }
    return usual | change


def test_a_provider_opens_a_consultation_in_its_own_time_zone(here: House, as_: As) -> None:
    """17:00 in Brussels in July is 15:00 UTC; whoever was ticked is invited."""
    draft, client = Draft(here.world, here.draft.provider), as_(here.designer)
    form = f"{ROOT}/open?draft={draft.id}&version=1"
    sent = post(client, f"{ROOT}/open", opening(here), form=form)
    assert sent.status_code == 303
    page = client.get(sent.headers["Location"])
    assert "The consultation is open." in text(page)
    assert "Until 1 July 2031, 15:00 UTC" in text(page).replace("Open until", "Until")
    assert text(page).count("Nothing heard yet") == 2
    assert client.get(form).status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"closes_at": "2020-01-01"}, "Choose a moment that is still to come"),
        ({"closes_at": ""}, "This is needed"),
        ({"closing_time": "late"}, "This must be a time, like 17:00"),
        ({"zone": "Mars/Olympus"}, "This must be one of"),
        ({"organisations": [ids.new_id()]}, "There is no such organisation"),
        ({"visibility": ""}, "This is needed"),
    ],
)
def test_a_refused_opening_keeps_its_words(here: House, as_: As, change: dict[str, Any], words: str) -> None:
    """The sentence stands at the field, and the question is still there."""
    draft = Draft(here.world, here.draft.provider)
    form = f"{ROOT}/open?draft={draft.id}"
    before = len(emitted())
    sent = post(as_(here.designer), f"{ROOT}/open", opening(here, **change), form=form)
    assert sent.status_code == 422
    assert words in sent.text
    assert "Is it worth two days to you?" in sent.text
    assert len(emitted()) == before


def test_a_provider_answers_and_the_commenter_reads_the_reason(here: House, as_: As) -> None:
    """The answer is given beside the comment; without a reason it is asked back; later ones replace it."""
    comment, client = here.comment(), as_(here.designer)
    here.draft.revise("/outcomes/lo-store/text/en", "Store them 2.5 m apart.", answers=[comment])
    page = text(client.get(place(here)))
    assert "One comment has no answer yet. Learning outcome 2" in page
    assert "Version 2 says that it answers this." in page
    form = place(here, "comments", comment, "answer")
    refused = post(client, form, {"disposition": "accepted"})
    assert (refused.status_code, "This is needed" in refused.text) == (422, True)
    sent = post(client, form, {"disposition": "accepted", "reason": "You know better.", "answered_in": "2"})
    assert f"?done=answer&receipt={emitted()[-1].id}&sequence=" in sent.headers["Location"]
    assert sent.headers["Location"].endswith(f"#comment-{comment}")
    theirs = text(as_(here.employer).get(place(here)))
    assert "Accepted" in theirs
    assert "changed in version 2 You know better." in theirs
    assert "this part was changed since" in theirs
    redirect = as_(here.employer).get(f"{ROOT}/comments/{comment}")
    assert redirect.headers["Location"] == f"{place(here)}#comment-{comment}"


def test_what_one_did_has_its_receipt_on_the_page(here: House, as_: As) -> None:
    """Just after the act its proof is waited for; later each act of mine has a link, and those of others do not."""
    client, others = as_(here.employer), as_(here.body)
    form = place(here, "comment?pointer=/outcomes/lo-store")
    sent = post(client, place(here, "comment"), {"kind": "concern", "text": "Too vague."}, form=form)
    event = emitted()[-1]
    receipt = f"/audit/receipts/{here.consultation}/{event.sequence}"
    page = client.get(sent.headers["Location"]).text
    assert f'hx-get="/audit/receipts/{event.id}" hx-trigger="load"' in page
    assert f'<a href="/audit/receipts/{event.id}">Your receipt</a>' in page
    assert receipt not in page
    assert (receipt in client.get(place(here)).text, receipt in others.get(place(here)).text) == (True, False)
    assert "Your receipt" not in client.get(place(here)).text
    assert "javascript:" not in client.get(place(here) + "?done=comment&receipt=javascript:alert(1)").text
    answer = place(here, "comments", event.data["comment"], "answer")
    post(as_(here.designer), answer, {"disposition": "rejected", "reason": "It is the law."})
    assert f"/audit/receipts/{here.consultation}/{emitted()[-1].sequence}" in client.get(place(here)).text
    sent = post(client, place(here, "endorse"), {"cover": "whole", "interest": "none"})
    assert f'hx-get="/audit/receipts/{emitted()[-1].id}"' in client.get(sent.headers["Location"]).text


def test_a_provider_invites_an_organisation_or_somebody_by_address(here: House, as_: As) -> None:
    """Registered ones from a list; for everybody else the way to accounts, and back."""
    new = here.world.organisation("Werkstatt Ost", "employer", confirmed=False)
    client = as_(here.designer)
    page = client.get(place(here, "invite"))
    assert "Werkstatt Ost, employer (only claimed so far)" in text(page)
    assert f"/accounts/invite?consultation={here.consultation}&amp;next=%2Fcodesign%2Fconsultations%2F" in page.text
    assert post(client, place(here, "invite"), {"organisation": new}).status_code == 303
    assert post(client, place(here, "invite"), {"organisation": ids.new_id()}).status_code == 422
    shown = text(client.get(place(here)))
    assert "Werkstatt Ost , employer (only claimed so far)" in shown


def test_a_provider_sees_what_the_seal_waits_for_and_when_it_is_there(here: House, as_: As) -> None:
    """In words, from the first day to the publication; an endorsement that does not count is shown as such."""
    client = as_(here.designer)
    here.endorse(here.employer, interest="paid")
    page = text(client.get(place(here)))
    assert "by an employer whose standing is confirmed" in page
    assert "by a professional body whose standing is confirmed" in page
    assert "Stands, and does not count for the seal" in page
    here.draft.submit()
    assert "could not be sealed" in text(client.get(place(here)))
    here.endorsed()
    assert "Version 1 is ready for the seal" in text(client.get(place(here)))
    here.draft.submit()
    assert "Version 1 is ready to be published" in text(client.get(place(here)))
    here.draft.publish(here.answered)
    assert "This consultation is finished." in text(client.get(place(here)))


def test_a_comment_on_a_part_that_is_gone_is_still_shown(here: House, as_: As) -> None:
    """Comments outlive what they speak of."""
    here.comment(pointer="/prerequisites/pr-language")
    rest = {k: v for k, v in here.draft.document["prerequisites"].items() if k != "pr-language"}
    here.draft.revise("/prerequisites", rest)
    for actor in (here.designer, here.employer):
        assert "Comments on parts that are gone" in text(as_(actor).get(place(here)))


def test_the_fragment_for_the_page_of_a_draft(here: House, as_: As) -> None:
    """Open comments to read, or to tick as answered by a revision; readable alone, and for the provider only."""
    comment, client = here.comment(text="Which distances?"), as_(here.designer)
    path = f"{ROOT}/fragments/drafts/{here.draft.id}"
    htmx = {"HX-Request": "true"}
    read = client.get(path, headers=htmx).text
    assert ("Which distances?" in read, "<html" in read, "checkbox" in read) == (True, False, False)
    picked = client.get(f"{path}?pick=answers", headers=htmx).text
    assert f'name="answers" value="{comment}"' in picked
    assert "<html" in client.get(path).text
    here.answer(comment)
    assert "Every comment has its answer" in client.get(path, headers=htmx).text
    assert as_(here.employer).get(path).status_code == 403
    assert as_(person("designer")).get(path).status_code == 404


def test_pages_of_others_are_closed(here: House, as_: As) -> None:
    """A stranger's organisation reads why; another provider finds nothing; a link opens its own consultation alone."""
    stranger = as_(person("reviewer")).get(place(here))
    assert (stranger.status_code, "is not invited" in stranger.text) == (403, True)
    assert as_(person("designer", "lead")).get(place(here)).status_code == 404
    linked = here.world.member(str(here.employer.organisation), "reviewer", scope=here.consultation)
    assert as_(linked).get(place(here)).status_code == 200
    assert as_(linked).get(place(house())).status_code == 403
    assert as_(here.employer).get(place(here, "invite")).status_code == 403
    assert as_(here.designer).get(place(here, "endorse")).status_code == 403
