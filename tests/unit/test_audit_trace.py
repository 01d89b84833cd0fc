"""The trace of a design, and what a suggestion would have made: pure over entries said by hand."""

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.audit.reading.consultations import Consultation, consultation
from services.audit.reading.designs import Design, design
from services.audit.reading.entries import Entry
from services.audit.telling.trace import Edge, Trace, trace
from services.audit.telling.what_if import what_if
from services.kernel import documents, ids
from services.kernel.errors import Gone, NotFound, Refused
from services.kernel.events import Actor
from tests.said import Speaker

LENA = Actor(ids.new_id(), ids.new_id())
AMINA = Actor(ids.new_id(), ids.new_id())


@dataclass
class Told:
    """A design being made and spoken of, entry by entry."""

    draft: str = field(default_factory=ids.new_id)
    about: str = field(default_factory=ids.new_id)
    document: dict[str, Any] = field(
        default_factory=lambda: {
            "title": {"en": "Batteries"},
            "country": "DE",
            "outcomes": {"lo-1": {"text": {"en": "Store"}}, "lo-2": {"text": {"en": "Carry"}}},
            "order": {"outcomes": ["lo-1", "lo-2"]},
        }
    )
    version: int = 1
    entries: list[Entry] = field(default_factory=list)
    speaker: Speaker = field(default_factory=Speaker)
    words: bool = True

    def __post_init__(self) -> None:
        self.say("catalogue.draft.opened.v1", self.draft, self.whole() | {"organisation": LENA.organisation}, LENA)
        opened: dict[str, Any] = {"organisation": LENA.organisation, "closes_at": "2026-03-01T00:00:00Z"}
        self.say("codesign.consultation.opened.v1", self.about, opened | {"visibility": "everything"}, LENA)

    def say(self, type: str, subject: str, data: dict[str, Any], actor: Actor) -> int:
        if subject == self.about:
            data = {"consultation": self.about, "draft": self.draft} | self.here() | data
            named = {"codesign.disposition.recorded.v1": {"draft", "version", "document_hash"}}
            data = {name: value for name, value in data.items() if name not in named.get(type, ())}
        event = self.speaker.say(type, subject, data, actor)
        self.entries.append(Entry(len(self.entries), event, words=self.words))
        return len(self.entries) - 1

    def here(self) -> dict[str, Any]:
        return {"version": self.version, "document_hash": documents.digest(self.document)}

    def whole(self) -> dict[str, Any]:
        return {"draft": self.draft, "document": self.document} | self.here()

    def comments(self, element: str, **more: Any) -> str:
        id = ids.new_id()
        data: dict[str, Any] = {"comment": id, "pointer": element, "element": element}
        data |= {"kind": "demand", "text": "Say how far."}
        data |= {"element_hash": documents.elements(self.document)[element], "public": False}
        self.say("codesign.comment.submitted.v1", self.about, data | more, AMINA)
        return id

    def revises(self, *operations: tuple[str, str, Any], answers: tuple[str, ...] = ()) -> int:
        patch = [{"op": op, "path": path} | ({} if op == "remove" else {"value": to}) for op, path, to in operations]
        self.document = documents.patched(copy.deepcopy(self.document), patch)
        self.version += 1
        data = {"draft": self.draft, "patch": patch, "answers": list(answers)} | self.here()
        return self.say("catalogue.draft.revised.v1", self.draft, data, LENA)

    def disposes(self, comment: str, disposition: str, **more: Any) -> int:
        data = {"comment": comment, "disposition": disposition, "reason": "So it is."} | more
        return self.say("codesign.disposition.recorded.v1", self.about, data, LENA)

    def endorses(self, *elements: str) -> tuple[str, int]:
        id, found = ids.new_id(), documents.elements(self.document)
        covers = {element: found[element] for element in elements or found}
        data = {"endorsement": id, "organisation": AMINA.organisation, "elements": covers, "interest": "none"}
        return id, self.say("codesign.endorsement.given.v1", self.about, data, AMINA)

    def publishes(self, *endorsements: str) -> tuple[int, int]:
        submission = ids.new_id()
        self.say("catalogue.draft.submitted.v1", self.draft, self.whole() | {"submission": submission}, LENA)
        seal = self.say(
            "codesign.consultation.sealed.v1",
            self.about,
            {"submission": submission, "endorsements": [*endorsements, ids.new_id()]},
            Actor("system"),
        )
        data = {"draft": self.draft, "submission": submission, "credential": ids.new_id(), "consultation": self.about}
        data |= {"organisation": LENA.organisation, "seal": self.entries[seal].event.id} | self.here()
        return seal, self.say("catalogue.credential.published.v1", self.draft, data, LENA)

    def read(self) -> tuple[Design, list[Consultation]]:
        read = design(self.draft, self.entries)
        return read, [consultation(self.about, read, self.entries)]

    def trace(self) -> Trace:
        return trace(*self.read())


STORE = "/outcomes/lo-1"
CARRY = "/outcomes/lo-2"


def test_a_comment_is_followed_to_the_publication_each_step_with_its_entry() -> None:
    """Comment, disposition, change, endorsement, seal, publication: an edge each, and the entry that says so."""
    told = Told()
    comment = told.comments(STORE)
    version = told.revises(("replace", f"{STORE}/text/en", "Store 2.5 m apart"), answers=(comment,))
    answer = told.disposes(comment, "accepted", answered_in=2)
    given, endorsed = told.endorses()
    seal, published = told.publishes(given)
    row = told.trace().of_comment(comment)
    assert row is not None
    assert (row.became, dict(row.answered_in), row.stands) == ("accepted", {2: version}, True)
    assert [(c.element, c.version, c.entry.idx) for c in row.changes] == [(STORE, 2, version)]
    assert list(row.edges) == [
        Edge("answered", 2, answer, answer),
        Edge("changed", answer, version, version),
        Edge("endorsed", version, endorsed, endorsed),
        Edge("sealed", endorsed, seal, seal),
        Edge("published", seal, published, published),
    ]
    assert [entry.idx for entry in row.publications] == [published]


def test_an_element_is_followed_back_to_the_comments_that_shaped_it() -> None:
    """Those that led to a change of it, not those that were only said of it; and its whole history."""
    told = Told()
    shaped, refused = told.comments(STORE), told.comments(STORE)
    told.disposes(refused, "rejected")
    told.revises(("replace", f"{STORE}/text/en", "Store well"), answers=(shaped,))
    found = told.trace()
    assert [row.comment and row.comment.id for row in found.shaped(STORE)] == [shaped]
    assert [row.comment and row.comment.id for row in found.about(STORE)] == [shaped, refused]
    assert [(change.version, change.before is None) for change in found.history[STORE]] == [(1, True), (2, False)]
    assert found.shaped(CARRY) == []


def test_a_disposition_that_names_the_version_is_enough() -> None:
    """Where the revision does not say which comments it answers, the edge is the disposition's word."""
    told = Told()
    comment = told.comments(STORE)
    told.revises(("replace", f"{STORE}/text/en", "Store well"))
    answer = told.disposes(comment, "accepted_with_changes", answered_in=2)
    row = told.trace().of_comment(comment)
    assert row is not None
    assert dict(row.answered_in) == {2: answer}
    assert Edge("changed", answer, 3, answer) in row.edges


def test_a_change_elsewhere_that_answers_a_comment_is_its_change() -> None:
    """Unless another comment on that very element is answered by the same version."""
    told = Told()
    on_title, on_carry = told.comments("/title"), told.comments(CARRY)
    both = (("replace", f"{STORE}/text/en", "Store well"), ("replace", f"{CARRY}/text/en", "Carry well"))
    told.revises(*both, answers=(on_title, on_carry))
    found = told.trace()
    assert [row.comment and row.comment.id for row in found.shaped(STORE)] == [on_title]
    assert [row.comment and row.comment.id for row in found.shaped(CARRY)] == [on_carry]


def test_a_change_that_nobody_asked_for_has_its_own_row() -> None:
    """So that no change of a published design is without a word on where it comes from."""
    told = Told()
    told.comments(STORE)
    version = told.revises(("replace", "/country", "AT"), ("remove", CARRY, None))
    rows = [row for row in told.trace().rows if row.comment is None]
    assert {(row.element, row.became, row.changes[0].entry.idx) for row in rows} == {
        ("/country", "unasked", version),
        (CARRY, "unasked", version),
    }
    assert {row.element: row.changes[0].after for row in rows}[CARRY] is None


def test_words_that_were_changed_again_do_not_stand() -> None:
    """And neither endorsement nor publication of what came later is of them."""
    told = Told()
    comment = told.comments(STORE)
    told.revises(("replace", f"{STORE}/text/en", "Store well"), answers=(comment,))
    told.revises(("replace", f"{STORE}/text/en", "Store better"))
    given, _ = told.endorses()
    told.publishes(given)
    row = told.trace().of_comment(comment)
    assert row is not None
    assert (row.stands, row.endorsements, row.publications) == (False, [], [])


def test_a_comment_without_an_answer_is_open() -> None:
    """And its words, as they were, may be endorsed all the same."""
    told = Told()
    comment = told.comments(STORE)
    _, endorsed = told.endorses(STORE)
    row = told.trace().of_comment(comment)
    assert row is not None
    assert (row.became, row.changes, row.stands) == ("open", [], True)
    assert [given.entry.idx for given in row.endorsements] == [endorsed]


def test_all_edges_are_told_once() -> None:
    """In the order of the entries that say so."""
    told = Told()
    comments = told.comments(STORE), told.comments(CARRY)
    told.revises(("replace", f"{STORE}/text/en", "Well"), ("replace", f"{CARRY}/text/en", "Well"), answers=comments)
    given, _ = told.endorses()
    told.publishes(given)
    edges = told.trace().edges
    assert len(edges) == len(set(edges)) == 5
    assert [edge.said_by for edge in edges] == sorted(edge.said_by for edge in edges)


SUGGESTION = [
    {"op": "test", "path": f"{STORE}/text/en", "value": "Store"},
    {"op": "replace", "path": f"{STORE}/text/en", "value": "Store at least 2.5 metres apart"},
]


def test_a_rejected_suggestion_shows_what_it_would_have_made() -> None:
    """Of the very version it was made for, whatever came later; both documents side by side."""
    told = Told()
    comment = told.comments(STORE, suggestion=SUGGESTION)
    told.disposes(comment, "rejected")
    told.revises(("replace", f"{STORE}/text/en", "Store elsewhere"))
    found = what_if(*told.read(), comment)
    assert (found.version.number, found.document["outcomes"]["lo-1"]["text"]["en"]) == (1, "Store")
    assert found.suggested["outcomes"]["lo-1"]["text"]["en"] == "Store at least 2.5 metres apart"
    assert found.suggested | {"outcomes": 0} == found.document | {"outcomes": 0}


@pytest.mark.parametrize(
    ("suggestion", "refusal", "says"),
    [
        (None, NotFound, "suggests no other words"),
        ([{"op": "test", "path": "/country", "value": "FR"}], Refused, "another value"),
    ],
)
def test_a_suggestion_that_cannot_be_shown_says_why(suggestion: Any, refusal: type[Refused], says: str) -> None:
    """There is none, or it does not fit."""
    told = Told()
    comment = told.comments(STORE, **({"suggestion": suggestion} if suggestion else {}))
    with pytest.raises(refusal, match=says):
        what_if(*told.read(), comment)


def test_a_suggestion_whose_words_are_gone_or_closed_is_not_shown() -> None:
    """Erased: it was there. Not for this reader: there is none."""
    told = Told()
    comment = told.comments(STORE, suggestion=SUGGESTION)
    whole = told.entries[-1]
    told.entries[-1] = Entry(whole.idx, whole.event, words=False)
    with pytest.raises(NotFound):
        what_if(*told.read(), comment)
    erased = copy.copy(whole.event)
    object.__setattr__(erased, "private", ())
    told.entries[-1] = Entry(whole.idx, erased)
    with pytest.raises(Gone):
        what_if(*told.read(), comment)
    with pytest.raises(NotFound, match="no such comment"):
        what_if(*told.read(), ids.new_id())
