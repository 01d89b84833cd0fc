"""The pages of the catalogue, without a browser: forms that save versions, refusals that keep words, who sees what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands, examples, forms
from services.catalogue.domain.acts import Revision
from services.catalogue.domain.annex import ELEMENTS, KEYED
from services.kernel import ids
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import (
    emitted,
    hear,
    in_consultation,
    lithium,
    member,
    opened,
    provider,
    sealed,
)
from tests.people import browse, hidden_fields, post, sign_in

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def home() -> str:
    return provider()


@pytest.fixture
def lead(home: str) -> Actor:
    return member(home, "designer", "lead")


@pytest.fixture
def client(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


def desk(draft_id: str) -> str:
    return f"/catalogue/drafts/{draft_id}"


def form_of(client: FlaskClient, path: str) -> dict[str, Any]:
    """Everything a browser would send of the POST form on a page, had nobody touched it."""
    page = client.get(path).text.rpartition('<form method="post"')[2]
    fields: dict[str, Any] = {}
    for name, value in re.findall(
        r'<input type="(?:text|date|hidden)"[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', page
    ):
        fields[name] = [*fields.get(name, []), _plain(value)] if name == "order" else _plain(value)
    for name, value in re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL):
        fields[name] = _plain(value)
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected>', options)
        fields[name] = chosen[1] if chosen else ""
    for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked>', page):
        fields[name] = [*fields.get(name, []), value]
    return fields


def _plain(text: str) -> str:
    for mark, character in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(mark, character)
    return text


# --- opening and the desk ---------------------------------------------------------------------------------------------


def test_a_draft_is_opened_from_an_example_or_from_an_empty_page(client: FlaskClient, lead: Actor) -> None:
    """Both lead to the desk; an empty page asks for a title and says so at the field."""
    made = post(client, "/catalogue/new", {"begin": "lithium-batteries"})
    assert made.status_code == 303
    shown = client.get(made.headers["Location"]).text
    assert "Safe handling of lithium batteries in logistics" in shown
    assert "The draft is open." in shown
    refused = post(client, "/catalogue/new", {"begin": "blank"})
    assert refused.status_code == 422
    assert "An empty page needs a title" in refused.text
    post(client, "/catalogue/new", {"begin": "blank", "title": "Bienen", "language": "de"})
    assert commands.drafts(lead)[0].document == {"title": {"de": "Bienen"}}


def test_the_desk_says_what_is_missing_and_leads_there(client: FlaskClient, lead: Actor) -> None:
    """Each gap names its place in words, with a link that closes it."""
    blank = client.get(desk(opened(lead, {"title": {"en": "Bees"}}))).text
    assert "Learning outcomes</a>" in blank
    assert "/add/outcomes" in blank
    assert "/edit/workload" in blank
    document = lithium()
    document["assessments"]["as-written"]["covers"] = ["lo-classify"]
    gapped = client.get(desk(opened(lead, document))).text
    assert '<a href="#outcomes-lo-alarm">Learning outcome 5</a>: No assessment covers this outcome' in gapped


def test_the_desk_goes_with_the_state_of_the_draft(app: Any, client: FlaskClient, home: str, lead: Actor) -> None:
    """From the consultation to the publication the desk offers the next step, and no step that would be refused."""
    draft_id = opened(lead)
    assert 'action="/codesign/open"' in client.get(desk(draft_id)).text
    consultation = in_consultation(lead, draft_id)
    shown = client.get(desk(draft_id)).text
    assert f"/codesign/consultations/{consultation.id}" in shown
    assert f"/codesign/fragments/drafts/{draft_id}" in shown

    assert post(client, f"{desk(draft_id)}/submission", form=desk(draft_id)).status_code == 303
    shown = client.get(desk(draft_id)).text
    assert "Waiting for the answer" in shown
    assert "/edit/" not in shown
    hear(consultation.finds_unready(emitted()[-1]))
    shown = client.get(desk(draft_id)).text
    assert "One comment has no answer yet." in shown
    assert "No confirmed employer" in shown

    post(client, f"{desk(draft_id)}/submission", form=desk(draft_id))
    hear(consultation.seals(emitted()[-1]))
    mine = client.get(desk(draft_id)).text
    assert "a second lead of your organisation has to publish it" in mine
    assert "/publication" not in mine
    second = sign_in(browse(app=app), member(home, "lead", name="Mehmet Aydın"))
    published = post(second, f"{desk(draft_id)}/publication", form=desk(draft_id))
    assert published.status_code == 303
    assert "/catalogue/credentials/" in published.headers["Location"]
    assert "This design is published" in client.get(desk(draft_id)).text


def test_a_designer_is_told_that_a_lead_submits(app: Any, home: str, lead: Actor) -> None:
    """No button that would be refused, but a sentence."""
    draft_id = opened(lead)
    in_consultation(lead, draft_id)
    shown = sign_in(browse(app=app), member(home, "designer")).get(desk(draft_id)).text
    assert "A lead of your organisation can submit it." in shown
    assert "/submission" not in shown


def test_a_submission_is_taken_back_with_a_reason(client: FlaskClient, lead: Actor) -> None:
    """The reason travels with the fact, and the words can be changed again."""
    draft_id, _ = sealed(lead)
    answer = post(client, f"{desk(draft_id)}/recall", {"reason": "The hours are wrong"})
    assert answer.status_code == 303
    assert emitted()[-1].words("/data/reason") == "The hours are wrong"
    assert "/edit/workload" in client.get(desk(draft_id)).text


# --- the forms of elements --------------------------------------------------------------------------------------------

ELEMENTS_OF_THE_EXAMPLE = [
    (name, key)
    for name, value in examples.named("lithium-batteries").document.items()
    if name != "order"
    for key in (value if name in KEYED else [None])
]


@pytest.mark.parametrize(("name", "key"), ELEMENTS_OF_THE_EXAMPLE, ids=str)
def test_a_form_sent_as_it_was_shown_changes_nothing(client: FlaskClient, lead: Actor, name: str, key: str) -> None:
    """Every value of every element goes through its form and comes back the same, to the letter."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/{name}" + (f"/{key}" if key else "")
    answer = client.post(path, data=form_of(client, path))
    assert answer.status_code == 409
    assert "Nothing differs from version 1" in answer.text


def test_every_element_of_the_document_has_a_form(client: FlaskClient, lead: Actor) -> None:
    """What can stand in a document can be filled in on a page, from nothing too."""
    draft_id = opened(lead, {"title": {"en": "Bees"}})
    for name in ELEMENTS:
        form = "add" if name in KEYED else "edit"
        shown = client.get(f"{desk(draft_id)}/{form}/{name}")
        assert shown.status_code == 200, name
        element = forms.element({"title": {"en": "Bees"}}, name, "new" if name in KEYED else None)
        assert element is not None
        for field in forms.fields({"title": {"en": "Bees"}}, element):
            assert f'id="f-{field.name}"' in shown.text, field.name


def test_an_outcome_is_added_covered_moved_and_removed(client: FlaskClient, lead: Actor) -> None:
    """Each act is a version; what is removed is no longer covered, and its id is never used again."""
    draft_id = opened(lead)
    post(client, f"{desk(draft_id)}/add/outcomes", {"text.en": "Read a safety data sheet", "text.de": ""})
    added = commands.draft(lead, draft_id)
    new = added.document["order"]["outcomes"][-1]
    assert added.document["outcomes"][new] == {"text": {"en": "Read a safety data sheet"}}

    path = f"{desk(draft_id)}/edit/assessments/as-written"
    form = form_of(client, path)
    client.post(path, data=form | {"covers": [*form["covers"], new], "summary": "Covered", "answers": [ids.new_id()]})
    assert new in commands.draft(lead, draft_id).document["assessments"]["as-written"]["covers"]
    assert emitted()[-1].words("/data/summary") == "Covered"
    assert len(emitted()[-1].data["answers"]) == 1

    path = f"{desk(draft_id)}/order/outcomes?up={new}"
    client.post(f"{desk(draft_id)}/order/outcomes", data=form_of(client, path))
    assert commands.draft(lead, draft_id).document["order"]["outcomes"][-2] == new

    post(client, f"{desk(draft_id)}/remove/outcomes/{new}")
    left = commands.draft(lead, draft_id).document
    assert new not in left["outcomes"]
    assert new not in left["assessments"]["as-written"]["covers"]
    assert commands.draft(lead, draft_id).version == 5
    assert client.get(f"{desk(draft_id)}/edit/outcomes/{new}").status_code == 404


def test_words_in_another_language_and_a_new_link(client: FlaskClient, lead: Actor) -> None:
    """A language is chosen and its words are kept; a link gets an id of its own."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/title"
    client.post(path, data=form_of(client, path) | {"title-language": "uk", "title.new": "Акумулятори"})
    assert commands.draft(lead, draft_id).document["title"]["uk"] == "Акумулятори"
    path = f"{desk(draft_id)}/edit/stacking"
    more = {"targets.new.title.en": "Warehouse diploma", "targets.new.address": "https://x.example/d"}
    client.post(path, data=form_of(client, path) | {f"stacking.{name}": value for name, value in more.items()})
    targets = commands.draft(lead, draft_id).document["stacking"]["targets"]
    assert list(targets.values()) == [{"title": {"en": "Warehouse diploma"}, "address": "https://x.example/d"}]


def test_what_cannot_be_saved_is_said_at_the_field_and_the_words_stay(client: FlaskClient, lead: Actor) -> None:
    """422, the sentence beside the box, every word still in the form, and no version."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/outcomes/lo-store"
    form = form_of(client, path) | {"text.en": "Stack <safely> & well", "skills": "welding"}
    answer = client.post(path, data=form)
    assert answer.status_code == 422
    assert "Stack &lt;safely&gt; &amp; well" in answer.text
    assert "This is the address of an ESCO skill" in answer.text
    assert 'id="f-skills-mistake"' in answer.text
    assert commands.draft(lead, draft_id).version == 1


def test_a_stale_save_of_another_part_needs_one_more_press(client: FlaskClient, lead: Actor) -> None:
    """Where this part is as it was seen, the page says so, and nothing of the other change is lost."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/workload"
    form = form_of(client, path) | {"workload.hours": "30"}
    commands.revise(lead, draft_id, 1, Revision(document=lithium() | {"country": "AT"}))
    answer = client.post(path, data=form)
    assert answer.status_code == 412
    assert "This one is as you saw it" in answer.text
    client.post(path, data=form | hidden_fields(answer))
    document = commands.draft(lead, draft_id).document
    assert (document["country"], document["workload"]["hours"]) == ("AT", "30")


@pytest.mark.parametrize("version", ["", "0", "two", "99999999999999999999"])
def test_a_form_without_a_sound_version_saves_nothing(client: FlaskClient, lead: Actor, version: str) -> None:
    """A form says on which version it was made; where it does not, nothing is saved and nothing breaks."""
    draft_id = opened(lead)
    path = f"{desk(draft_id)}/edit/workload"
    answer = client.post(path, data=form_of(client, path) | {"workload.hours": "30", "version": version})
    assert answer.status_code in (412, 422)
    assert commands.draft(lead, draft_id).version == 1


NOWHERE = """
    edit/honey edit/outcomes edit/outcomes/lo-nowhere edit/title/en edit/order add/title add/honey
    remove/outcomes/lo-nowhere remove/title/en order/title order/honey versions/7
"""


@pytest.mark.parametrize("path", NOWHERE.split())
def test_forms_of_what_is_not_there(client: FlaskClient, lead: Actor, path: str) -> None:
    """404 with a sentence, not an accident."""
    assert client.get(f"{desk(opened(lead))}/{path}").status_code == 404


# --- history, and what is published -----------------------------------------------------------------------------------


def test_the_history_shows_the_difference_word_by_word(client: FlaskClient, lead: Actor) -> None:
    """What was added and removed is marked, and said in words for those who do not see the marks."""
    draft_id = opened(lead)
    document = lithium()
    document["outcomes"]["lo-alarm"]["text"]["en"] += " Then leave."
    document["workload"]["hours"] = "30"
    commands.revise(lead, draft_id, 1, Revision(document=document, summary="<b>Leave</b>"))
    listed = client.get(f"{desk(draft_id)}/versions").text
    assert "&lt;b&gt;Leave&lt;/b&gt;" in listed
    assert "Jana Hofmann" in listed
    shown = client.get(f"{desk(draft_id)}/versions/2").text
    assert '<ins><span class="spoken" lang="en">added: </span>30</ins>' in shown
    assert '<del><span class="spoken" lang="en">removed: </span>25</del>' in shown
    assert "Then leave" in shown.partition("The whole of version 2")[0]
    assert "Assessment 1" not in shown.partition("The whole of version 2")[0]


def test_a_published_design_is_read_by_everybody_in_each_of_its_languages(app: Any, home: str, lead: Actor) -> None:
    """No sign-in; the language is chosen by address; the draft behind it stays hidden."""
    draft_id, _ = sealed(lead)
    published = commands.publish(member(home, "lead"), draft_id, 1)
    anybody = browse(app=app)
    address = f"/catalogue/credentials/{published.data['credential']}"
    assert "Recognise lithium batteries in a consignment" in anybody.get(address).text
    german = anybody.get(f"{address}?language=de").text
    assert "Lithiumbatterien in einer Sendung" in german
    assert "Recognise lithium batteries in a consignment" not in german
    assert anybody.get(f"{address}?language=xx").status_code == 200
    assert address in anybody.get("/catalogue/").text
    assert address in anybody.get("/catalogue/credentials").text
    assert anybody.get(desk(draft_id)).status_code in (302, 303, 401)
    assert anybody.get(f"/catalogue/credentials/{ids.new_id()}").status_code == 404


def test_nobody_elses_drafts(app: Any, client: FlaskClient, lead: Actor) -> None:
    """Another provider's lead gets 404 from every page of a draft, and does not find it in the list."""
    draft_id = opened(lead)
    stranger = sign_in(browse(app=app), member(provider("Elbe College"), "designer", "lead"))
    for path in ("", "/edit/title", "/add/outcomes", "/remove/outcomes/lo-store", "/order/outcomes", "/recall"):
        assert stranger.get(desk(draft_id) + path).status_code == 404, path
    for path in ("/versions", "/versions/1"):
        assert stranger.get(desk(draft_id) + path).status_code == 404, path
    assert draft_id not in stranger.get("/catalogue/").text
    assert draft_id in client.get("/catalogue/").text


def test_a_cursor_of_another_list(client: FlaskClient, lead: Actor) -> None:
    """A page's address that was cut or mixed up is refused with a sentence."""
    draft_id = opened(lead)
    number, text = "Mg", "Im5vbnNlbnNlIg"  # 2 and "nonsense"
    assert client.get(f"/catalogue/?cursor={number}").status_code == 422
    assert client.get(f"/catalogue/credentials?cursor={text}").status_code == 422
    assert client.get(f"{desk(draft_id)}/versions?cursor={text}").status_code == 422
