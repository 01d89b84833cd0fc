"""The signer: what is committed is copied, then signed, then published; and what it refuses to sign."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.recording import gaps
from services.audit.recording.entering import record
from services.audit.signing.signer import Signer
from services.audit.tlog import proofs, tiles, tree
from services.audit.tlog.notes import ED25519, SigningKey
from services.kernel import db, lease
from services.kernel.events import Event, parse
from tests.facts import eventually
from tests.log_house import Hands, LogHouse, administrator, empty_log
from tests.private import settings
from tests.said import Speaker, message

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    return Hands(monkeypatch)


@pytest.fixture
def house(hands: Hands) -> Iterator[LogHouse]:
    """A log whose policy asks for no witness."""
    empty_log()
    house = LogHouse(hands)
    yield house
    house.close()


def bodies() -> list[bytes]:
    with db.of("audit").transaction() as tx:
        return [bytes(row["body"]) for row in tx.all("SELECT body FROM entry ORDER BY idx")]


@pytest.mark.parametrize("steps", [(1,), (5, 4), (255, 1, 1), (300, 212, 1), (700,)], ids=str)
def test_what_is_published_can_be_checked_with_the_folder_alone(house: LogHouse, steps: tuple[int, ...]) -> None:
    """Bundles hold the entries byte for byte, every tile that the size asks for is there, and they lead to the root."""
    for step in steps:
        house.record(step)
        published = house.publish()
        assert (published.size, published.root) == (house.head.size, house.head.root)
        assert house.served == house.head == house.folder.head()
        assert list(house.folder.entries(0, published.size)) == bodies()
        for level, n, width in tiles.tiles(published.size):
            assert len(house.folder.tile(level, n, width)) == 32 * width
        nodes = house.folder.nodes(published.size)
        assert proofs.root(published.size, nodes) == published.root
        for idx in {0, published.size // 2, published.size - 1}:
            leaf = tree.leaf(next(house.folder.entries(idx, idx + 1)))
            path = proofs.inclusion(idx, published.size, nodes)
            proofs.check_inclusion(leaf, idx, published.size, path, published.root)


def refusal(house: LogHouse, signer: Signer | None = None) -> str:
    """What a signer, by default a new one, refuses to sign for; nothing was signed or published by it."""
    signed, published = house.count("checkpoint"), house.count("published")
    signer = signer or house.signer()
    for _ in range(3):
        house.hands.on(seconds=2)
        signer.tick()
    assert (house.count("checkpoint"), house.count("published")) == (signed, published)
    assert signer.refusal
    assert house.folder.alarms()[0] == signer.refusal
    return signer.refusal


def rolled_back(size: int) -> None:
    """The database as a backup of that size would be; the checkpoints of that time in it."""
    with administrator() as admin:
        admin.execute("DELETE FROM published WHERE size > %s", [size])
        admin.execute("DELETE FROM checkpoint WHERE size > %s", [size])
        admin.execute("DELETE FROM entry WHERE idx >= %s", [size])
        admin.execute("DELETE FROM node WHERE (index + 1) << level::int > %s", [size])
        admin.execute("DELETE FROM aggregate")
        rows = admin.execute("SELECT leaf FROM entry ORDER BY idx").fetchall()
        root = tree.root(tree.append(0, (), [bytes(row[0]) for row in rows])[0])
        admin.execute("UPDATE head SET size = %s, root = %s", [size, root])


class TestWhatIsRefused:
    """Each refusal says which it is, and what to do; nothing is signed, and the folder is as it was."""

    def test_a_database_that_is_behind_the_head_file(self, house: LogHouse) -> None:
        """Rolled back to an older backup: the file outside the database knows better."""
        house.record(5)
        house.publish()
        house.record(3)
        house.publish()
        rolled_back(5)
        assert "The head file is ahead of the database" in (said := refusal(house))
        assert "8 entries, and there are 5" in said
        assert "countersign audit recover --from" in said

    def test_the_same_under_a_signer_that_runs(self, house: LogHouse) -> None:
        """It need not be started again to find out."""
        house.record(8)
        signer = house.signer()
        house.publish(signer)
        rolled_back(5)
        assert "The head file is ahead of the database" in refusal(house, signer)

    def test_another_root_at_the_same_size(self, house: LogHouse) -> None:
        """As many entries as were signed, but others."""
        house.record(8)
        house.publish()
        rolled_back(7)
        other(1)
        assert "another root" in refusal(house)

    @pytest.mark.parametrize("kept", [3, 255, 256, 257])
    def test_a_database_that_does_not_continue_what_was_signed(self, house: LogHouse, kept: int) -> None:
        """Larger than what was signed, and yet a fork of it."""
        house.record(260)
        house.publish()
        before = house.folder.head()
        rolled_back(kept)
        other(300 - kept)
        assert "does not continue what was signed: after the 260 entries" in refusal(house)
        assert house.folder.head() == before

    def test_an_entry_whose_bytes_were_changed_before_they_were_signed(self, house: LogHouse) -> None:
        """The first that is wrong is named."""
        house.record(5)
        house.publish()
        house.record(10)
        with administrator() as admin:
            admin.execute("UPDATE entry SET body = body || ' ' WHERE idx = 7")
        assert refusal(house).startswith("Entry 7: its bytes are not those that were hashed")

    def test_an_entry_that_was_changed_with_its_hash_after_it_was_signed(self, house: LogHouse) -> None:
        """In the newest bundle, which is written again, it is noticed at once."""
        house.record(5)
        house.publish()
        house.record(1)
        with administrator() as admin:
            admin.execute("UPDATE entry SET body = '{}', leaf = %s WHERE idx = 3", [tree.leaf(b"{}")])
        assert refusal(house).startswith("Entry 3 was changed after it was signed")

    def test_entries_removed_below_a_checkpoint_of_the_database(self, house: LogHouse) -> None:
        """Also where the folder is gone, too."""
        house.record(8)
        house.publish()
        with administrator() as admin:
            admin.execute("DELETE FROM published")
            admin.execute("CREATE TEMP TABLE promise AS SELECT * FROM checkpoint")
            rolled_back(5)
            admin.execute("INSERT INTO checkpoint SELECT * FROM promise")
        shutil.rmtree(house.folder.path)
        assert "has 5 entries, and a checkpoint over 8: entries were removed" in refusal(house)

    def test_a_checkpoint_that_the_entries_do_not_lead_to(self, house: LogHouse) -> None:
        """A lost folder is made anew from the database only where the database keeps its own promise."""
        house.record(8)
        house.publish()
        house.record(1)
        with administrator() as admin:
            admin.execute("UPDATE checkpoint SET root = %s", [bytes(32)])
        shutil.rmtree(house.folder.path)
        assert "do not lead to the root of the newest checkpoint, of 8" in refusal(house)

    def test_another_origin(self, house: LogHouse, monkeypatch: pytest.MonkeyPatch) -> None:
        """A log keeps its name."""
        house.record(1)
        house.publish()
        monkeypatch.setattr("tests.log_house.ORIGIN", "countersign.test/other")
        house.key = SigningKey("countersign.test/other", ED25519, house.key.private)
        assert "The origin was changed: the head file says countersign.test/log" in refusal(house)

    def test_another_key(self, house: LogHouse) -> None:
        """The newest checkpoint is not its own."""
        house.record(1)
        house.publish()
        house.key = SigningKey.generate(house.key.name, ED25519)
        assert "The log's key was changed" in refusal(house)

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("head", b"nonsense\n", "The head file in"),
            ("public/tile/0/000.p/5", b"", "is damaged"),
            ("public/tile/0/000.p/5", bytes(5 * 32), "do not lead to the root in the head file"),
        ],
    )
    def test_a_folder_that_is_damaged(self, house: LogHouse, name: str, content: bytes, sentence: str) -> None:
        """It is not repaired in silence: who changed it?"""
        house.record(5)
        house.publish()
        house.record(1)
        (house.folder.path / name).write_bytes(content)
        assert sentence in refusal(house)

    def test_a_folder_that_another_is_writing_into(self, house: LogHouse) -> None:
        """A frozen signer must be ended before another goes on: it would overwrite the head file when it thaws."""
        house.record(5)
        with house.folder.alone():
            assert "Another signer is writing into" in refusal(house)
        house.publish()

    def test_what_was_refused_is_signed_once_it_is_put_right(self, house: LogHouse) -> None:
        """Nobody has to start the signer again, and the alarm is over."""
        house.record(5)
        signer = house.signer()
        house.publish(signer)
        head = house.folder.path / "head"
        written = head.read_bytes()
        house.record(1)
        head.write_bytes(b"nonsense\n")
        refusal(house, signer)
        head.write_bytes(written)
        assert house.publish(signer).size == 6
        assert house.folder.alarms() == []


def other(count: int) -> None:
    """Entries that nobody said in this test, by a recorder that cannot see what was signed, or will not."""
    with settings(COUNTERSIGN_LOG_FOLDER=str(Path(os.sep, "nowhere"))), db.of("audit").transaction() as tx:
        record(tx, [message(event) for event in Speaker().ticks("another", count)])


class TestALostFolder:
    """The head file is missing: only the witnesses, and the database's own checkpoints, know how far the log was."""

    def test_it_is_made_anew_byte_for_byte(self, house: LogHouse) -> None:
        """From the database, all of it, before anything new is signed."""
        house.record(300)
        house.publish()
        before = files(house)
        shutil.rmtree(house.folder.path)
        house.publish()
        eventually(lambda: files(house) == before)

    def test_an_older_copy_of_it_is_brought_up_to_what_was_signed(self, house: LogHouse, tmp_path: Path) -> None:
        """The database has the entries and the checkpoint; nothing is signed twice."""
        house.record(300)
        house.publish()
        shutil.copytree(house.folder.path, tmp_path / "copy")
        house.record(300)
        house.publish()
        newest = files(house)
        shutil.rmtree(house.folder.path)
        shutil.copytree(tmp_path / "copy", house.folder.path)
        house.publish()
        eventually(lambda: files(house) == newest)
        assert house.count("checkpoint") == 2


def files(house: LogHouse) -> dict[str, bytes]:
    """Every file of the folder but the lock, by its path."""
    folder = house.folder.path
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("lock", "alarms"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_no_more_than_one_checkpoint_a_second_and_none_without_news(house: LogHouse) -> None:
    """However often it looks."""
    signer, sizes = house.signer(), []
    for _ in range(40):
        house.record(1)
        signer.tick()
        house.hands.on(seconds=0.25)
        sizes.append(house.count("checkpoint"))
    assert sizes[-1] == 10
    for _ in range(40):
        signer.tick()
        house.hands.on(seconds=0.25)
    assert house.count("checkpoint") in (10, 11)  # the last few of the second before


def test_gaps_and_late_entries_come_to_a_published_checkpoint(house: LogHouse) -> None:
    """What waits for its predecessor is in no checkpoint, what was declared missing and what comes late is in one."""
    first, _lost, third = house.speaker.ticks("a", 3)
    entered(first, third)
    assert house.publish().size == 1
    house.hands.on(minutes=11)
    with db.of("audit").transaction() as tx:
        gaps.look(tx)
    told = said_by_the_log()
    entered(*told)  # gap.found, and behind it what had waited
    assert house.publish().size == 3
    entered(_lost)
    entered(*said_by_the_log()[len(told) :])
    published = house.publish()
    assert published.size == 5
    types = [json.loads(body)["type"] for body in house.folder.entries(0, 5)]
    assert types.count("audit.gap.found.v1") == types.count("audit.gap.closed.v1") == 1
    assert list(house.folder.entries(0, 5)) == bodies()
    nodes = house.folder.nodes(5)
    for idx, body in enumerate(bodies()):
        proofs.check_inclusion(tree.leaf(body), idx, 5, proofs.inclusion(idx, 5, nodes), published.root)


def entered(*events: Event) -> None:
    with db.of("audit").transaction() as tx:
        record(tx, [message(event) for event in events])


def said_by_the_log() -> list[Event]:
    """What the log itself has said so far."""
    with db.of("audit").transaction() as tx:
        return [parse(bytes(row["body"])) for row in tx.all("SELECT body FROM audit_own.outbox ORDER BY id")]


def test_of_partial_files_those_stay_that_somebody_may_need(house: LogHouse) -> None:
    """Each checkpoint's partial hash tiles until the whole tile is there; of the newest bundle the widest part."""
    signer = house.signer()
    for count in (5, 4, 240):
        house.record(count)
        house.publish(signer)
    folder = house.folder
    assert {str(p.relative_to(folder.public)) for p in folder.public.rglob("*.p/*")} == {
        f"tile/0/000.p/{width}" for width in (5, 9, 249)
    }
    assert [p.name for p in folder.private.rglob("*.p/*")] == ["249"]
    assert folder.bundle(0, 5) == bodies()[:5]  # what an older checkpoint needs of it
    house.record(10)
    house.publish(signer)
    assert {str(p.relative_to(folder.public)) for p in folder.public.rglob("*.p/*")} == {
        "tile/0/001.p/3",
        "tile/1/000.p/1",
    }
    assert [str(p.relative_to(folder.private)) for p in folder.private.rglob("*.p/*")] == ["tile/entries/001.p/3"]


def test_two_signers_one_leads_and_the_other_takes_over(house: LogHouse) -> None:
    """One at a time, by lease; the one that lost it keeps no checkpoint that it may have signed."""
    house.record(3)
    first = house.signer()
    house.publish(first)
    with db.of("audit").transaction() as tx:
        lease.release(tx, "signer", lease.me())
        assert lease.hold(tx, "signer", "another")
    house.record(1)
    house.hands.on(seconds=5)
    first.tick()  # it believes that it leads
    assert house.count("checkpoint") == 1
    assert first._leading is None
    first._renew_at = 0
    first.tick()
    assert not first.leads()
