"""Keys of signed notes (C2SP signed-note): who signs under which name, and the signature lines they write.

What is signed and verified with is Ed25519; a key of another kind (ML-DSA-44, say) is read and carried, but never
verifies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.tlog import strict
from services.audit.tlog.errors import LogError, Unreadable

ED25519 = 0x01
COSIGNATURE = 0x04  # Ed25519 too, over the text and the time (C2SP tlog-cosignature)

TIME = 8  # bytes before the signature proper in a cosignature
_PUBLIC = 32  # bytes of an Ed25519 key
_DASH = "\u2014 "
_KEY_ID = re.compile("[0-9a-f]{8}")


@dataclass(frozen=True)
class Signature:
    """A signature line of a note. `id` is the key's, 4 bytes; `signature` is what follows it, of the key's kind."""

    name: str
    id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Signature:
        """Read a signature line, with or without its newline at the end."""
        parts = (line[:-1] if line.endswith("\n") else line).split(" ")
        if len(parts) != 3 or parts[0] != _DASH[0]:
            raise Unreadable(f"{strict.shown(line)} is not a signature line: a dash, a name and a signature.")
        check_name(parts[1])
        value = strict.base64(parts[2], f"The signature of {parts[1]}")
        if len(value) < 5:
            raise Unreadable(f"The signature of {parts[1]} is too short to hold a key id and a signature.")
        return cls(parts[1], value[:4], value[4:])

    def line(self) -> str:
        """Write the signature line, with its newline."""
        return f"{_DASH}{self.name} {strict.base64_of(self.id + self.signature)}\n"


@dataclass(frozen=True)
class VerifierKey:
    """A public key under a name. `public` is its encoding for the kind: 32 bytes for Ed25519 in either role."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if not 0 <= self.kind <= 0xFF or not self.public:
            raise Unreadable(f"The key of {self.name} lacks its kind or its bytes.")
        if self.verifies and len(self.public) != _PUBLIC:
            raise Unreadable(f"The key of {self.name} has {len(self.public)} bytes; an Ed25519 key has {_PUBLIC}.")

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+id+key`, the id in hexadecimal and the key in base64 with its kind as first byte."""
        name, *rest = text.split("+", 2)
        if len(rest) != 2 or not _KEY_ID.fullmatch(rest[0]):
            raise Unreadable(f"{strict.shown(text)} is not a verifier key: name+id+key, as its owner publishes it.")
        check_name(name)
        key = strict.base64(rest[1], f"The key of {name}")
        found = cls(name, key[0] if key else 0, key[1:])
        if found.id.hex() != rest[0]:
            raise Unreadable(f"The id {rest[0]} is not that of this key of {name}; a character may have been lost.")
        return found

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{strict.base64_of(bytes([self.kind]) + self.public)}"

    @property
    def id(self) -> bytes:
        """Return the key's id, 4 bytes that tell keys of one name apart; it secures nothing."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def verifies(self) -> bool:
        """Say whether this kind of key can be verified with here at all."""
        return self.kind in (ED25519, COSIGNATURE)

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Say whether `signature` (as in a Signature) is this key's over the text of a note."""
        if self.kind == COSIGNATURE:
            at, signature = int.from_bytes(signature[:TIME], "big"), signature[TIME:]
            if at >= strict.LIMIT:
                return False
            text = cosigned(text, at)
        if not self.verifies:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """A private Ed25519 key under a name, for one of the two roles."""

    name: str
    kind: int
    private: Ed25519PrivateKey

    def __post_init__(self) -> None:
        if self.kind not in (ED25519, COSIGNATURE):
            raise LogError(f"The key of {self.name} would sign with kind {self.kind}, which is not Ed25519's.")
        check_name(self.name)

    @classmethod
    def generate(cls, name: str, kind: int) -> SigningKey:
        """Make a new key."""
        return cls(name, kind, Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, name: str, kind: int, pem: bytes) -> SigningKey:
        """Read a key from PEM (PKCS #8, not encrypted)."""
        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise Unreadable(f"The key of {name} is no PEM of a private key without a password.") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise Unreadable(f"The key of {name} is no Ed25519 key.")
        return cls(name, kind, private)

    def to_pem(self) -> bytes:
        """Write the key as PEM (PKCS #8, not encrypted)."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def verifier(self) -> VerifierKey:
        """Return the public half."""
        public = self.private.public_key()
        return VerifierKey(
            self.name,
            self.kind,
            public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw),
        )

    def sign(self, text: bytes) -> Signature:
        """Sign the text of a note; a key that cosigns needs the time too: `cosignatures.cosign`."""
        if self.kind != ED25519:
            raise LogError(f"The key of {self.name} cosigns; it signs nothing else.")
        return Signature(self.name, self.verifier.id, self.private.sign(text))


def cosigned(text: bytes, at: int) -> bytes:
    """Return the message that a cosignature signs: a header that no note begins with, the time, and the whole text."""
    return b"cosignature/v1\ntime %d\n" % at + text


def check_name(name: str) -> None:
    """Refuse a key name that could not stand in a signature line."""
    strict.check_line(name, "A key name")
    if not name or "+" in name or any(character.isspace() for character in name):
        raise Unreadable(f"{strict.shown(name)} is not a key name: it is empty, or has a space or a plus in it.")
