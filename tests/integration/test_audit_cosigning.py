"""The witness round: who is asked what, when a checkpoint is published, and what a fork looks like."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from services.audit.signing import asking, witnesses
from services.audit.signing.signer import Signer
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, SigningKey
from services.audit.tlog.policies import Policy
from services.audit.tlog.tree import EMPTY_ROOT
from services.audit.tlog.witnessing import SIZE_TYPE, Known, Request
from tests.facts import eventually
from tests.log_house import Hands, LogHouse, empty_log
from tests.small_witness import SmallWitness, serving

pytestmark = pytest.mark.usefixtures("module_database")

Answer = tuple[int, str, bytes]
TEXT = "text/plain"
TWO_OF_THREE = "group enough 2 w1 w2 w3\nquorum enough\n"


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


@pytest.fixture
def three() -> Iterator[list[SmallWitness]]:
    with ExitStack() as stack:
        yield [stack.enter_context(serving(SmallWitness(name))) for name in ("w1", "w2", "w3")]


@pytest.fixture
def house(hands: Hands, three: list[SmallWitness]) -> Iterator[LogHouse]:
    """A log of which two of three witnesses are the quorum."""
    empty_log()
    house = LogHouse(hands, three, TWO_OF_THREE)
    yield house
    house.close()


@pytest.fixture
def alone(hands: Hands, three: list[SmallWitness]) -> Iterator[LogHouse]:
    """A log with one witness, which is the quorum."""
    empty_log()
    house = LogHouse(hands, three[:1], "quorum w1\n")
    yield house
    house.close()


def works(house: LogHouse, signer: Signer, seconds: float = 20, step: float = 1) -> None:
    """Let a signer work for so long by the clock of the test."""
    for _ in range(round(seconds / step)):
        house.hands.on(seconds=step)
        signer.tick(0.01)


def settled(signer: Signer) -> None:
    """Let a signer take in what the witnesses have to say, by the clock of the world, until all have said it."""

    def is_done() -> bool:
        signer.tick(0.01)
        asked = signer._leading and signer._leading._witnesses
        return not (asked and asked._round and asked._round.asked)

    eventually(is_done, every=0.0)


def begun(house: LogHouse) -> Signer:
    """A signer that has published the first entry: there is a head file from now on."""
    house.record(1)
    signer = house.signer()
    house.publish(signer)
    return signer


def until(house: LogHouse, signer: Signer, fact: Callable[[], object], step: float = 1) -> None:
    """Let a signer work, so many seconds between looks, until something is so."""

    def is_so() -> bool:
        works(house, signer, step, step)
        return bool(fact())

    eventually(is_so)


def cosigners(house: LogHouse) -> set[str]:
    """Whose cosignatures the served checkpoint bears, all of them good."""
    return set(house.identity.policy.check(house.folder.checkpoint() or b"").cosigned)


def silent(_: Request) -> Answer:
    return 503, TEXT, b"not now\n"


def test_a_checkpoint_is_published_once_a_quorum_has_cosigned(house: LogHouse, three: list[SmallWitness]) -> None:
    """One of three is not enough, two are; before that it is signed, and neither served nor published."""
    signer = begun(house)
    three[1].mood = three[2].mood = silent
    house.record(5)
    works(house, signer)
    eventually(lambda: three[0].known[house.key.name].size == 6)
    assert house.signed is not None
    assert house.signed.size == 6
    assert house.published is not None
    assert (house.published.size, house.served and house.served.size) == (1, 1)
    three[2].mood = lambda _: None
    assert house.publish(signer).size == 6
    assert cosigners(house) >= {"w1", "w3"}


def test_each_is_given_the_proof_from_what_it_had_last(house: LogHouse, three: list[SmallWitness]) -> None:
    """A new witness from nothing, the others from the size they cosigned; a 409 with its size is gone on from."""
    signer = house.signer()
    for count in (5, 7, 300):
        house.record(count)
        house.publish(signer)
    until(house, signer, lambda: all(one.known[house.key.name].size == 312 for one in three), 3)
    three[2].known[house.key.name] = Known((house.key.verifier,))  # as if it had been set up anew
    three[2].asked.clear()
    house.record(1)
    house.publish(signer)
    until(house, signer, lambda: three[2].known[house.key.name].size == 313, 3)
    assert [request.old for request in three[2].asked][:2] == [312, 0]
    assert all(request.opened()[1].signed_by([house.key.verifier]) for one in three for request in one.asked)


def test_a_slow_and_a_dead_witness_delay_neither_signing_nor_publishing(
    house: LogHouse, three: list[SmallWitness], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hangs, the quorum is made by the others; every checkpoint is signed and published meanwhile."""
    three.append(SmallWitness("w4"))
    three[3].url = "http://127.0.0.1:9"  # nobody listens there
    house.witnesses, house.quorum = three, "group enough 2 w1 w2 w3 w4\nquorum enough\n"
    monkeypatch.setattr(asking, "READ", 60.0)  # nobody is to wait for it, not even so long
    hanging = threading.Event()

    def hang(_: Request) -> None:
        hanging.wait(60)

    signer = begun(house)
    three[2].mood = hang
    for size in range(2, 6):
        house.record(1)
        assert house.publish(signer).size == size
    assert house.count("checkpoint") == 5
    assert "w3" not in cosigners(house)
    hanging.set()
    until(house, signer, lambda: "w3" in cosigners(house), 61)


def test_two_slow_ones_that_are_needed_are_waited_for_with_one_checkpoint(
    house: LogHouse, three: list[SmallWitness]
) -> None:
    """While new entries keep coming, the witnesses are asked for the same checkpoint until they are a quorum."""
    signer = begun(house)
    gate = threading.Event()

    def wait(_: Request) -> None:
        gate.wait(20)

    three[0].mood, three[1].mood, three[2].mood = silent, wait, wait
    for _ in range(6):
        house.record(1)
        works(house, signer, 1)
    assert house.count("checkpoint") == 7
    gate.set()
    until(house, signer, lambda: house.count("published") > 1, 0.1)
    assert house.published is not None
    assert house.published.size == 2
    assert house.publish(signer).size == 7


def test_what_is_not_asked_for_is_ignored(alone: LogHouse, three: list[SmallWitness]) -> None:
    """Lines of unknown keys in the answer are passed over and not served on."""
    stranger = SigningKey.generate("stranger.example/w", COSIGNATURE)

    def with_a_strangers(request: Request) -> Answer:
        witness, note = three[0], request.opened()[1]
        witness.mood = lambda _: None
        status, kind, body = witness.answer(request.encode())
        witness.mood = with_a_strangers
        from services.audit.tlog.cosignatures import cosign

        return status, kind, cosign(note.text, stranger, 1_700_000_000).line().encode() + body

    three[0].mood = with_a_strangers
    alone.record(1)
    alone.publish()
    note = Note.parse(alone.folder.checkpoint() or b"")
    assert {signature.name for signature in note.signatures} == {alone.key.name, three[0].key.name}


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((200, TEXT, b""), "sent no good cosignature"),
        ((200, TEXT, b"no signature\n"), "sent no good cosignature"),
        ((200, TEXT, "\u2014 witness.example/w1 AAAAAAAAAAAAAAAA\n".encode()), "sent no good cosignature"),
        ((200, TEXT, b"x" * 100_000), "answers too much"),
        ((301, TEXT, b""), "answered 301"),
        ((400, TEXT, b""), "answered 400"),
        ((403, TEXT, b""), "knows another key of this log"),
        ((404, TEXT, b""), "does not know the log countersign.test/log"),
        ((409, SIZE_TYPE, b"01\n"), "answers in a way that is not understood"),
        ((409, SIZE_TYPE, b"-1\n"), "answers in a way that is not understood"),
        ((500, TEXT, b"<html>"), "answered 500"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_answer_that_is_no_cosignature_is_told_and_asked_for_again(
    alone: LogHouse, three: list[SmallWitness], monkeypatch: pytest.MonkeyPatch, answer: Answer, sentence: str
) -> None:
    """Nothing is published for it, nothing is an alarm yet, and a later good answer is taken."""
    heard: list[str] = []
    monkeypatch.setattr(witnesses.say, "warning", lambda _, problem="", **__: heard.append(problem))
    signer = begun(alone)
    three[0].mood = lambda _: answer
    alone.record(2)
    until(alone, signer, lambda: heard, 1)
    assert sentence in heard[0]
    works(alone, signer, 10)
    assert alone.folder.alarms() == []
    assert alone.count("published") == 1
    three[0].mood = lambda _: None
    assert alone.publish(signer).size == 3


def forked(house: LogHouse, three: list[SmallWitness], size: int) -> None:
    """Let a witness have cosigned another tree of that size."""
    three[0].known[house.key.name] = Known((house.key.verifier,), size, b"x" * 32)


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (3, "has co-signed another log under this name: what it has of 3 entries is not the beginning of the 5 here"),
        (5, "has co-signed another log under this name: what it has of 5 entries is not the beginning of the 5 here"),
        (8, "has co-signed 8 entries of this log, and it has 5: the log was rolled back, or another holds its key"),
    ],
)
def test_a_witness_that_knows_another_tree_is_an_alarm_that_stays(
    alone: LogHouse, three: list[SmallWitness], size: int, sentence: str
) -> None:
    """A fork (422, or 409 at the same size) or a roll-back (409 with a larger size): nothing is published, ever."""
    signer = begun(alone)
    alone.record(4)
    forked(alone, three, size)
    until(alone, signer, lambda: alone.folder.alarms(), 1)
    works(alone, signer, 30)
    assert sentence in alone.folder.alarms()[0]
    assert (alone.count("checkpoint"), alone.count("published")) == (2, 1)
    assert three[0].known[alone.key.name].size == size


def test_when_idle_the_last_checkpoint_is_cosigned_every_minute_and_nothing_else_happens(
    house: LogHouse, three: list[SmallWitness], hands: Hands
) -> None:
    """An idle hour: no entry, no row; the served checkpoint is never older than its minute, its first note is kept."""
    house.record(3)
    signer = house.signer()
    first = house.publish(signer)
    began, rows = hands.at, [house.count(table) for table in ("entry", "checkpoint", "published", "audit_own.outbox")]
    oldest = 0.0
    while hands.at - began < timedelta(hours=1):
        works(house, signer, 20, 20)
        settled(signer)
        oldest = max(oldest, signer.measured("cosignature_age")["audit"])
    assert rows == [house.count(table) for table in ("entry", "checkpoint", "published", "audit_own.outbox")]
    assert house.published == first
    assert oldest < 85
    assert all(50 <= len(one.asked) <= 65 for one in three)
    assert house.folder.alarms() == []
    assert signer.measured("checkpoint_age") == {"audit": 0.0}


def test_what_no_quorum_has_said_for_150_seconds_is_an_alarm(house: LogHouse, three: list[SmallWitness]) -> None:
    """It names the moment of the last; new entries that wait are one, too; both end when the witnesses are back."""
    house.record(3)
    signer = house.signer()
    house.publish(signer)
    works(house, signer, 62, 1)
    settled(signer)
    three[0].mood = three[1].mood = silent
    works(house, signer, 140, 5)
    assert house.folder.alarms() == []
    works(house, signer, 80, 5)
    (alarm,) = house.folder.alarms()
    assert alarm.startswith("No quorum of witnesses has said since ")
    house.record(1)
    works(house, signer, 160, 5)
    assert len(house.folder.alarms()) == 2
    assert signer.measured("checkpoint_age")["audit"] > 150
    three[0].mood = lambda _: None
    house.publish(signer)
    works(house, signer, 1)
    assert house.folder.alarms() == []


def test_what_was_published_and_not_served_is_served_by_the_next(alone: LogHouse, three: list[SmallWitness]) -> None:
    """Also where no witness answers just now: the quorum was there, and the database kept its note."""
    begun(alone)
    before = alone.folder.checkpoint()
    alone.record(1)
    alone.publish(alone.signers[0])
    note = alone.folder.checkpoint()
    assert before is not None
    alone.folder.keep_checkpoint(before)
    three[0].mood = silent
    works(alone, alone.signer(), 2)
    assert alone.folder.checkpoint() == note


class TestALostFolder:
    def test_a_witness_that_saw_more_than_the_database_has_forbids_to_sign(
        self, alone: LogHouse, three: list[SmallWitness]
    ) -> None:
        """Database and folder both lost and brought back from before: only the witness remembers."""
        alone.record(5)
        forked(alone, three, 8)
        signer = alone.signer()
        works(alone, signer, 3)
        assert "the witness w1 has co-signed 8 entries where the database has 5" in signer.refusal
        assert alone.count("checkpoint") == 0
        assert alone.folder.head() is None

    def test_a_witness_that_cannot_say_holds_up_the_first_signature_only(
        self, alone: LogHouse, three: list[SmallWitness]
    ) -> None:
        """Without a head file nobody else knows; it is asked until it answers, and not once there is one."""
        alone.record(5)
        three[0].mood = silent
        signer = alone.signer()
        works(alone, signer, 3)
        assert "too few can say. The witness w1 answered 503" in signer.refusal
        assert alone.count("checkpoint") == 0
        three[0].mood = lambda _: None
        alone.publish(signer)
        three[0].mood = silent
        alone.record(1)
        works(alone, signer, 3)
        assert alone.count("checkpoint") == 2

    def test_so_many_must_answer_that_the_others_are_no_quorum(
        self, house: LogHouse, three: list[SmallWitness]
    ) -> None:
        """Where two of three are needed, one may be silent: one of the others has seen whatever was published."""
        house.record(5)
        three[0].mood = three[1].mood = silent
        signer = house.signer()
        works(house, signer, 3)
        assert "too few can say" in signer.refusal
        three[1].mood = lambda _: None
        house.publish(signer)

    def test_the_question_binds_to_nothing(self, alone: LogHouse, three: list[SmallWitness]) -> None:
        """It is a checkpoint of the empty log, which every log was once."""
        alone.record(5)
        alone.publish()
        checkpoint, _ = three[0].asked[0].opened()
        assert checkpoint == Checkpoint(alone.key.name, 0, EMPTY_ROOT)


def policy(quorum: str) -> Policy:
    keys = [SigningKey.generate(f"w.example/{name}", COSIGNATURE).verifier for name in "abc"]
    lines = "".join(f"witness {name} {key}\n" for name, key in zip("abc", keys, strict=True))
    log = SigningKey.generate("log.example", ED25519).verifier
    return Policy.parse(f"log {log}\n{lines}{quorum}\n".encode())


@pytest.mark.parametrize(
    ("quorum", "cosigned", "at"),
    [
        ("quorum none", {"a": 10}, None),
        ("quorum a", {"a": 10, "b": 20}, 10),
        ("group g any a b c\nquorum g", {"a": 10, "b": 20, "c": 5}, 20),
        ("group g 2 a b c\nquorum g", {"a": 10, "b": 20, "c": 5}, 10),
        ("group g all a b c\nquorum g", {"a": 10, "b": 20, "c": 5}, 5),
        ("group g all a b c\nquorum g", {"a": 10, "b": 20}, None),
    ],
    ids=json.dumps,
)
def test_a_checkpoint_is_as_fresh_as_its_freshest_quorum(quorum: str, cosigned: dict[str, int], at: int | None) -> None:
    """Not as its newest cosignature: one lively witness of two that are needed says nothing."""
    assert witnesses.fresh_at(policy(quorum), cosigned) == at
