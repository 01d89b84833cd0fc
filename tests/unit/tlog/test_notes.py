"""Signed notes, rule by rule of C2SP's page signed-note."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.tlog import checkpoints, notes
from services.audit.tlog.errors import LogError, Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, Signature, SigningKey, VerifierKey
from tests.unit.tlog.small_log import LOG, NORTH, key, signed

TEXT = "Fünf Zeilen,\n\nzwei davon\n\nleer.\n".encode()
ALICE, BOB = key(5, "alice.example"), key(6, "bob.example")
NOTE = Note(TEXT, (ALICE.sign(TEXT),))
LINE = ALICE.sign(TEXT).line()
ML_DSA = 0x06


def with_lines(*lines: str) -> bytes:
    return TEXT + b"\n" + "".join(lines).encode()


def test_a_note_is_a_text_an_empty_line_and_signature_lines() -> None:
    """signed-note, Format: dash, name, base64 of id and signature; the text ends at the last empty line of the note."""
    data = NOTE.encode()
    assert data == TEXT + b"\n" + LINE.encode()
    assert LINE.startswith("— alice.example ")
    assert LINE.endswith("\n")
    assert Note.parse(data) == NOTE
    assert Note.parse(data).text == TEXT


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "does not end with a newline"),
        (TEXT, "signature line"),  # its last empty line is taken for the separator
        (b"text\n", "not signed"),
        (b"text\n\n", "not signed"),
        (NOTE.encode()[:-1], "does not end with a newline"),
        (NOTE.encode() + b"\n", "not signed"),
        (TEXT + LINE.encode(), "signature line"),
        (with_lines(LINE, "more text\n"), "signature line"),
        (with_lines(LINE.replace("— ", "- ")), "signature line"),
        (with_lines(LINE.replace("— ", "—")), "signature line"),
        (with_lines(LINE.replace("— ", "—  ")), "signature line"),
        (with_lines(LINE[:-1] + " \n"), "signature line"),
        (with_lines("— alice.example \n"), "too short"),
        (with_lines("— alice.example AAAAAA==\n"), "too short"),  # an id, and no signature
        (with_lines(LINE[:-3] + "!\n"), "not standard base64"),
        (with_lines("— alice.example AAAAAAAAAB==\n"), "not standard base64"),  # bits after the end
        (with_lines("— alice.example AAAAAAAAAA\n"), "not standard base64"),  # no padding
        (with_lines("— alice.example AAAA_AAAAA==\n"), "not standard base64"),  # another alphabet
    ],
)
def test_what_is_not_a_note_is_unreadable(data: bytes, says: str) -> None:
    """signed-note, Format: whatever departs from the form is refused, and the message says where."""
    with pytest.raises(Unreadable, match=says):
        Note.parse(data)


def test_a_note_must_be_utf_8() -> None:
    """signed-note, Format: bytes that are no UTF-8 make no note, in the text or in a signature line."""
    for bad in (b"\xff", b"\xc0\xae", b"\xed\xa0\x80"):
        with pytest.raises(Unreadable, match="UTF-8"):
            Note.parse(bad + NOTE.encode())
        with pytest.raises(Unreadable, match="UTF-8"):
            Note.parse(with_lines(LINE) + b"\xe2\x80\x94 " + bad + b" AAAAAAAA\n")


@pytest.mark.parametrize("code", [code for code in range(0x20) if code != 0x0A])
def test_a_note_must_not_contain_control_characters(code: int) -> None:
    """signed-note, Format: of the characters below U+0020 only the newline may occur."""
    with pytest.raises(Unreadable, match="control character"):
        Note.parse(bytes([code]) + NOTE.encode())
    with pytest.raises(Unreadable, match="control character"):
        Note.parse(with_lines(LINE.replace("alice", f"al{chr(code)}ice")))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u3000b", "a\u0085b", "a\u2028b", "a\nb"])
def test_a_key_name_must_be_there_and_have_no_space_or_plus(name: str) -> None:
    """signed-note, Format: a key name is not empty and has no Unicode space and no plus in it."""
    with pytest.raises(Unreadable):
        VerifierKey(name, ED25519, bytes(32))
    with pytest.raises(Unreadable):
        key(1, name)
    with pytest.raises(Unreadable):
        Signature.parse(f"— {name} AAAAAAAA")


def test_a_key_name_may_be_anything_else() -> None:
    """signed-note, Format: schema-less addresses are recommended, not required."""
    assert Signature.parse("— Prüfer—№7 AAAAAAAA").name == "Prüfer—№7"


def test_sixteen_signatures_must_be_accepted_and_a_hundred_are_the_most() -> None:
    """signed-note, Format: 16 lines are read even at the size of post-quantum ones, and there is a limit."""
    large = [Signature(f"w{i}.example", bytes(4), bytes(5000)) for i in range(16)]
    data = with_lines(LINE, *(signature.line() for signature in large[1:]))
    assert Note.parse(data).signed_by([ALICE.verifier]) == [(ALICE.verifier, NOTE.signatures[0])]
    assert len(Note.parse(with_lines(*[LINE] * notes.MAX_SIGNATURES)).signatures) == notes.MAX_SIGNATURES
    with pytest.raises(Unreadable, match="more than 100 signatures"):
        Note.parse(with_lines(*[LINE] * (notes.MAX_SIGNATURES + 1)))


def test_a_note_beyond_all_measure_is_not_read() -> None:
    """signed-note, Format: there is a limit to the size of a note."""
    most = b"x" * (notes.MAX_BYTES - len(NOTE.encode())) + NOTE.encode()
    assert len(Note.parse(most).text) > 900_000
    with pytest.raises(Unreadable, match="1000001 bytes"):
        Note.parse(b"x" + most)


def test_signatures_of_unknown_keys_must_be_ignored() -> None:
    """signed-note, Signatures: another key's line is passed over, also if it has the name or the id of a known key."""
    good, other = ALICE.sign(TEXT), BOB.sign(TEXT)
    same_name = Signature(good.name, other.id, bytes(64))
    same_id = Signature(other.name, good.id, bytes(64))
    note = Note(TEXT, (same_name, same_id, other, good))
    assert note.signed_by([ALICE.verifier]) == [(ALICE.verifier, good)]


def test_a_signature_of_a_known_key_must_be_verified() -> None:
    """signed-note, Signatures: where name and id are a known key's, a bad signature rejects the whole note."""
    good = ALICE.sign(TEXT)
    bad = Signature(good.name, good.id, good.signature[:-1] + bytes([good.signature[-1] ^ 1]))
    for signatures in ((bad,), (bad, good), (good, bad), (BOB.sign(TEXT), bad)):
        with pytest.raises(Unproven, match=r"alice\.example is not over this text"):
            Note(TEXT, signatures).signed_by([ALICE.verifier, BOB.verifier])
    with pytest.raises(Unproven):
        Note(TEXT + b"more\n", (good,)).signed_by([ALICE.verifier])


def test_a_note_without_a_signature_of_a_known_key_must_be_rejected() -> None:
    """signed-note, Signatures: nobody known is an empty list, and nothing that opens notes takes that for enough."""
    assert NOTE.signed_by([BOB.verifier]) == []
    assert NOTE.signed_by([]) == []
    with pytest.raises(Unproven, match="not signed by bob"):
        checkpoints.opened(signed(3).encode(), BOB.verifier)


def test_a_signature_that_comes_twice_counts_and_is_verified_twice() -> None:
    """signed-note, Signatures: the page knows no exception for a second line, so each must be good."""
    assert len(Note(TEXT, NOTE.signatures * 2).signed_by([ALICE.verifier] * 2)) == 2


def test_a_key_that_cannot_be_verified_here_is_as_good_as_unknown() -> None:
    """signed-note, Signature types: other kinds are read and carried, never verify, and spoil no note."""
    kind = VerifierKey("alice.example", ML_DSA, bytes(1312))
    foreign = Signature(kind.name, kind.id, bytes(2428))
    assert VerifierKey.parse(str(kind)) == kind
    assert not kind.verifies
    assert not kind.verify(TEXT, foreign.signature)
    assert not VerifierKey("alice.example", ML_DSA, ALICE.verifier.public).verify(TEXT, ALICE.sign(TEXT).signature)
    note = Note.parse(with_lines(foreign.line(), LINE))
    assert note.signed_by([kind, ALICE.verifier]) == [(ALICE.verifier, NOTE.signatures[0])]
    assert note.signed_by([kind]) == []


def test_two_trusted_keys_of_one_name_and_id_are_not_guessed_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """signed-note, Signatures: a collision of both name and id is an error in what is trusted."""
    monkeypatch.setattr(VerifierKey, "id", b"same")
    with pytest.raises(Unproven, match="share an id"):
        NOTE.signed_by([ALICE.verifier, VerifierKey("alice.example", ED25519, BOB.verifier.public)])


def test_the_id_of_a_key_is_the_hash_of_name_kind_and_key() -> None:
    """signed-note, Signatures: the first four bytes of SHA-256 over name, newline, kind and key; kinds differ in it."""
    verifier = ALICE.verifier
    assert verifier.id == sha256(b"alice.example\n\x01" + verifier.public).digest()[:4] == bytes.fromhex("2e046eb0")
    assert VerifierKey(verifier.name, COSIGNATURE, verifier.public).id != verifier.id
    assert VerifierKey("bob.example", ED25519, verifier.public).id != verifier.id


def test_an_ed25519_signature_is_over_the_text_and_nothing_else() -> None:
    """signed-note, Ed25519 signatures: RFC 8032 over the text of the note, 64 bytes after the id."""
    signature = ALICE.sign(TEXT)
    public = Ed25519PublicKey.from_public_bytes(ALICE.verifier.public)
    public.verify(signature.signature, TEXT)
    assert signature.id == ALICE.verifier.id
    assert len(signature.signature) == 64


def test_the_example_of_go_verifies() -> None:
    """The note and the key in the documentation of Go's golang.org/x/mod/sumdb/note are read, and verify."""
    go = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    data = (
        b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        b"\xe2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
        b"Zb6KE6RyyBwJnAM=\n"
    )
    assert [signer for signer, _ in Note.parse(data).signed_by([go])] == [go]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a verifier key"),
        ("alice.example", "not a verifier key"),
        ("alice.example+2e046eb0", "not a verifier key"),
        ("alice.example+2E046EB0+" + str(ALICE.verifier).split("+", 2)[2], "not a verifier key"),
        ("alice.example+2e046eb1+" + str(ALICE.verifier).split("+", 2)[2], "is not that of this key"),
        (str(ALICE.verifier).replace("alice", "malice"), "is not that of this key"),
        (str(ALICE.verifier)[:-4], "32"),
        (str(ALICE.verifier) + "\n", "not standard base64"),
        ("alice.example+2e046eb0+", "lacks its kind"),
        ("alice.example+2e046eb0+AQ==", "lacks its kind"),
        (" alice.example+2e046eb0+AQ==", "not a key name"),
    ],
)
def test_a_verifier_key_is_read_whole_or_not_at_all(text: str, says: str) -> None:
    """A key is name+id+base64 of kind and key; a lost or changed character is found by its id."""
    with pytest.raises(Unreadable, match=says):
        VerifierKey.parse(text)


def test_keys_are_written_as_they_are_read() -> None:
    """What `str` gives of a key is what `parse` takes; a base64 with a plus in it too."""
    for seed in range(1, 40):
        for kind in (ED25519, COSIGNATURE):
            verifier = key(seed, "w.example", kind).verifier
            assert VerifierKey.parse(str(verifier)) == verifier


def test_a_private_key_survives_pem() -> None:
    """A key read from the PEM that it was written to signs the same."""
    again = SigningKey.from_pem(ALICE.name, ED25519, ALICE.to_pem())
    assert again.verifier == ALICE.verifier
    assert again.sign(TEXT) == ALICE.sign(TEXT)
    assert SigningKey.generate("new.example", COSIGNATURE).verifier != SigningKey.generate("new.example", 4).verifier


def test_what_is_no_private_key_is_unreadable() -> None:
    """Neither rubbish, nor a key of another kind, nor one behind a password is taken for a key."""
    der = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    locked = ALICE.private.private_bytes(*der, serialization.BestAvailableEncryption(b"secret"))
    other = generate_private_key(SECP256R1()).private_bytes(*der, serialization.NoEncryption())
    for pem, says in ((b"", "no PEM"), (b"rubbish", "no PEM"), (locked, "no PEM"), (other, "no Ed25519")):
        with pytest.raises(Unreadable, match=says):
            SigningKey.from_pem("log.example", ED25519, pem)


def test_a_key_signs_in_its_own_role_only() -> None:
    """A key that cosigns signs no note, and no key is made for a kind that nothing is signed with here."""
    with pytest.raises(LogError, match="cosigns"):
        NORTH.sign(TEXT)
    with pytest.raises(LogError, match="kind 6"):
        SigningKey("log.example", ML_DSA, Ed25519PrivateKey.generate())


def test_a_signature_of_the_wrong_length_is_just_wrong() -> None:
    """Ed25519 signatures have 64 bytes; others do not verify, and nothing breaks."""
    for length in (1, 63, 65, 72, 2420):
        assert not LOG.verifier.verify(TEXT, bytes(length))
        assert not NORTH.verifier.verify(TEXT, bytes(length))


def test_a_public_key_that_is_no_point_verifies_nothing() -> None:
    """32 bytes that are no key of Ed25519 are carried like a key, and never verify."""
    for public in (b"\xff" * 32, b"\x02" + bytes(31)):
        assert not VerifierKey("x", ED25519, public).verify(TEXT, ALICE.sign(TEXT).signature)
