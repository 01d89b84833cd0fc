"""Checkpoints, rule by rule of C2SP's page tlog-checkpoint."""

import pytest

from services.audit.tlog import checkpoints, tree
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, VerifierKey
from tests.unit.tlog.small_log import LOG, NORTH, ORIGIN, checkpoint, key, signed, witnessed

ROOT = "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0="


def test_a_checkpoint_is_origin_size_and_root_on_a_line_each() -> None:
    """tlog-checkpoint, Note text: three lines, each with a newline; the root in base64."""
    text = f"{ORIGIN}\n1\n{ROOT}\n".encode()
    found = Checkpoint.parse(text)
    assert found == Checkpoint(ORIGIN, 1, tree.leaf(b""))
    assert found.text() == text


@pytest.mark.parametrize("lines", ["", "\n", "origin\n", "origin\n1\n", f"\n1\n{ROOT}\n", f"origin\n\n{ROOT}\n"])
def test_a_checkpoint_has_three_lines_at_least_and_none_is_empty(lines: str) -> None:
    """tlog-checkpoint, Note text: with fewer lines, or an empty one, it is unreadable."""
    with pytest.raises(Unreadable):
        Checkpoint.parse(lines.encode())


def test_the_origin_must_not_be_empty() -> None:
    """tlog-checkpoint, Note text 1: neither read nor made without an origin."""
    with pytest.raises(Unreadable, match="empty lines"):
        Checkpoint.parse(f"\n1\n{ROOT}\n".encode())
    with pytest.raises(Unreadable, match="empty lines"):
        Checkpoint("", 1, tree.leaf(b""))


@pytest.mark.parametrize("origin", ["go.sum database tree", "a+b", "Prüfstelle № 7", "https://log.example/", "7", " "])
def test_clients_must_not_expect_an_origin_of_a_certain_form(origin: str) -> None:
    """tlog-checkpoint, Note text 1: an address without spaces is a recommendation; any line is an origin."""
    made = Checkpoint(origin, 1, tree.leaf(b""))
    assert Checkpoint.parse(made.text()) == made


@pytest.mark.parametrize(
    "size",
    ["", "00", "01", "-1", "+1", "1 ", " 1", "1.0", "0x1", "1_000", "1e3", "١", "²", "9223372036854775808", "9" * 5000],
)
def test_the_size_is_a_decimal_without_leading_zeroes(size: str) -> None:
    """tlog-checkpoint, Note text 2: any other spelling of a size, and one of 2**63 or more, is unreadable."""
    with pytest.raises(Unreadable):
        Checkpoint.parse(f"origin\n{size}\n{ROOT}\n".encode())


def test_an_empty_tree_has_size_0_and_the_largest_one_less_than_2_to_63() -> None:
    """tlog-checkpoint, Note text 2: `0` is the one number that begins with a zero."""
    assert Checkpoint.parse(f"origin\n0\n{ROOT}\n".encode()).size == 0
    assert Checkpoint.parse(f"origin\n{2**63 - 1}\n{ROOT}\n".encode()).size == 2**63 - 1
    for size in (-1, 2**63):
        with pytest.raises(Unreadable, match="not the size"):
            Checkpoint("origin", size, tree.EMPTY_ROOT)


@pytest.mark.parametrize(
    "root",
    [
        "",
        ROOT[:-1],
        ROOT + "=",
        ROOT.replace("=", ""),
        ROOT.replace("+", "-"),
        ROOT[:-4],
        "AAAA" + ROOT,
        " " + ROOT,
        ROOT[:-2] + "1=",
    ],
)
def test_the_root_is_the_base64_of_a_sha_256(root: str) -> None:
    """tlog-checkpoint, Note text 3: 32 bytes in the one spelling of standard base64."""
    with pytest.raises(Unreadable):
        Checkpoint.parse(f"origin\n1\n{root}\n".encode())


def test_extension_lines_must_not_be_empty() -> None:
    """tlog-checkpoint, Note text 4: further lines are kept as they are, none of them empty."""
    made = Checkpoint("origin", 1, tree.leaf(b""), ("one two", "—"))
    assert made.text() == f"origin\n1\n{ROOT}\none two\n—\n".encode()
    assert Checkpoint.parse(made.text()) == made
    with pytest.raises(Unreadable):
        Checkpoint.parse(made.text() + b"\n")
    for extension in ("", "a\nb", "a\tb", "\udcff"):
        with pytest.raises(Unreadable):
            Checkpoint("origin", 1, tree.leaf(b""), (extension,))


def test_a_root_of_another_length_makes_no_checkpoint() -> None:
    """tlog-checkpoint, Note text 3: a checkpoint is not made that could not be read."""
    with pytest.raises(Unreadable, match="31 bytes"):
        Checkpoint("origin", 1, bytes(31))


def test_a_checkpoint_is_opened_with_the_key_of_its_log() -> None:
    """tlog-checkpoint, Signatures: signed by the log under its origin; the note comes with it."""
    data = signed(5).encode()
    assert checkpoints.opened(data, LOG.verifier) == (checkpoint(5), Note.parse(data))


def test_clients_must_ignore_unknown_signatures() -> None:
    """tlog-checkpoint, Signatures: witnesses' lines, and those of an old key of the log, stand beside the log's."""
    old = key(9, ORIGIN)
    note = witnessed(5, NORTH)
    with_old = Note(note.text, (old.sign(note.text), *note.signatures))
    assert checkpoints.opened(with_old.encode(), LOG.verifier)[0] == checkpoint(5)


def test_a_checkpoint_of_another_log_is_not_opened() -> None:
    """tlog-checkpoint, Signatures: a key answers for the origin it is named like, or for the one that is asked for."""
    other = checkpoint(5, "other.example/log")
    note = Note(other.text(), (LOG.sign(other.text()),)).encode()
    with pytest.raises(Unproven, match=r"of the log 'other\.example/log', not of 'log\.example/house'"):
        checkpoints.opened(note, LOG.verifier)
    assert checkpoints.opened(note, LOG.verifier, "other.example/log")[0] == other


def test_a_log_signs_only_under_its_own_origin() -> None:
    """tlog-checkpoint, Signatures: the name in the signature line matches the origin line."""
    assert checkpoints.signed(checkpoint(5), LOG).signatures[0].name == ORIGIN
    with pytest.raises(Unproven, match="does not sign for"):
        checkpoints.signed(checkpoint(5), key(1, "other.example/log", ED25519))


def test_a_checkpoint_must_carry_an_ed25519_signature_of_the_log() -> None:
    """tlog-tiles, Checkpoints: what a log signs with is a plain Ed25519 key, never one that cosigns."""
    (signature,) = checkpoints.signed(checkpoint(5), LOG).signatures
    assert signature.id == VerifierKey(ORIGIN, ED25519, LOG.verifier.public).id
    with pytest.raises(LogError, match="cosigns"):
        checkpoints.signed(checkpoint(5), key(1, ORIGIN, COSIGNATURE))


def test_a_signed_text_that_is_no_checkpoint_is_unreadable() -> None:
    """tlog-checkpoint, Note text: a good signature makes no checkpoint of another text."""
    text = b"Countersign signs this.\n"
    with pytest.raises(Unreadable, match="three lines"):
        checkpoints.opened(Note(text, (LOG.sign(text),)).encode(), LOG.verifier)


def test_every_changed_byte_of_a_signed_checkpoint_is_found() -> None:
    """tlog-checkpoint: whichever byte is changed, dropped or doubled, the log's own checkpoint no longer opens."""
    data = signed(5).encode()
    for at in range(len(data)):
        changes = [bytes([data[at] ^ bit]) for bit in (1, 2, 32, 128)]
        for change in (*changes, b"", data[at : at + 1] * 2):
            if data[:at] + change + data[at + 1 :] != data:
                with pytest.raises((Unproven, Unreadable)):
                    checkpoints.opened(data[:at] + change + data[at + 1 :], LOG.verifier)
