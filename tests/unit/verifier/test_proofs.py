"""`countersign-verify proof` and `consistency`: one entry, and two checkpoints, without asking anybody."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from services.audit.tlog.proof_files import ProofFile
from services.kernel import ids
from tests.evidence_house import Evidence, Verify
from tests.people import person

ANNA = person("lead", organisation=ids.new_id())


@pytest.fixture
def evidence() -> Evidence:
    """A record in which entry 3 says something in confidence."""
    evidence = Evidence()
    evidence.ticks(3)
    evidence.recalls(ANNA)
    evidence.ticks(10)
    return evidence


@pytest.fixture
def policy(evidence: Evidence, tmp_path: Path) -> Path:
    """The record's policy in a file of one's own."""
    path = tmp_path / "policy"
    path.write_bytes(evidence.policy)
    return path


def kept(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def other(proof: bytes, **change: object) -> bytes:
    """The same proof with something else in what it carries beside."""
    read = ProofFile.parse(proof)
    extra = json.loads(read.extra or b"{}") | change
    return ProofFile(read.index, read.path, read.checkpoint, json.dumps(extra).encode()).encode()


def test_a_proof_is_good(verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path) -> None:
    """Exit 0, and a sentence that says which entry it is, what it says, who signed, and how many values are right."""
    for idx in range(len(evidence.entries)):
        code, said = verify("proof", kept(tmp_path, "x.tlog-proof", evidence.proof(idx)), "--policy", policy)
        assert code == 0, said
        assert said.startswith(f"GOOD. Entry {idx} (catalogue.")
    assert (
        "1 private value matches its commitment"
        in verify("proof", kept(tmp_path, "x.tlog-proof", evidence.proof(3)), "--policy", policy)[1]
    )


def test_a_proof_may_lack_words_that_its_reader_may_not_see(
    verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path
) -> None:
    """That is said, and is no tampering: the entry itself is proved."""
    proof = kept(tmp_path, "x.tlog-proof", other(evidence.proof(3), private=[]))
    code, said = verify("proof", proof, "--policy", policy)
    assert code == 0
    assert "1 private value of this entry is not in the file." in said


def test_a_proof_needs_keys_from_somewhere(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """The log's key is enough; without any, nothing is said."""
    proof = kept(tmp_path, "x.tlog-proof", evidence.proof(3))
    code, said = verify("proof", proof)
    assert code == 2
    assert "--log KEY or --policy FILE" in said
    code, said = verify("proof", proof, "--log", evidence.key.verifier)
    assert code == 0
    assert "signed by the log alone, for no witness is known" in said
    carrying = kept(tmp_path, "y.tlog-proof", other(evidence.proof(3), policy=evidence.policy.decode()))
    code, said = verify("proof", carrying)
    assert code == 0
    assert "proves nothing by itself" in said


def test_a_changed_entry_has_no_proof(verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path) -> None:
    """Other bytes, another number, another path: exit 1, with the number of the entry."""
    good = evidence.proof(3)
    read = ProofFile.parse(good)
    changed = [
        other(good, entry=base64.b64encode(evidence.entries[4]).decode()),
        other(good, entry=base64.b64encode(evidence.entries[3] + b" ").decode()),
        ProofFile(2, read.path, read.checkpoint, read.extra).encode(),
        ProofFile(3, read.path[:-1], read.checkpoint, read.extra).encode(),
        ProofFile(3, read.path[::-1], read.checkpoint, read.extra).encode(),
    ]
    for proof in changed:
        code, said = verify("proof", kept(tmp_path, "x.tlog-proof", proof), "--policy", policy)
        assert code == 1
        assert said.startswith(f"TAMPERED. Entry {ProofFile.parse(proof).index}: ")


def test_changed_words_in_a_proof_are_found(verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path) -> None:
    """Other words, and words at a place where the entry has none."""
    (value,) = json.loads(ProofFile.parse(evidence.proof(3)).extra or b"{}")["private"]
    for change, sentence in (
        ({"value": '"Never said"'}, "is not the one"),
        ({"pointer": "/data/x"}, "commits to none"),
    ):
        proof = kept(tmp_path, "x.tlog-proof", other(evidence.proof(3), private=[value | change]))
        code, said = verify("proof", proof, "--policy", policy)
        assert code == 1
        assert sentence in said


def test_a_proof_for_another_log_cannot_be_used(
    verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path
) -> None:
    """By its name, or by its key."""
    for origin in ("another.example/log", evidence.origin):
        stranger = Evidence(origin)
        stranger.ticks(4)
        proof = kept(tmp_path, "x.tlog-proof", stranger.proof(3))
        code, said = verify("proof", proof, "--policy", policy)
        assert code == 2
        assert "no log of the policy has signed" in said
        code, said = verify("proof", proof, "--log", evidence.key.verifier)
        assert code == 2


def test_an_entry_beyond_the_tree_has_no_proof(
    verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path
) -> None:
    """Its number is larger than the checkpoint's size: exit 2."""
    read = ProofFile.parse(evidence.proof(3))
    proof = kept(tmp_path, "x", ProofFile(99, read.path, read.checkpoint, read.extra).encode())
    code, said = verify("proof", proof, "--policy", policy)
    assert code == 2
    assert "for entry 99, and its checkpoint has only 14" in said


@pytest.mark.parametrize(
    "extra",
    [None, b"x", b"[]", b"null", b"{}", b'{"entry":"x"}', b'{"entry":"e30=","private":1}', b'{"entry":1,"private":[]}',
     b'{"entry":"e30=","private":[{}]}', b'{"entry":"e30=","private":[{"pointer":"/","value":1,"salt":""}]}',
     b'{"entry":"e30=","private":[{"pointer":"/","value":"\\ud800","salt":""}]}', b"[" * 100_000],
)  # fmt: skip
def test_a_proof_that_does_not_say_its_entry_cannot_be_used(
    verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path, extra: bytes | None
) -> None:
    """Exit 2, in a sentence."""
    read = ProofFile.parse(evidence.proof(3))
    proof = kept(tmp_path, "x", ProofFile(3, read.path, read.checkpoint, extra).encode())
    code, said = verify("proof", proof, "--policy", policy)
    assert (code, said[:9]) == (2, "UNUSABLE.")
    assert "did not expect" not in said


def test_every_byte_of_a_proof_counts(verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path) -> None:
    """Whichever is another one (here: some of them), the file is not good any more, and never is there a trace."""
    good = evidence.proof(3)
    for at in range(0, len(good), 7):
        proof = kept(tmp_path, "x", good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        code, said = verify("proof", proof, "--policy", policy)
        assert code in (1, 2), at
        assert "did not expect" not in said


def test_what_a_proof_carries_has_one_spelling(
    verify: Verify, evidence: Evidence, policy: Path, tmp_path: Path
) -> None:
    """Another spelling of the same salt or the same entry is a changed file, too; so is a value that is given twice."""
    (value,) = json.loads(ProofFile.parse(evidence.proof(3)).extra or b"{}")["private"]
    idx, entry = next((idx, text) for idx, text in enumerate(map(spelled, evidence.entries)) if text.endswith("="))
    last = entry.rstrip("=")[-1]
    respelled = entry.replace(f"{last}=", f"{chr(ord(last) + 1)}=")
    assert base64.b64decode(respelled) == evidence.entries[idx]
    for proof in (
        other(evidence.proof(3), private=[value | {"salt": value["salt"].upper()}]),
        other(evidence.proof(3), private=[value | {"value": '"Never said"'}, value]),
        other(evidence.proof(3), private=[value, value | {"pointer": 7}]),
        other(evidence.proof(idx), entry=respelled),
    ):
        code, said = verify("proof", kept(tmp_path, "x.tlog-proof", proof), "--policy", policy)
        assert (code, said[:9]) == (2, "UNUSABLE.")


def spelled(entry: bytes) -> str:
    return base64.b64encode(entry).decode()


def test_a_file_that_is_not_there_cannot_be_used(verify: Verify, tmp_path: Path) -> None:
    """Neither can a folder, a file that is no proof, and one too large to be one."""
    large = kept(tmp_path, "large", b"c2sp.org/tlog-proof@v1\n" + bytes(2_000_000))
    for path in (tmp_path / "none", tmp_path, kept(tmp_path, "empty", b""), large):
        code, said = verify("proof", path, "--log", "x")
        assert (code, said[:9]) == (2, "UNUSABLE.")


# consistency


def test_a_newer_checkpoint_continues_an_older_one(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """Shown by the hashes of a bundle; two of the same size need none."""
    evidence.ticks(600)
    old, new = kept(tmp_path, "old", evidence.checkpoint(5)), kept(tmp_path, "new", evidence.checkpoint(600))
    place = evidence.bundle(tmp_path / "bundle", 600)
    code, said = verify("consistency", old, new, "--tiles", place)
    assert code == 0, said
    assert "of 600 entries begins with the 5 entries of the older checkpoint, unchanged." in said
    assert verify("consistency", old, old, "--log", evidence.key.verifier)[0] == 0
    code, said = verify("consistency", old, new, "--log", evidence.key.verifier)
    assert code == 2
    assert "--tiles" in said


def test_three_lines_are_enough_of_a_checkpoint(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """Whoever kept them by hand, or from Windows with other ends of lines, has kept enough."""
    place = evidence.bundle(tmp_path / "bundle")
    for content in (
        evidence.three(5).text(),
        evidence.three(5).text().rstrip(),
        evidence.three(5).text().replace(b"\n", b"\r\n"),
    ):
        code, said = verify("consistency", kept(tmp_path, "old", content), place / "checkpoint", "--tiles", place)
        assert code == 0, said


def test_a_rewritten_record_does_not_continue_the_old_one(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """However whole it is in itself."""
    old = kept(tmp_path, "old", evidence.checkpoint(5))
    evidence.entries[4] = evidence.entries[4].replace(b"ticked", b"tocked")
    place = evidence.bundle(tmp_path / "bundle")
    code, said = verify("consistency", old, place / "checkpoint", "--tiles", place)
    assert code == 1
    assert "The first 5 entries are not those of the older checkpoint" in said
    assert verify("consistency", kept(tmp_path, "new", evidence.checkpoint(5)), old, "--tiles", place)[0] == 1


@pytest.mark.parametrize("sizes", [(9, 5), (0, 5)])
def test_sizes_that_are_crossed_or_none_prove_nothing(
    verify: Verify, evidence: Evidence, tmp_path: Path, sizes: tuple[int, int]
) -> None:
    """The newer one first is a mistake; from nothing, everything follows."""
    old, new = (kept(tmp_path, f"{size}", evidence.checkpoint(size)) for size in sizes)
    code, said = verify("consistency", old, new, "--tiles", evidence.bundle(tmp_path / "bundle"))
    assert code == 2
    assert ("give the older first" if sizes[0] else "empty") in said


def test_checkpoints_of_two_records_cannot_be_compared(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """It is said which records they are of."""
    other = kept(tmp_path, "old", b"another.example/log\n1\n" + base64.b64encode(bytes(32)) + b"\n")
    code, said = verify(
        "consistency", other, kept(tmp_path, "new", evidence.checkpoint()), "--log", evidence.key.verifier
    )
    assert code == 2
    assert "another.example/log and countersign.test/log" in said


def test_hashes_that_are_missing_or_wrong_are_told_apart(verify: Verify, evidence: Evidence, tmp_path: Path) -> None:
    """A missing tile is no verdict, a changed one is tampering."""
    old, place = kept(tmp_path, "old", evidence.checkpoint(5)), evidence.bundle(tmp_path / "bundle")
    tile = place / "tile/0/000.p/14"
    whole = tile.read_bytes()
    tile.write_bytes(whole[:-1] + b"x")
    code, said = verify("consistency", old, place / "checkpoint", "--tiles", place)
    assert code == 1
    assert "do not lead to the newer checkpoint" in said
    tile.unlink()
    code, said = verify("consistency", old, place / "checkpoint", "--tiles", place)
    assert code == 2
    assert "tile/0/000.p/14" in said
