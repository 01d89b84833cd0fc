"""Going back, comparing, and applying what comments suggest: each is a new version, and nothing is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalogue import commands
from services.catalogue.domain import elements
from services.catalogue.domain.acts import Revision
from services.kernel import db, ids
from services.kernel.documents import digest
from services.kernel.errors import NotFound, Refused, Stale
from services.kernel.events import Actor
from services.kernel.http import create_app
from tests.component.catalogue_house import Elsewhere, emitted, hear, lithium, member, opened, provider
from tests.people import browse, post, sign_in, token

pytestmark = pytest.mark.usefixtures("module_database")

API = "/catalogue/api/v1"
STORE = "/outcomes/lo-store/text/en"


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def lead() -> Actor:
    return member(provider(), "designer", "lead")


@pytest.fixture
def client(app: Any, lead: Actor) -> FlaskClient:
    return sign_in(browse(app=app), lead)


class Commenter:
    """Co-design, saying that somebody suggests something."""

    def __init__(self, lead: Actor, draft_id: str) -> None:
        self.elsewhere, self.consultation, self.comment = Elsewhere(), ids.new_id(), ids.new_id()
        self.draft = commands.draft(lead, draft_id)

    def suggests(self, new: str = "Keep packages apart.") -> str:
        value = self.draft.document["outcomes"]["lo-store"]
        patch = [
            {"op": "test", "path": STORE, "value": value["text"]["en"]},
            {"op": "replace", "path": STORE, "value": new},
        ]
        said = self.elsewhere.says(
            "codesign.comment.submitted.v1",
            self.consultation,
            consultation=self.consultation,
            comment=self.comment,
            draft=self.draft.id,
            version=self.draft.version,
            document_hash=self.draft.document_hash,
            pointer="/outcomes/lo-store/text",
            element="/outcomes/lo-store",
            element_hash=digest(value),
            kind="concern",
            text="Say it shorter.",
            public=False,
            suggestion=patch,
        )
        hear(said)
        return self.comment

    def withdraws(self) -> None:
        hear(
            self.elsewhere.says(
                "codesign.comment.withdrawn.v1",
                self.consultation,
                consultation=self.consultation,
                comment=self.comment,
            )
        )


def revised(lead: Actor, draft_id: str, version: int, text: str) -> None:
    document = lithium()
    document["outcomes"]["lo-store"]["text"]["en"] = text
    commands.revise(lead, draft_id, version, Revision(document=document))


def text_of(lead: Actor, draft_id: str) -> str:
    said: str = commands.draft(lead, draft_id).document["outcomes"]["lo-store"]["text"]["en"]
    return said


def test_putting_back_is_a_new_version_that_says_so(client: FlaskClient, lead: Actor) -> None:
    """Version 1 comes back as version 3; version 2 stays, and an element that was gone is itself again."""
    draft_id = opened(lead)
    commands.revise(lead, draft_id, 1, Revision(document=elements.removed(lithium(), "outcomes", "lo-store")))
    answer = post(client, f"/catalogue/drafts/{draft_id}/versions/1", {"summary": "It was better."})
    assert answer.status_code == 303
    draft = commands.draft(lead, draft_id)
    assert (draft.version, draft.document) == (3, lithium())
    assert commands.version(lead, draft_id, 3)["restores"] == emitted()[-1].data["restores"] == 1
    assert "puts the words of version 1 back" in client.get(f"/catalogue/drafts/{draft_id}/versions/3").text


def test_putting_back_what_is_there_or_was_not_seen_is_refused(lead: Actor) -> None:
    """Nothing to save; a stale decision; a version that never was."""
    draft_id = opened(lead)
    with pytest.raises(Refused, match="Nothing differs"):
        commands.restore(lead, draft_id, 1, 1)
    revised(lead, draft_id, 1, "Another text.")
    with pytest.raises(Stale):
        commands.restore(lead, draft_id, 1, 1)
    with pytest.raises(NotFound):
        commands.restore(lead, draft_id, 2, 9)


def test_any_two_versions_are_compared(client: FlaskClient, lead: Actor) -> None:
    """Word by word, whichever is named first; two that cannot be compared are a sentence."""
    draft_id = opened(lead)
    revised(lead, draft_id, 1, "Keep packages apart.")
    revised(lead, draft_id, 2, "Keep packages cool.")
    page = client.get(f"/catalogue/drafts/{draft_id}/versions").text
    assert 'name="from"' in page
    assert 'name="to"' in page
    for pair in ("from=1&to=3", "from=3&to=1"):
        page = client.get(f"/catalogue/drafts/{draft_id}/compare?{pair}").text
        assert "cool" in page
        assert "<ins>" in page
        assert "removed:" in page
    for pair in ("from=1&to=1", "from=0&to=2", "from=1&to=99", "from=x"):
        assert client.get(f"/catalogue/drafts/{draft_id}/compare?{pair}").status_code == 404


def test_a_version_has_the_hash_of_each_element(client: FlaskClient, app: Any, lead: Actor) -> None:
    """On the page and in REST: what an endorsement is bound to can be read."""
    draft_id = opened(lead)
    told = app.test_client().get(
        f"{API}/drafts/{draft_id}/versions/1", headers={"Authorization": f"Bearer {token(lead)}"}
    )
    hash = told.json["elements"]["/outcomes/lo-store"]
    assert hash == digest(lithium()["outcomes"]["lo-store"])
    assert hash in client.get(f"/catalogue/drafts/{draft_id}/versions/1").text


def test_a_suggestion_is_applied_by_one_click(client: FlaskClient, lead: Actor) -> None:
    """The next version has its words, and names the comment as applied and answered."""
    draft_id = opened(lead)
    comment = Commenter(lead, draft_id).suggests()
    page = f"/catalogue/drafts/{draft_id}/suggestions/{comment}"
    assert "<ins>" in client.get(page).text
    assert post(client, page, {}).status_code == 303
    assert text_of(lead, draft_id) == "Keep packages apart."
    data = emitted()[-1].data
    assert (data["applies"], data["answers"]) == ([comment], [comment])
    assert "already says" in client.get(page).text


def test_a_suggestion_whose_words_have_changed_shows_both_sides(client: FlaskClient, lead: Actor) -> None:
    """It is refused, both sides stand on the page, and no version is made."""
    draft_id = opened(lead)
    comment = Commenter(lead, draft_id).suggests()
    page = f"/catalogue/drafts/{draft_id}/suggestions/{comment}"
    form = post(client, page, {"version": "9"})
    assert form.status_code == 412
    revised(lead, draft_id, 1, "Something else entirely.")
    shown = client.get(page).text
    for words in ("The words have changed since", "apart", "Something else entirely"):
        assert words in shown
    with pytest.raises(Refused) as refusal:
        commands.apply(lead, draft_id, 2, comment)
    assert refusal.value.code == "patch-conflict"
    assert commands.draft(lead, draft_id).version == 2


def test_a_suggestion_survives_what_is_written_around_it(lead: Actor) -> None:
    """Insertions and another order around its element leave it applicable."""
    draft_id = opened(lead)
    comment = Commenter(lead, draft_id).suggests()
    document = elements.put(lithium(), "outcomes", "lo-new", {"text": {"en": "Decide what to do first."}})
    document = elements.ordered(document, "outcomes", document["order"]["outcomes"][::-1])
    commands.revise(lead, draft_id, 1, Revision(document=document))
    commands.apply(lead, draft_id, 2, comment)
    assert text_of(lead, draft_id) == "Keep packages apart."


@pytest.mark.parametrize("withdrawn_first", [True, False])
def test_a_withdrawn_suggestion_is_not_applied(lead: Actor, withdrawn_first: bool) -> None:
    """Whichever of the two is heard first."""
    draft_id = opened(lead)
    commenter = Commenter(lead, draft_id)
    if withdrawn_first:
        commenter.withdraws()
    comment = commenter.suggests()
    if not withdrawn_first:
        commenter.withdraws()
    with pytest.raises(Refused, match="withdrawn"):
        commands.apply(lead, draft_id, 1, comment)


def test_the_words_of_a_suggestion_can_be_withheld(lead: Actor) -> None:
    """The row stays, its patch is gone, and applying says so."""
    draft_id = opened(lead)
    commenter = Commenter(lead, draft_id)
    comment = commenter.suggests()
    with db.of("catalogue").transaction() as tx:
        tx.execute(
            "UPDATE suggestion SET patch = NULL WHERE stream = %(stream)s AND sequence = 1",
            {"stream": commenter.consultation},
        )
    with pytest.raises(Refused, match="erased"):
        commands.apply(lead, draft_id, 1, comment)


def test_doors_for_machines(app: Any, lead: Actor) -> None:
    """If-Match is asked for; a stranger finds nothing; the answer names the new version."""
    draft_id = opened(lead)
    comment = Commenter(lead, draft_id).suggests()
    door = f"{API}/drafts/{draft_id}/suggestions/{comment}"
    asker = app.test_client()
    ours = {"Authorization": f"Bearer {token(lead)}"}
    stranger = {"Authorization": f"Bearer {token(member(provider(), 'lead'))}"}
    assert asker.post(door, headers=ours).status_code == 428
    assert asker.post(door, headers=stranger | {"If-Match": '"1"'}).status_code == 404
    applied = asker.post(door, headers=ours | {"If-Match": '"1"'})
    assert (applied.status_code, applied.headers["ETag"]) == (201, '"2"')
    back = asker.post(
        f"{API}/drafts/{draft_id}/versions/1/restoration", headers=ours | {"If-Match": '"2"'}, json={"summary": "Back."}
    )
    assert (back.status_code, back.headers["ETag"]) == (201, '"3"')
