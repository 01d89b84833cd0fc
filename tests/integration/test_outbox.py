"""The outbox: a change and the news of it are one transaction, numbered per aggregate without a hole."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.kernel import db, events
from services.kernel.errors import Malformed, TooLarge
from services.kernel.events import Actor, Fact
from services.kernel.ids import new_id
from services.kernel.outbox import emit

AMINA = Actor(new_id(), new_id(), frozenset({"designer"}))


def left(subject: str, reason: str | None = None) -> Fact:
    data = {"draft": subject, "version": 1, "submission": subject}
    return Fact("catalogue.draft.recalled.v1", subject, data | ({"reason": reason} if reason else {}), AMINA)


def rows() -> list[events.Event]:
    with db.of("catalogue").transaction() as tx:
        found = tx.all("SELECT body, private FROM catalogue_own.outbox ORDER BY id")
    return [events.parse(bytes(row["body"]), events.private_from_json(row["private"])) for row in found]


@pytest.mark.usefixtures("database")
def test_what_rolls_back_was_never_said() -> None:
    """An event whose transaction fails leaves no row and no hole in the sequence."""
    subject = new_id()

    def fail_after_emitting() -> None:
        with db.of("catalogue").transaction() as tx:
            emit(tx, left(subject))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_emitting()
    with db.of("catalogue").transaction() as tx:
        event = emit(tx, left(subject))
    assert rows() == [event]
    assert event.sequence == 1


@pytest.mark.usefixtures("database")
def test_many_writers_of_one_aggregate_leave_no_hole_and_no_double() -> None:
    """Sequence is dense from 1 per aggregate, and the outbox's order is the aggregate's order."""
    subject = new_id()

    def write(_: int) -> None:
        with db.of("catalogue").transaction() as tx:
            emit(tx, left(subject))

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(80)))
    assert [event.sequence for event in rows()] == list(range(1, 81))


@pytest.mark.usefixtures("database")
def test_private_words_stand_beside_the_bytes_and_never_in_them() -> None:
    """The bytes hold a commitment, the column `private` the words, whose they are, and the salt."""
    with db.of("catalogue").transaction() as tx:
        emitted = emit(tx, left(new_id(), "Überarbeitung nötig"))
    (event,) = rows()
    assert b"berarbeitung" not in event.body
    assert event.open("/data/reason") == "Überarbeitung nötig"
    assert event.private[0].commitment(event.id) == event.data["reason"]["$private"]
    assert event.private[0].person == AMINA.person
    assert emitted == event


@pytest.mark.usefixtures("database")
def test_a_fact_that_breaks_its_contract_takes_the_whole_transaction_with_it() -> None:
    """Senders are strict: an unknown field or a wrong type is refused before anything is written."""
    broken = Fact("catalogue.draft.recalled.v1", "x", {"draft": "no-uuid", "version": 0}, AMINA)
    with pytest.raises(Malformed, match=r"catalogue\.draft\.recalled"), db.of("catalogue").transaction() as tx:
        emit(tx, broken)
    assert rows() == []


@pytest.mark.usefixtures("database")
def test_texts_larger_than_the_brokers_frame_are_refused_with_their_size() -> None:
    """60 KiB of private values at most go beside one event (events.md, rule 4)."""
    patch = [{"op": "add", "path": f"/notes/{n}", "value": "x" * 200} for n in range(400)]
    data = {
        "consultation": new_id(), "comment": new_id(), "draft": new_id(), "version": 1, "document_hash": "0" * 64,
        "pointer": "/title", "element": "/title", "element_hash": "0" * 64, "kind": "error", "text": "t",
        "public": False,
        "suggestion": patch,
    }  # fmt: skip
    with pytest.raises(TooLarge, match=r"61,440"), db.of("codesign").transaction() as tx:
        emit(tx, Fact("codesign.comment.submitted.v1", new_id(), data, AMINA))
