"""Publication is a handshake: whatever order the news travels in, no version is published with an open comment.

Two services on one real database, each with its own tables and outbox. The test is the relay and the broker: it moves
outbox rows by hand, and holds them back while people go on commenting, answering, recalling and publishing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from types import ModuleType

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from services.catalogue import commands as catalogue
from services.catalogue.domain.acts import Revision
from services.codesign import commands as codesign
from services.codesign import store
from services.codesign.domain import commenting, sealing
from services.codesign.domain.answering import NewDisposition
from services.codesign.domain.commenting import NewComment
from services.codesign.domain.endorsing import NewEndorsement
from services.codesign.domain.opening import NewConsultation
from services.kernel import clock, db, documents, events
from services.kernel.errors import Refused
from services.kernel.events import Event as News
from tests.component import catalogue_house, codesign_house
from tests.component.codesign_house import World
from tests.facts import eventually

pytestmark = pytest.mark.usefixtures("module_database")

HEARS: dict[str, Callable[[News], None]] = {"catalogue": codesign_house.hear, "codesign": catalogue_house.hear}
"""Who hears what a service says."""


class Wire:
    """What one service said and the other has not heard yet."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.moved = self._last_id()
        self.waiting: list[News] = []

    def look(self) -> list[News]:
        """Take up what was said since the last look, and return all that waits."""
        with db.of(self.service).transaction(read_only=True) as tx:
            rows = tx.all(
                f"SELECT id, body, private FROM {self.service}_own.outbox WHERE id > %(id)s ORDER BY id",
                {"id": self.moved},
            )
        for row in rows:
            self.moved = row["id"]
            self.waiting.append(events.parse(bytes(row["body"]), events.private_from_json(row["private"])))
        return self.waiting

    def deliver(self, place: int = 0) -> None:
        """Let one waiting event be heard, twice, as a broker may."""
        if self.look():
            event = self.waiting.pop(place % len(self.waiting))
            HEARS[self.service](event)
            HEARS[self.service](event)

    def deliver_all(self) -> None:
        """Let everything be heard."""
        while self.look():
            self.deliver()

    def _last_id(self) -> int:
        with db.of(self.service).transaction(read_only=True) as tx:
            return int(tx.value(f"SELECT coalesce(max(id), 0) FROM {self.service}_own.outbox"))


class Round:
    """A college with two leads, an employer and a professional body, and a draft that is in consultation."""

    def __init__(self) -> None:
        self.wires = {service: Wire(service) for service in HEARS}
        world = World()
        college = world.organisation("Rheinhafen Vocational College", "provider")
        employer = world.organisation("Spedition Krämer", "employer")
        body = world.organisation("Chamber of Logistics", "professional_body")
        catalogue_house.hear(world.heard[0])
        self.leads = [world.member(college, "lead", name=name) for name in ("Jana Hofmann", "Mehmet Aydın")]
        self.reviewers = [world.member(organisation, "reviewer") for organisation in (employer, body)]
        self.draft = catalogue_house.opened(self.leads[0])
        self.deliver_all()
        wish = NewConsultation(self.draft, clock.now().replace(year=2040), organisations=(employer, body))
        self.consultation = codesign.open_consultation(self.leads[0], wish).subject
        self.deliver_all()

    def deliver_all(self, *, held: str | None = None) -> None:
        """Let everything be heard that is said, and what is said in answer; nothing of the one that is held."""
        while any(wire.look() for service, wire in self.wires.items() if service != held):
            for service, wire in self.wires.items():
                if service != held:
                    wire.deliver_all()

    @property
    def version(self) -> int:
        return catalogue.draft(self.leads[0], self.draft).version

    @property
    def status(self) -> str:
        return catalogue.draft(self.leads[0], self.draft).status

    def open_comments(self) -> list[str]:
        with db.of("codesign").transaction(read_only=True) as tx:
            return store.open_comments(tx, self.consultation)

    # What people do; each may be refused, as on any day.

    def comment(self, by: int = 0) -> None:
        codesign.submit_comment(self.reviewers[by], self.consultation, NewComment("/workload", "concern", "Too short."))

    def answer(self) -> None:
        for comment in self.open_comments():
            codesign.record_disposition(self.leads[0], comment, NewDisposition("rejected", "It was enough last year."))

    def endorse(self) -> None:
        for reviewer in self.reviewers:
            codesign.endorse(reviewer, self.consultation, NewEndorsement("none"))

    def revise(self) -> None:
        document = catalogue_house.lithium()
        document["workload"]["hours"] = str(25 + self.version)
        catalogue.revise(self.leads[0], self.draft, self.version, Revision(document=document))

    def submit(self) -> None:
        catalogue.submit(self.leads[0], self.draft, self.version)

    def recall(self) -> None:
        catalogue.recall(self.leads[0], self.draft, self.version)

    def publish(self) -> None:
        catalogue.publish(self.leads[1], self.draft, self.version)

    def check(self) -> None:
        """Fail where a version is published and a comment is open, or where its words are not those endorsed."""
        if self.status != "published":
            return
        assert self.open_comments() == [], "published with an open comment"
        document = catalogue.draft(self.leads[0], self.draft).document
        with db.of("codesign").transaction(read_only=True) as tx:
            newest = {e.organisation: e.elements for e in store.endorsements(tx, self.consultation)}
        assert list(newest.values()) == 2 * [documents.elements(document)], "published in words nobody endorsed"


def tried(act: Callable[[], object]) -> bool:
    """Do something that may be refused; say whether it was done."""
    with suppress(Refused):
        act()
        return True
    return False


# --- each relay held in turn ------------------------------------------------------------------------------------------

ACTS = ("endorse", "submit", "recall", "submit", "publish")


@pytest.mark.parametrize("held", ["catalogue", "codesign", None])
@pytest.mark.parametrize("gap", range(2 * len(ACTS) + 1))
def test_a_comment_in_any_gap_while_a_relay_is_held(held: str | None, gap: int) -> None:
    """One service's news is held over any stretch of a round, a comment comes in the gap: heard, or refused.

    The gaps lie before and after the delivery that precedes each act, and at the end.
    """
    for release in range(gap // 2, len(ACTS) + 1):
        now, commented = Round(), False
        for place, act in enumerate((*ACTS, "check")):
            commented |= gap == 2 * place and tried(now.comment)
            now.deliver_all(held=held if gap // 2 <= place < release else None)
            commented |= gap == 2 * place + 1 and tried(now.comment)
            tried(getattr(now, act))
            now.check()
        now.deliver_all()
        now.check()
        assert now.status == "published" or commented or held, "with nothing held and nothing said it goes through"


@pytest.mark.parametrize("held", ["catalogue", "codesign"])
def test_a_round_ends_well_when_the_held_relay_comes_back(held: str) -> None:
    """Nothing is lost by waiting: answered, sealed and published once everything has been heard."""
    now = Round()
    now.comment()
    now.endorse()
    now.deliver_all(held=held)
    tried(now.submit)
    now.deliver_all(held=held)
    assert not tried(now.publish)
    now.deliver_all()
    assert now.status == "unready"
    now.answer()
    now.submit()
    now.deliver_all()
    now.publish()
    now.deliver_all()
    assert now.status == "published"
    assert not tried(now.comment)
    now.check()


def test_a_seal_that_arrives_after_the_recall_publishes_nothing() -> None:
    """Sealed, recalled before the catalogue heard of it, commented: the late seal answers a submission that is over."""
    now = Round()
    now.endorse()
    now.submit()
    now.wires["catalogue"].deliver_all()
    now.recall()
    now.wires["catalogue"].deliver_all()
    now.comment()
    now.wires["codesign"].deliver_all()
    assert not tried(now.publish)
    now.submit()
    now.deliver_all()
    assert now.status == "unready"


def test_a_recall_that_is_not_heard_yet_keeps_the_comments_out() -> None:
    """Co-design knows of the seal and not of the recall: it refuses, and takes the comment once it has heard."""
    now = Round()
    now.endorse()
    now.submit()
    now.deliver_all()
    now.recall()
    assert not tried(now.comment)
    now.deliver_all()
    assert tried(now.comment)


# --- at the same moment -----------------------------------------------------------------------------------------------


def test_a_comment_waits_for_the_seal_that_is_being_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer has read that no comment is open and is not written yet: a comment made now waits, and is refused."""
    now = Round()
    now.endorse()
    now.deliver_all()
    now.submit()
    done = meeting(monkeypatch, sealing, "answer", now.wires["catalogue"].deliver_all, now.comment)
    assert done == (True, False)
    assert now.open_comments() == []
    now.deliver_all()
    assert now.status == "sealed"


def test_the_seal_waits_for_a_comment_that_is_being_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment has read that nothing is sealed and is not written yet: the answer waits, and names the comment."""
    now = Round()
    now.endorse()
    now.deliver_all()
    now.submit()
    done = meeting(monkeypatch, commenting, "comment", now.comment, now.wires["catalogue"].deliver_all)
    assert done == (True, True)
    now.deliver_all()
    assert (now.status, len(now.open_comments())) == ("unready", 1)


def meeting(
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    rule: str,
    first: Callable[[], object],
    second: Callable[[], object],
) -> tuple[bool, bool]:
    """Let `second` begin when `first` is at a rule, between its reading and its writing.

    `first` goes on when `second` waits for a lock or is done. Say of each whether it was done, or refused.
    """
    decide, at_the_rule = getattr(module, rule), Event()

    def pause(*args: object, **how: object) -> object:
        if not at_the_rule.is_set():
            at_the_rule.set()
            eventually(lambda: other.done() or somebody_waits_for_a_lock())
        return decide(*args, **how)

    monkeypatch.setattr(module, rule, pause)
    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(lambda: at_the_rule.wait(10) and tried(second))
        return tried(first), bool(other.result())


def somebody_waits_for_a_lock() -> bool:
    """Say whether a session of co-design is held up by another."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with db.of("codesign").transaction() as tx:
        return tx.value(waiting) is not None


# --- any order at all -------------------------------------------------------------------------------------------------

published: Counter[bool] = Counter()


class Handshake(RuleBasedStateMachine):
    """People act, news travels, in any order; whatever is not delivered is held."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Round()

    @rule(by=st.integers(0, 1))
    def a_reviewer_comments(self, by: int) -> None:
        tried(lambda: self.now.comment(by))

    @rule()
    def somebody_publishes(self) -> None:
        tried(self.now.publish)

    @rule(act=st.sampled_from(["answer", "endorse", "revise", "submit", "recall"]))
    def somebody_acts(self, act: str) -> None:
        tried(getattr(self.now, act))

    @rule()
    def co_design_hears(self) -> None:
        self.now.wires["catalogue"].deliver()  # in order, as its handler asks for

    @rule(place=st.integers(0, 5))
    def the_catalogue_hears(self, place: int) -> None:
        self.now.wires["codesign"].deliver(place)  # in any order

    @rule()
    def all_is_heard(self) -> None:
        self.now.deliver_all()

    @rule()
    def everything_is_made_ready(self) -> None:
        for act in (self.now.answer, self.now.endorse, self.now.submit):
            tried(act)

    @rule(luck=st.integers(0, 3))
    def all_goes_well(self, luck: int) -> None:
        """Rare, so that most runs stay in the thick of it, and yet no search ends without a publication."""
        if luck == 0:
            for act in (self.now.answer, self.now.endorse, self.now.submit, self.now.publish):
                self.now.deliver_all()
                tried(act)

    @invariant()
    def no_published_version_with_an_open_comment(self) -> None:
        self.now.check()

    def teardown(self) -> None:
        self.now.deliver_all()
        self.now.check()
        published[self.now.status == "published"] += 1
        with db.of("codesign").transaction(read_only=True) as tx:
            ours = store.consultation(tx, self.now.consultation)
        assert ours.sealed is (self.now.status in ("sealed", "published")), "once all is heard, both say the same"


def test_whatever_the_order_no_version_is_published_with_an_open_comment() -> None:
    """Hypothesis plays people and relays; it finds no order of acts and news that publishes over a comment."""
    how = settings(
        max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(Handshake, settings=how)
    assert published[True] > 0, "the search never came as far as a publication, so it proves nothing"
