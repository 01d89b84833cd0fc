"""Proof files, rule by rule of C2SP's page tlog-proof."""

from base64 import b64encode

import pytest

from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import Note
from services.audit.tlog.policies import Policy
from services.audit.tlog.proof_files import ProofFile
from tests.unit.tlog.small_log import LOG, POLICY, checkpoint, key, leaves, proof_file, signed, witnessed

POLICIES = Policy.parse(POLICY)
LEAVES = leaves(13)
HASH = b64encode(bytes(32)).decode()


def file(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + signed(1).encode()


def test_a_proof_file_is_header_extra_index_path_and_checkpoint() -> None:
    """tlog-proof, Format: the lines in this order, an empty one, and the checkpoint byte for byte."""
    proof = proof_file(7, 13, b"for the application")
    path = "".join(f"{b64encode(hash).decode()}\n" for hash in proof.path)
    head = f"c2sp.org/tlog-proof@v1\nextra {b64encode(b'for the application').decode()}\nindex 7\n{path}\n"
    assert proof.encode() == head.encode() + witnessed(13).encode()
    assert ProofFile.parse(proof.encode()) == proof


def test_every_entry_of_every_small_tree_has_a_proof_that_is_read_and_proves() -> None:
    """tlog-proof, Verifying: from leaf, path and a checkpoint good under the policy; the checkpoint is handed back."""
    for size in range(1, 14):
        for index in range(size):
            proof = ProofFile.parse(proof_file(index, size).encode())
            assert proof == proof_file(index, size)
            assert proof.check(LEAVES[index], POLICIES).checkpoint == checkpoint(size)


@pytest.mark.parametrize("header", ["", "c2sp.org/tlog-proof@v2", " c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v1 "])
def test_the_first_line_must_say_what_it_is(header: str) -> None:
    """tlog-proof, Format: any other first line, and it is no proof file."""
    with pytest.raises(Unreadable):
        ProofFile.parse(file(header, "index 0"))


@pytest.mark.parametrize(
    "lines", [[], ["0"], ["indeks 0"], ["index"], ["index 0", "index 0"], ["index  0"], ["index 0", "extra AAAA"]]
)
def test_the_index_line_must_be_next(lines: list[str]) -> None:
    """tlog-proof, Format: after the header, and extra data if any, comes the index and once only."""
    with pytest.raises(Unreadable):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", *lines))


@pytest.mark.parametrize("index", ["", "00", "07", "-1", "+1", "1 ", "1.0", "9223372036854775808"])
def test_the_index_is_a_decimal_without_leading_zeroes(index: str) -> None:
    """tlog-proof, Format: any other spelling is unreadable."""
    with pytest.raises(Unreadable):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", f"index {index}"))


@pytest.mark.parametrize("extra", ["", "AAA", "AAAB=", "A A=", "=", "-_-_"])
def test_extra_data_is_base64_and_there(extra: str) -> None:
    """tlog-proof, Format: without data there is no line; with it, one in standard base64."""
    with pytest.raises(Unreadable):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", f"extra {extra}", "index 0"))
    assert b"extra" not in proof_file(0, 1).encode()
    with pytest.raises(Unreadable, match="not empty"):
        ProofFile(0, (), signed(1).encode(), b"")


@pytest.mark.parametrize("line", ["AAAA", HASH[:-1], HASH + "A", f"{HASH} ", "x" * 44])
def test_each_line_of_the_path_is_one_hash(line: str) -> None:
    """tlog-proof, Format: a SHA-256 in base64 on each line, and nothing besides."""
    with pytest.raises(Unreadable):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", "index 0", line))
    with pytest.raises(Unreadable, match="Hash 2 of the proof has 3 bytes"):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", "index 0", HASH, "AAAA"))


def test_a_path_has_no_more_hashes_than_a_tree_can_need() -> None:
    """tlog-proof, Format: 63 hashes lead through any tree of fewer than 2**63 entries."""
    assert len(ProofFile.parse(file("c2sp.org/tlog-proof@v1", "index 0", *[HASH] * 63)).path) == 63
    with pytest.raises(Unreadable, match="64 hashes"):
        ProofFile.parse(file("c2sp.org/tlog-proof@v1", "index 0", *[HASH] * 64))
    with pytest.raises(Unreadable, match="64 hashes"):
        ProofFile(0, (bytes(32),) * 64, b"")
    with pytest.raises(Unreadable, match="32 bytes"):
        ProofFile(0, (bytes(31),), b"")
    with pytest.raises(Unreadable, match="not the index"):
        ProofFile(-1, (), b"")


def test_a_proof_without_a_checkpoint_is_unreadable() -> None:
    """tlog-proof, Format: an empty line and a checkpoint must follow."""
    with pytest.raises(Unreadable, match="no checkpoint"):
        ProofFile.parse(b"c2sp.org/tlog-proof@v1\nindex 0\n")
    with pytest.raises(Unreadable):
        ProofFile.parse(b"c2sp.org/tlog-proof@v1\nindex 0\n\n").check(LEAVES[0], POLICIES)


def test_extra_data_must_not_be_trusted() -> None:
    """tlog-proof, Format: nothing vouches for it, so the check neither looks at it nor hands it on."""
    for extra in (None, b"true", b"false"):
        proof = proof_file(7, 13, extra)
        assert proof.check(LEAVES[7], POLICIES) == proof_file(7, 13).check(LEAVES[7], POLICIES)


def test_the_checkpoint_must_be_of_a_known_log_and_signed_by_it() -> None:
    """tlog-proof, Verifying 2: another log's proof, and one whose checkpoint the log did not sign, prove nothing."""
    proof = proof_file(7, 13)
    stranger = str(key(1, "log.example/other").verifier)
    with pytest.raises(Unproven, match="No log of the policy"):
        proof.check(LEAVES[7], Policy.parse(POLICY.replace(str(LOG.verifier).encode(), stranger.encode())))
    unsigned = Note(witnessed(13).text, witnessed(13).signatures[1:])
    with pytest.raises(Unproven, match="No log of the policy"):
        ProofFile(7, proof.path, unsigned.encode()).check(LEAVES[7], POLICIES)


def test_the_cosignatures_of_known_witnesses_must_be_a_quorum() -> None:
    """tlog-proof, Verifying 3: signed by the log alone, the proof is not good under a policy that wants witnesses."""
    proof = proof_file(7, 13)
    with pytest.raises(Unproven, match="quorum"):
        ProofFile(7, proof.path, signed(13).encode()).check(LEAVES[7], POLICIES)


def test_the_path_must_lead_from_the_leaf_to_the_root() -> None:
    """tlog-proof, Verifying 4: another entry, another index, another path, or a tree too small for it is refused."""
    proof = proof_file(7, 13)
    for index, path, size, leaf in (
        (7, proof.path, 13, LEAVES[6]),
        (6, proof.path, 13, LEAVES[7]),
        (7, proof.path[:-1], 13, LEAVES[7]),
        (7, proof.path[::-1], 13, LEAVES[7]),
        (7, proof.path, 12, LEAVES[7]),
        (7, proof.path, 7, LEAVES[7]),
    ):
        with pytest.raises(Unproven):
            ProofFile(index, path, witnessed(size).encode()).check(leaf, POLICIES)


def test_every_changed_byte_of_a_proof_file_is_found() -> None:
    """tlog-proof: whichever byte is changed, dropped or doubled, the file no longer proves the entry."""
    data = proof_file(7, 13).encode()
    for at in range(len(data)):
        for change in (
            bytes([data[at] ^ 1]),
            bytes([data[at] ^ 32]),
            bytes([data[at] ^ 128]),
            b"",
            data[at : at + 1] * 2,
        ):
            with pytest.raises(LogError):
                ProofFile.parse(data[:at] + change + data[at + 1 :]).check(LEAVES[7], POLICIES)
