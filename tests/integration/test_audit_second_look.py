"""`countersign audit verify` on a log with checkpoints and a second copy, and `fsck` on its nodes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from services.audit.tlog import tiles
from services.audit.tlog.checkpoints import Checkpoint, signed
from services.audit.tlog.notes import ED25519, SigningKey
from services.audit.verification import fsck, verify
from services.audit.verification.verify import Tampered, Verified
from services.cli.audit import app
from tests.log_house import Hands, LogHouse, administrator
from tests.small_witness import SmallWitness, serving

ENTRIES = 300


@pytest.fixture
def house(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogHouse]:
    """A log with one witness, published at 100 entries and at 300."""
    del database
    with serving(SmallWitness("north")) as witness:
        house = LogHouse(Hands(monkeypatch), [witness], "quorum north\n")
        house.record(100)
        house.publish()
        house.record(ENTRIES - 100)
        house.publish()
        yield house
        house.close()


def verified() -> Verified:
    with verify.connect() as connection:
        return verify.verify(connection, lambda *_: None)


def test_what_was_promised_is_counted(house: LogHouse) -> None:
    """Each signed and published checkpoint is good, and the log folder holds the same; what is newer is in neither."""
    house.record(7)
    found = verified()
    assert (found.size, found.signed, found.published, found.earlier, found.copied) == (307, 2, 2, 0, 300)
    answer = CliRunner().invoke(app, ["verify"])
    assert answer.exit_code == 0
    assert "Checkpoints kept, each of them good: 2 signed, 2 published." in answer.stdout
    assert "The log folder has the same 300 entries and hashes." in answer.stdout


@pytest.mark.parametrize(
    ("path", "idx"),
    [
        ("private/tile/entries/000", 0),
        ("private/tile/entries/001.p/44", 256),
        ("public/tile/0/000", 0),
        ("public/tile/0/001.p/44", 256),
        ("public/tile/1/000.p/1", 0),
        ("head", None),
    ],
)
def test_a_changed_file_of_the_log_folder_is_found(house: LogHouse, path: str, idx: int | None) -> None:
    """Any byte of it, or the whole file gone: the first entry that it is about is named."""
    file = house.folder.path / path
    whole = file.read_bytes()
    for at in (3, len(whole) // 2, len(whole) - 2):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(Tampered) as found:
            verified()
        if idx is not None:
            assert found.value.idx is not None
            assert idx <= found.value.idx < idx + 256
    file.unlink()
    if path == "head":
        assert verified().copied is None  # there is no log folder here, it is said
    else:
        with pytest.raises(Tampered) as found:
            verified()
        assert found.value.idx == idx


def test_the_first_entry_that_differs_in_the_folder_is_named(house: LogHouse) -> None:
    """Whoever rewrites the database with all its hashes has still the folder against them."""
    file = house.folder.private / "tile/entries/000"
    whole = bytearray(file.read_bytes())
    at = whole.index(tiles.entries(bytes(whole))[77])
    whole[at + 100] ^= 1
    file.write_bytes(bytes(whole))
    with pytest.raises(Tampered) as found:
        verified()
    assert found.value.idx == 77


def test_a_head_file_ahead_of_the_database_is_found(house: LogHouse) -> None:
    """The log was longer once: the first entry that is missing is named."""
    head = Checkpoint(house.head.origin, ENTRIES + 5, bytes(32))
    house.folder.keep_head(head)
    with pytest.raises(Tampered) as found:
        verified()
    assert found.value.idx == ENTRIES


def test_a_checkpoint_that_another_key_signed_is_found(house: LogHouse) -> None:
    """Its size and root are right, and the log has not signed it."""
    stranger = SigningKey.generate(house.head.origin, ED25519)
    with administrator() as admin:
        admin.execute("UPDATE checkpoint SET note = %s WHERE size = 300", [signed(house.head, stranger).encode()])
    with pytest.raises(Tampered, match="The checkpoint of 300 entries is not good"):
        verified()


def test_a_checkpoint_from_before_the_policy_in_force_may_have_had_another_quorum(
    house: LogHouse,
) -> None:
    """It is counted and said. Of the newest, and of any after the first that has the quorum, it is not accepted."""
    with serving(SmallWitness("south")) as south:
        south.trust(house.key.verifier)
        later = LogHouse(house.hands, [south], "quorum south\n", key=house.key, speaker=house.speaker)
        later.record(1)
        later.publish()
        later.close()
    found = verified()
    assert (found.published, found.earlier) == (3, 2)
    with administrator() as admin:
        admin.execute("UPDATE published SET note = (SELECT note FROM checkpoint WHERE size = 301) WHERE size = 301")
    with pytest.raises(Tampered, match="newest published checkpoint has not the quorum"):
        verified()


def test_without_the_policy_no_signature_is_believed(house: LogHouse) -> None:
    """Then it cannot be verified here: exit 2, and where it can."""
    (house.folder.public / "policy").unlink()
    answer = CliRunner().invoke(app, ["verify"])
    assert answer.exit_code == 2
    assert "Verify where the signer's log folder is." in answer.output


# fsck


def nodes() -> list[tuple[object, ...]]:
    with administrator() as admin:
        return admin.execute("SELECT level, index, encode(hash, 'hex') FROM node ORDER BY level, index").fetchall()


@pytest.mark.usefixtures("house")
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE node SET hash = sha256('x')", "is not the hash over them"),
        ("DELETE FROM node", "is missing"),
        ("INSERT INTO node VALUES (8, 1, sha256('x'))", "is too much"),
    ],
)
def test_nodes_are_made_anew_from_the_entries(statement: str, said: str) -> None:
    """What is wrong is told, with the entries it is over; with --repair it is mended, and the log is whole again."""
    before = nodes()
    assert len(before) == 1
    assert CliRunner().invoke(app, ["fsck"]).exit_code == 0
    with administrator() as admin:
        admin.execute(statement.encode())
    answer = CliRunner().invoke(app, ["fsck"])
    assert answer.exit_code == 1
    assert said in answer.stdout
    assert CliRunner().invoke(app, ["verify"]).exit_code == 1
    answer = CliRunner().invoke(app, ["fsck", "--repair"])
    assert answer.exit_code == 0
    assert "they are as the entries make them now" in answer.stdout
    assert nodes() == before
    assert CliRunner().invoke(app, ["verify"]).exit_code == 0


@pytest.mark.usefixtures("house")
def test_no_node_is_made_of_entries_that_were_changed() -> None:
    """The cache is not what is wrong then, and what was changed must not become what is kept."""
    before = nodes()
    with administrator() as admin:
        admin.execute("UPDATE entry SET body = body || ' ' WHERE idx = 9")
    answer = CliRunner().invoke(app, ["fsck", "--repair"])
    assert answer.exit_code == 1
    assert "TAMPERED. The entries are not those of the head" in answer.output
    assert nodes() == before


def test_entries_that_come_meanwhile_are_not_held_against_the_nodes(house: LogHouse) -> None:
    """It looks at one moment of a log in use: a node that is completed while it hashes is not one too much."""

    def more_come(done: int, of: int) -> None:
        assert (done, of) == (ENTRIES, ENTRIES)
        house.record(2 * 256 - ENTRIES)

    with fsck.connect() as connection:
        found = fsck.check(connection, more_come)
    assert len(nodes()) == 2
    assert (found.size, found.nodes, found.differences) == (ENTRIES, 1, [])
