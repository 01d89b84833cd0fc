"""Whatever bytes come: nothing but a LogError leaves a parser, and what is read is written the same again."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.audit.tlog import checkpoints, strict, tiles, tree, witnessing
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, Signature, SigningKey, VerifierKey
from services.audit.tlog.policies import Policy
from services.audit.tlog.proof_files import ProofFile
from services.audit.tlog.witnessing import Known, Request
from tests.unit.tlog.small_log import AT, LOG, NORTH, POLICY, leaves, proof_file, signed, witnessed

POLICIES = Policy.parse(POLICY)
LEAF = leaves(8)[7]
ANSWER = witnessed(13, NORTH).signatures[1].line().encode()
REQUEST = Request(0, (), signed(13).encode()).encode()


def as_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: read(data.decode("utf-8", "surrogateescape"))


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "note": (Note.parse, witnessed(13).encode()),
    "checkpoint": (Checkpoint.parse, signed(13).text),
    "opened": (lambda data: checkpoints.opened(data, LOG.verifier), signed(13).encode()),
    "signature": (as_text(Signature.parse), signed(13).signatures[0].line().encode()),
    "key": (as_text(VerifierKey.parse), str(NORTH.verifier).encode()),
    "pem": (lambda data: SigningKey.from_pem("log.example", ED25519, data), LOG.to_pem()),
    "policy": (Policy.parse, POLICY),
    "policy check": (POLICIES.check, witnessed(13).encode()),
    "proof": (ProofFile.parse, proof_file(7, 13, b"extra").encode()),
    "proof check": (lambda data: ProofFile.parse(data).check(LEAF, POLICIES), proof_file(7, 13).encode()),
    "request": (Request.parse, REQUEST),
    "judgement": (lambda data: witnessing.judge(Request.parse(data), Known((LOG.verifier,))), REQUEST),
    "answer": (lambda data: witnessing.answered(signed(13), data, [NORTH.verifier]), ANSWER),
    "size": (witnessing.size_in, b"13\n"),
    "path of a tile": (as_text(tiles.parse_path), b"tile/entries/x001/x234/067.p/5"),
    "tile": (tiles.hashes, bytes(320)),
    "bundle": (tiles.entries, tiles.bundle([b"first", b"", b"third"])),
    "number": (as_text(lambda text: strict.number(text, "It")), b"9223372036854775807"),
}

WRITTEN_AGAIN: dict[str, Callable[[bytes], bytes]] = {
    "note": lambda data: Note.parse(data).encode(),
    "checkpoint": lambda data: Checkpoint.parse(data).text(),
    "signature": lambda data: Signature.parse(data.decode()).line().encode(),
    "key": lambda data: str(VerifierKey.parse(data.decode())).encode(),
    "proof": lambda data: ProofFile.parse(data).encode(),
    "request": lambda data: Request.parse(data).encode(),
    "tile": lambda data: b"".join(tiles.hashes(data)),
    "bundle": lambda data: tiles.bundle(tiles.entries(data)),
}

PIECES = (
    *(b"\n", b"\n\n", b" ", b"\t", b"+", b"0", b"-1", b"=", b"AAAA", b"\0", b"\xff", b"\xc2\xa0", b"\r\n"),
    *(b"9" * 30, b"old 0\n", b"index 0\n", b"extra AAAA\n", b"none", b"quorum none\n", b"x000/", b".p/1"),
    *(b"\xe2\x80\x94 ", b"group g any "),
)
Edit = tuple[int, int, bytes]
edits = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(0, 40), st.sampled_from(PIECES) | st.binary(max_size=4)), max_size=4
)


def edited(data: bytes, changes: Sequence[Edit]) -> bytes:
    """Replace a few bytes in a few places."""
    for at, length, piece in changes:
        at %= len(data) + 1
        data = data[:at] + piece + data[at + length :]
    return data


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_nothing_but_a_log_error_leaves_a_parser_of_rubbish(name: str, data: bytes) -> None:
    """Bytes of any kind are read, or refused with a sentence that can be printed."""
    must_be_printable(READERS[name][0], data)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=100, deadline=None)
@given(changes=edits)
def test_nothing_but_a_log_error_leaves_a_parser_of_something_like_the_real_thing(
    name: str, changes: Sequence[Edit]
) -> None:
    """So are bytes that were good before a few of them were changed."""
    read, good = READERS[name]
    must_be_printable(read, edited(good, changes))


def must_be_printable(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except LogError as problem:
        said = str(problem)
        said.encode()
        assert said.endswith(".")
        assert "\n" not in said


@pytest.mark.parametrize("name", WRITTEN_AGAIN)
@settings(max_examples=100, deadline=None)
@given(changes=edits)
def test_what_is_read_is_written_the_same_again(name: str, changes: Sequence[Edit]) -> None:
    """Two spellings of one thing do not exist: bytes that can be read at all are the bytes that would be written."""
    data = edited(READERS[name][1], changes)
    try:
        again = WRITTEN_AGAIN[name](data)
    except (LogError, UnicodeDecodeError):
        return
    assert again == data or (name == "signature" and again == data + b"\n")


names = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"], exclude_characters="+"), min_size=1)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
hashes = st.binary(min_size=32, max_size=32)
sizes = st.integers(0, 2**63 - 1)


@settings(max_examples=60, deadline=None)
@given(lines, sizes, hashes, st.lists(lines).map(tuple))
def test_every_checkpoint_comes_back(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> None:
    """What can be a checkpoint can be written and read."""
    made = Checkpoint(origin, size, root, extensions)
    assert Checkpoint.parse(made.text()) == made


@settings(max_examples=60, deadline=None)
@given(names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=3000), lines)
def test_every_note_comes_back(name: str, id: bytes, value: bytes, text: str) -> None:
    """What can be a note, whoever signed it with whatever, can be written and read."""
    made = Note(f"{text}\n".encode(), (Signature(name, id, value),) * 3)
    assert Note.parse(made.encode()) == made


@settings(max_examples=60, deadline=None)
@given(names, st.integers(0, 255), st.binary(min_size=1, max_size=2000))
def test_every_key_comes_back(name: str, kind: int, public: bytes) -> None:
    """What can be a key, of a kind known here or not, can be written and read."""
    if kind in (ED25519, COSIGNATURE):
        public = public.ljust(32, b"\0")[:32]
    made = VerifierKey(name, kind, public)
    assert VerifierKey.parse(str(made)) == made


@settings(max_examples=60, deadline=None)
@given(sizes, st.lists(hashes, max_size=63).map(tuple), st.binary(min_size=1) | st.none())
def test_every_proof_file_and_request_comes_back(index: int, path: tuple[bytes, ...], extra: bytes | None) -> None:
    """What can be a proof or a request can be written and read."""
    proof = ProofFile(index, path, signed(5).encode(), extra)
    assert ProofFile.parse(proof.encode()) == proof
    request = Request(index, path, signed(5).encode())
    assert Request.parse(request.encode()) == request


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 63), sizes, st.integers(1, 256))
def test_every_path_of_a_tile_comes_back(level: int, n: int, width: int) -> None:
    """What can be a tile has one path, and it is read."""
    assert tiles.parse_path(tiles.path(level, n, width)) == (level, n, width)
    assert tiles.parse_path(tiles.entries_path(n, width)) == (None, n, width)


@settings(max_examples=300, deadline=None)
@given(changes=edits)
def test_a_changed_proof_proves_nothing_or_the_same(changes: Sequence[Edit]) -> None:
    """However the bytes of a proof file are changed, it never proves another checkpoint or another time."""
    try:
        found = ProofFile.parse(edited(proof_file(7, 13, b"extra").encode(), changes)).check(LEAF, POLICIES)
    except LogError:
        return
    assert found.checkpoint.size == 13
    assert found.checkpoint.root == tree.root(tree.append(0, (), leaves(13))[0])
    assert set(found.cosigned.values()) == {AT}
