"""State is the fold of facts: the same bytes again from the log, in any order of subjects, and a change is named."""

import psycopg
import pytest

from services.audit.domain import Message
from services.audit.recording.entering import record
from services.catalogue import commands, examples, store
from services.catalogue.domain.acts import Opening, Revision
from services.kernel import config, db, events, ids, inbox, rebuild
from services.kernel.events import Actor, Event
from tests.said import Speaker, message

PROVIDER = Actor(ids.new_id(), ids.new_id(), frozenset({"lead"}))
DRAFTS = 4


@pytest.fixture
def round() -> None:
    """Drafts opened and revised by a provider that the catalogue has heard of, everything entered in the log."""
    named = {"organisation": PROVIDER.organisation, "name": "Rheinhafen College", "standing": "provider"}
    heard = Speaker().say("accounts.organisation.registered.v1", str(PROVIDER.organisation), named)
    with db.of("catalogue").transaction() as tx:
        assert inbox.first_time(tx, heard, "remember_organisation")
        store.project(tx, heard)
    for example in range(DRAFTS):
        opened = commands.open_draft(PROVIDER, Opening(examples.every()[example % 3].document))
        patch = [{"op": "replace", "path": "/title/en", "value": "Another title"}]
        commands.revise(PROVIDER, opened.subject, 1, Revision(patch=patch, summary="A shorter title"))
    enter([message(heard), *map(message, said())])


def said() -> list[Event]:
    with db.of("catalogue").transaction() as tx:
        rows = tx.all("SELECT body, private FROM catalogue_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"]), events.private_from_json(row["private"])) for row in rows]


def enter(messages: list[Message]) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, messages)


def tamper(statement: str) -> None:
    with psycopg.connect(config.admin_database_url()) as admin:
        admin.execute(statement.encode())


@pytest.mark.usefixtures("database", "round")
@pytest.mark.parametrize("seed", [None, 1, 7])
def test_the_tables_are_the_fold_of_the_log_in_any_order_of_subjects(seed: int | None) -> None:
    """`countersign rebuild catalogue --check`, also with `--shuffle`, finds the same bytes in every table."""
    verdict = rebuild.check("catalogue", seed)
    assert verdict.differs is None, (verdict.live, verdict.folded)
    assert verdict.events == 1 + 2 * DRAFTS


@pytest.mark.usefixtures("database", "round")
def test_what_the_outbox_has_forgotten_is_folded_all_the_same() -> None:
    """Rows sent 90 days ago are gone from the outbox; the log has them, and the tables rest on them."""
    tamper("DELETE FROM catalogue_own.outbox")
    verdict = rebuild.check("catalogue")
    assert verdict.differs is None
    assert verdict.events == 1 + 2 * DRAFTS


@pytest.mark.usefixtures("database", "round")
def test_what_was_said_after_the_snapshot_is_not_folded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log may be ahead of the snapshot: only the events up to it count, so a live system is checked rightly."""
    wait = rebuild._wait_for_log

    def while_somebody_revises(service: str, wanted: rebuild._Wanted) -> None:
        wait(service, wanted)
        before = said()
        patch = [{"op": "replace", "path": "/title/en", "value": "A third title"}]
        commands.revise(PROVIDER, before[-1].subject, 2, Revision(patch=patch))
        enter([message(event) for event in said()[len(before) :]])

    monkeypatch.setattr(rebuild, "_wait_for_log", while_somebody_revises)
    verdict = rebuild.check("catalogue")
    assert verdict.differs is None
    assert verdict.events == 1 + 2 * DRAFTS


@pytest.mark.usefixtures("database", "round")
def test_a_row_that_was_changed_behind_the_events_is_named() -> None:
    """An UPDATE that no event tells of is found, with the table and both versions of the row."""
    tamper("UPDATE catalogue.organisation SET name = 'Somebody else'")
    verdict = rebuild.check("catalogue")
    assert verdict.differs == "organisation"
    assert "Somebody else" in verdict.live
    assert "Rheinhafen College" in verdict.folded


@pytest.mark.usefixtures("database", "round")
def test_erased_words_are_empty_in_the_fold() -> None:
    """Where the private value is gone from the log, the fold writes NULL: a live row that kept the words is found."""
    tamper("DELETE FROM audit.private")
    verdict = rebuild.check("catalogue")
    assert verdict.differs == "version"
    assert "A shorter title" in verdict.live
    assert "A shorter title" not in verdict.folded


@pytest.mark.usefixtures("database", "round")
def test_the_fold_at_an_earlier_entry_knows_nothing_of_later_ones() -> None:
    """`--to N` is the state after the first N entries."""
    assert len(rebuild.at("catalogue", 2)["draft"]) == 1
    assert len(rebuild.at("catalogue", 1 + 2 * DRAFTS)["draft"]) == DRAFTS
