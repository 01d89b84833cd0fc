"""The witness protocol, rule by rule of C2SP's page tlog-witness."""

from base64 import b64encode

import pytest

from services.audit.tlog import cosignatures, proofs, tree, witnessing
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import Note, Signature
from services.audit.tlog.witnessing import Known, Request, judge
from tests.unit.tlog.small_log import AT, LOG, NORTH, SOUTH, checkpoint, key, leaves, mth, nodes_of, signed

LEAVES = leaves(20)
NODES = nodes_of(LEAVES)
KEYS = (LOG.verifier,)
HASH = b64encode(bytes(32)).decode()


def known(size: int) -> Known:
    return Known(KEYS, size, mth(LEAVES[:size]))


def request(old: int, new: int, note: Note | None = None) -> Request:
    path = tuple(proofs.consistency(old, new, NODES)) if 0 < old < new else ()
    return Request(old, path, (note or signed(new)).encode())


def body(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode() + b"\n" + signed(13).encode()


def test_a_request_must_be_old_size_path_empty_line_and_checkpoint() -> None:
    """tlog-witness, add-checkpoint: each line with a newline, the checkpoint as it is."""
    made = request(7, 13)
    path = "".join(f"{b64encode(hash).decode()}\n" for hash in made.path)
    assert made.encode() == f"old 7\n{path}\n".encode() + signed(13).encode()
    assert Request.parse(made.encode()) == made
    assert Request.parse(made.encode()).opened()[0] == checkpoint(13)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "7",
        "old",
        "old ",
        "old  7",
        "OLD 7",
        "old 7 ",
        "old 07",
        "old 00",
        "old -1",
        "old +7",
        "old 9223372036854775808",
    ],
)
def test_the_old_size_must_be_written_in_one_way(line: str) -> None:
    """tlog-witness, add-checkpoint: `old`, one space, and a decimal without leading zeroes, 0 as `0`."""
    with pytest.raises(Unreadable):
        Request.parse(body(line))
    assert Request.parse(body("old 0")).old == 0


@pytest.mark.parametrize("line", ["AAAA", HASH[:-1], HASH + " ", HASH + HASH, "old 7"])
def test_each_line_of_the_path_must_be_one_hash(line: str) -> None:
    """tlog-witness, add-checkpoint: a SHA-256 in base64, and nothing besides."""
    with pytest.raises(Unreadable):
        Request.parse(body("old 7", line))


def test_a_client_must_not_send_more_than_63_hashes() -> None:
    """tlog-witness, add-checkpoint: neither written nor read."""
    assert len(Request.parse(body("old 7", *[HASH] * 63)).path) == 63
    with pytest.raises(Unreadable, match="64 hashes"):
        Request.parse(body("old 7", *[HASH] * 64))
    with pytest.raises(Unreadable, match="64 hashes"):
        Request(7, (bytes(32),) * 64, b"")
    with pytest.raises(Unreadable, match="not the size"):
        Request(-1, (), b"")


@pytest.mark.parametrize(
    "data", [b"", b"old 0\n", b"old 0\n\n", b"old 0\n\n" + signed(13).text, b"old 0\n\nno checkpoint\n\n"]
)
def test_a_request_without_a_signed_checkpoint_is_unreadable(data: bytes) -> None:
    """tlog-witness, add-checkpoint: a body of another form is a bad request before anything is judged."""
    with pytest.raises(Unreadable):
        Request.parse(data)


def test_every_step_from_every_size_is_agreed_to() -> None:
    """tlog-witness, add-checkpoint: what continues the last checkpoint is answered 200, to be stored and cosigned."""
    for new in range(21):
        for old in range(new + 1):
            verdict = judge(Request.parse(request(old, new).encode()), known(old))
            assert (verdict.status, verdict.checkpoint) == (200, checkpoint(new))


def test_an_unknown_origin_must_be_answered_404() -> None:
    """tlog-witness, add-checkpoint: a log that the witness does not know."""
    verdict = judge(request(0, 13), None)
    assert (verdict.status, verdict.checkpoint) == (404, None)
    assert "does not know the log 'log.example/house'" in verdict.body


def test_a_checkpoint_without_a_trusted_signature_must_be_answered_403() -> None:
    """tlog-witness, add-checkpoint: signed by nobody trusted, or not by whom it says."""
    text = checkpoint(13).text()
    stranger = key(9, LOG.name).sign(text)
    forged = Signature(LOG.name, LOG.verifier.id, bytes(64))
    for signatures in ((stranger,), (forged,), (cosignatures.cosign(text, NORTH, AT),)):
        assert judge(request(0, 13, Note(text, signatures)), known(0)).status == 403
    assert judge(request(0, 13), Known(())).status == 403


def test_signatures_of_unknown_keys_must_be_ignored() -> None:
    """tlog-witness, add-checkpoint: beside a trusted signature others may stand; one of several keys is enough."""
    text = checkpoint(13).text()
    note = Note(text, (key(9, LOG.name).sign(text), LOG.sign(text)))
    assert judge(request(0, 13, note), known(0)).status == 200
    assert judge(request(0, 13), Known((key(9, LOG.name).verifier, LOG.verifier))).status == 200


def test_an_old_size_above_the_new_one_must_be_answered_400() -> None:
    """tlog-witness, add-checkpoint: whatever size the witness has."""
    for size in (0, 13, 14):
        assert judge(request(14, 13), known(size)).status == 400


def test_another_old_size_than_the_last_one_must_be_answered_409_with_that_size() -> None:
    """tlog-witness, add-checkpoint: the size in decimal and a newline, as text/x.tlog.size."""
    for old, last in ((5, 7), (0, 7), (13, 7), (7, 0), (7, 19)):
        verdict = judge(request(old, 13), known(last))
        assert (verdict.status, verdict.body) == (409, f"{last}\n")
        assert verdict.content_type == "text/x.tlog.size"
        assert verdict.checkpoint is None
        assert witnessing.size_in(verdict.body.encode()) == last


def test_a_log_never_cosigned_has_size_0() -> None:
    """tlog-witness, add-checkpoint: zero is what a witness knows before the first checkpoint."""
    assert judge(request(5, 13), Known(KEYS)).size == 0
    assert judge(request(0, 13), Known(KEYS)).status == 200


def test_a_path_from_size_0_must_be_empty() -> None:
    """tlog-witness, add-checkpoint: there is nothing to prove, and a proof of it does not verify: 422."""
    verdict = judge(Request(0, (bytes(32),), signed(13).encode()), known(0))
    assert (verdict.status, verdict.checkpoint) == (422, None)


def test_a_path_that_does_not_verify_must_be_answered_422_and_not_cosigned() -> None:
    """tlog-witness, add-checkpoint: a changed, shortened or longer path, or a log that began otherwise."""
    good = request(7, 13)
    for path in (good.path[:-1], good.path[::-1], (*good.path, bytes(32)), (bytes(32), *good.path[1:]), ()):
        verdict = judge(Request(7, path, good.checkpoint), known(7))
        assert (verdict.status, verdict.checkpoint) == (422, None)
    rewritten = Known(KEYS, 7, mth([*LEAVES[:6], LEAVES[19]]))
    assert judge(good, rewritten).status == 422
    assert judge(Request(13, (bytes(32),), signed(13).encode()), known(13)).status == 422


def test_another_root_at_the_same_size_must_be_answered_409() -> None:
    """tlog-witness, add-checkpoint: a fork; without the size, which would only invite to try again."""
    forked = Checkpoint(LOG.name, 13, mth([*LEAVES[:12], LEAVES[19]]))
    note = Note(forked.text(), (LOG.sign(forked.text()),))
    verdict = judge(request(13, 13, note), known(13))
    assert (verdict.status, verdict.size, verdict.checkpoint) == (409, None, None)
    assert "forked" in verdict.body
    assert verdict.content_type == "text/plain; charset=utf-8"


def test_an_empty_tree_has_one_root() -> None:
    """tlog-witness, add-checkpoint: at size 0 the roots must be identical too, also for the first checkpoint."""
    assert judge(request(0, 0), Known(KEYS)).status == 200
    wrong = Checkpoint(LOG.name, 0, bytes(32))
    assert judge(request(0, 0, Note(wrong.text(), (LOG.sign(wrong.text()),))), Known(KEYS)).status == 409


def test_of_two_requests_at_once_only_one_finds_its_old_size() -> None:
    """tlog-witness, add-checkpoint: judged on what the other has stored, the late and smaller one is a conflict."""
    small, large, last = request(7, 13), request(7, 19), known(7)
    first = judge(large, last)
    assert first.checkpoint is not None
    stored = Known(KEYS, first.checkpoint.size, first.checkpoint.root)
    assert judge(small, stored).status == 409
    assert judge(small, stored).size == 19


def test_the_answer_must_be_cosignatures_of_the_witness_on_the_checkpoint() -> None:
    """tlog-witness, add-checkpoint: one signature line or more, which the log puts under its checkpoint."""
    note, answer = signed(13), cosignatures.cosign(signed(13).text, NORTH, AT).line()
    assert answer.startswith("— ")
    assert answer.endswith("\n")
    found = witnessing.answered(note, answer.encode(), [NORTH.verifier])
    assert found == Note(note.text, (*note.signatures, Signature.parse(answer)))


def test_a_client_must_ignore_cosignatures_of_unknown_keys() -> None:
    """tlog-witness, add-checkpoint: lines of others, and of the log itself, are not taken over from a witness."""
    note = signed(13)
    lines = [cosignatures.cosign(note.text, w, AT) for w in (SOUTH, NORTH)]
    answer = "".join(line.line() for line in (*lines, LOG.sign(note.text))).encode()
    assert witnessing.answered(note, answer, [NORTH.verifier]).signatures == (*note.signatures, lines[1])
    assert witnessing.answered(note, answer, [NORTH.verifier, LOG.verifier]).signatures == (*note.signatures, lines[1])
    with pytest.raises(Unproven, match="without a cosignature"):
        witnessing.answered(note, lines[0].line().encode(), [NORTH.verifier])


def test_a_newer_cosignature_takes_the_place_of_the_older_one() -> None:
    """tlog-witness, add-checkpoint: a checkpoint cosigned again keeps one line of each witness, the newer."""
    note = signed(13)
    old, new, other = (cosignatures.cosign(note.text, w, at) for w, at in ((NORTH, AT), (NORTH, AT + 60), (SOUTH, AT)))
    grown = Note(note.text, (*note.signatures, old, other))
    assert witnessing.answered(grown, new.line().encode(), [NORTH.verifier]).signatures == (
        *note.signatures,
        other,
        new,
    )


@pytest.mark.parametrize("answer", ["", "\n", "no signature line\n", "— north.example/w AAAA\n", "13", f"{2**63}\n"])
def test_an_answer_of_another_form_is_refused(answer: str) -> None:
    """tlog-witness, add-checkpoint: what is no signature line is not put under a checkpoint."""
    with pytest.raises(LogError):
        witnessing.answered(signed(13), answer.encode(), [NORTH.verifier])
    with pytest.raises(LogError):
        witnessing.size_in(answer.encode())


def test_a_cosignature_of_another_checkpoint_is_refused() -> None:
    """tlog-witness, add-checkpoint: the answer must be over this checkpoint."""
    answer = cosignatures.cosign(signed(12).text, NORTH, AT).line().encode()
    with pytest.raises(Unproven, match="not over this text"):
        witnessing.answered(signed(13), answer, [NORTH.verifier])


def test_the_root_of_an_unknown_log_is_that_of_nothing() -> None:
    """tlog-witness, Introduction: a witness begins with the empty tree."""
    assert Known(KEYS) == Known(KEYS, 0, tree.EMPTY_ROOT)
