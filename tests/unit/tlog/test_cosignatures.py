"""Cosignatures of witnesses, rule by rule of C2SP's page tlog-cosignature."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.tlog import cosignatures
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, Note, Signature, VerifierKey
from services.audit.tlog.policies import Policy
from tests.unit.tlog.small_log import AT, LOG, NORTH, SOUTH, checkpoint, key, signed

TEXT = checkpoint(5).text()


def test_the_id_of_a_cosigning_key_must_be_made_with_its_kind() -> None:
    """tlog-cosignature, Format: SHA-256 over name, newline, 0x04 and the key; over 0x06 for ML-DSA-44."""
    verifier = NORTH.verifier
    assert verifier.id == sha256(b"north.example/w\n\x04" + verifier.public).digest()[:4]
    assert VerifierKey("w.example", 0x06, bytes(1312)).id == sha256(b"w.example\n\x06" + bytes(1312)).digest()[:4]


def test_a_cosignature_must_be_a_time_and_a_signature() -> None:
    """tlog-cosignature, Format: eight bytes of time, most significant first, then the 64 of Ed25519."""
    made = cosignatures.cosign(TEXT, NORTH, AT)
    assert made.name == NORTH.name
    assert made.id == NORTH.verifier.id
    assert made.signature[:8] == AT.to_bytes(8, "big")
    assert len(made.signature) == 72
    assert cosignatures.time_of(made) == AT


def test_what_is_signed_must_be_header_time_and_the_whole_text() -> None:
    """tlog-cosignature, Ed25519 signed message: `cosignature/v1`, `time` and a decimal, and every line of the text."""
    made = cosignatures.cosign(TEXT, NORTH, AT)
    public = Ed25519PublicKey.from_public_bytes(NORTH.verifier.public)
    public.verify(made.signature[8:], b"cosignature/v1\ntime 1700000000\n" + TEXT)
    assert NORTH.verifier.verify(TEXT, made.signature)


def test_extension_lines_must_be_in_what_is_signed() -> None:
    """tlog-cosignature, Ed25519 signed message: a changed extension line is found."""
    extended = Checkpoint("origin", 1, bytes(32), ("extension",))
    made = cosignatures.cosign(extended.text(), NORTH, AT)
    assert NORTH.verifier.verify(extended.text(), made.signature)
    assert not NORTH.verifier.verify(Checkpoint("origin", 1, bytes(32), ("extensiom",)).text(), made.signature)
    assert not NORTH.verifier.verify(Checkpoint("origin", 1, bytes(32)).text(), made.signature)


def test_the_time_must_be_written_without_leading_zeroes() -> None:
    """tlog-cosignature, Ed25519 signed message: small times too are plain decimals."""
    for at in (0, 7, 2**63 - 1):
        made = cosignatures.cosign(TEXT, NORTH, at)
        public = Ed25519PublicKey.from_public_bytes(NORTH.verifier.public)
        public.verify(made.signature[8:], f"cosignature/v1\ntime {at}\n".encode() + TEXT)


def test_the_time_must_stay_below_2_to_63() -> None:
    """tlog-cosignature, Format: a later time is neither signed nor believed, though the signature were good."""
    for at in (-1, 2**63):
        with pytest.raises(LogError, match="not a time"):
            cosignatures.cosign(TEXT, NORTH, at)
    signature = NORTH.private.sign(b"cosignature/v1\ntime %d\n" % 2**63 + TEXT)
    assert not NORTH.verifier.verify(TEXT, (2**63).to_bytes(8, "big") + signature)


def test_another_time_than_the_signed_one_does_not_verify() -> None:
    """tlog-cosignature, Format: the time in the line is the time in the message."""
    made = cosignatures.cosign(TEXT, NORTH, AT)
    assert not NORTH.verifier.verify(TEXT, (AT + 1).to_bytes(8, "big") + made.signature[8:])


def test_signing_and_cosigning_are_told_apart() -> None:
    """tlog-cosignature, Ed25519 signed message: the header keeps a signature of one kind from passing for the other."""
    as_log = VerifierKey(NORTH.name, 0x01, NORTH.verifier.public)
    made = cosignatures.cosign(TEXT, NORTH, AT)
    assert not as_log.verify(TEXT, made.signature[8:])
    assert not as_log.verify(TEXT, made.signature)
    assert not NORTH.verifier.verify(TEXT, made.signature[8:])
    assert not NORTH.verifier.verify(TEXT, bytes(8) + NORTH.private.sign(TEXT))
    with pytest.raises(LogError, match="does not cosign"):
        cosignatures.cosign(TEXT, LOG, AT)


def test_an_operator_of_several_cosigners_must_give_each_its_own_key() -> None:
    """tlog-cosignature, Ed25519 signed message: it does not name the signer; with one key, two are one witness."""
    twin = key(2, "twin.example/w", COSIGNATURE)
    made = cosignatures.cosign(TEXT, NORTH, AT)
    assert twin.verifier.verify(TEXT, made.signature)
    with pytest.raises(Unreadable, match="given before"):
        Policy.parse(f"witness north {NORTH.verifier}\nwitness twin {twin.verifier}\nquorum none\n".encode())


def test_only_a_checkpoint_is_cosigned() -> None:
    """tlog-cosignature, Format: what a cosigner signs is the text of a checkpoint and nothing else."""
    for text in (b"", b"any text\n", signed(5).encode(), TEXT[:-1]):
        with pytest.raises(Unreadable):
            cosignatures.cosign(text, NORTH, AT)


def test_a_note_carries_the_cosignatures_of_several_witnesses() -> None:
    """tlog-cosignature, Format: cosignatures are signature lines of the checkpoint, each found by its key."""
    lines = [cosignatures.cosign(TEXT, key, AT + i) for i, key in enumerate((NORTH, SOUTH))]
    note = Note.parse(Note(TEXT, (LOG.sign(TEXT), *lines)).encode())
    found = note.signed_by([SOUTH.verifier, LOG.verifier, NORTH.verifier])
    assert [key.name for key, _ in found] == [LOG.name, NORTH.name, SOUTH.name]
    assert [cosignatures.time_of(signature) for key, signature in found if key.kind == COSIGNATURE] == [AT, AT + 1]


def test_every_changed_byte_of_a_cosigned_checkpoint_is_found() -> None:
    """tlog-cosignature: whichever byte is changed, the witness's signature no longer stands under the text."""
    data = Note(TEXT, (cosignatures.cosign(TEXT, NORTH, AT),)).encode()
    for at in range(len(data)):
        for bit in (1, 4, 128):
            try:
                found = Note.parse(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]).signed_by([NORTH.verifier])
            except (Unproven, Unreadable):
                continue
            assert found == []


def test_what_is_no_cosignature_has_no_time() -> None:
    """tlog-cosignature, Format: a time is read from 72 bytes only."""
    for length in (1, 8, 64, 71, 73):
        with pytest.raises(Unreadable, match="no Ed25519 cosignature"):
            cosignatures.time_of(Signature("w.example", bytes(4), bytes(length)))
