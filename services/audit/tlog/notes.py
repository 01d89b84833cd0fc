"""Signed notes (C2SP signed-note): a text and the signatures under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.audit.tlog import strict
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.keys import COSIGNATURE, ED25519, Signature, SigningKey, VerifierKey

__all__ = ["COSIGNATURE", "ED25519", "Note", "Signature", "SigningKey", "VerifierKey"]

MAX_BYTES = 1_000_000  # of a note, and
MAX_SIGNATURES = 100  # as in Go's golang.org/x/mod/sumdb/note; the page asks for 16 at least


@dataclass(frozen=True)
class Note:
    """A text, which ends with a newline, and its signatures, none of them checked yet."""

    text: bytes
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note; `encode` of it gives the same bytes again."""
        if len(data) > MAX_BYTES:
            raise Unreadable(f"The note has {len(data)} bytes; more than {MAX_BYTES} are not read.")
        whole = strict.text(data, "The note")
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines:
            raise Unreadable("The note is not signed: there is no empty line with signatures after it.")
        if lines.count("\n") > MAX_SIGNATURES:
            raise Unreadable(f"The note has more than {MAX_SIGNATURES} signatures.")
        return cls(f"{text}\n".encode(), tuple(map(Signature.parse, lines[:-1].split("\n"))))

    def encode(self) -> bytes:
        """Write the note."""
        return self.text + b"\n" + "".join(signature.line() for signature in self.signatures).encode()

    def signed_by(self, keys: Iterable[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
        """Return the signatures made with these keys, each verified; trust nothing in the text if there are none.

        Signatures of other keys are passed over, and so are keys of a kind that cannot be verified here. Every
        signature of a given key is verified, also a second one: Unproven if one is not good.
        """
        known: dict[tuple[str, bytes], VerifierKey] = {}
        for key in keys:
            if key.verifies and known.setdefault((key.name, key.id), key) != key:
                raise Unproven(f"Two of the trusted keys are named {key.name} and share an id; give one another name.")
        found = []
        for signature in self.signatures:
            signer = known.get((signature.name, signature.id))
            if signer is None:
                continue
            if not signer.verify(self.text, signature.signature):
                raise Unproven(f"The signature of {signer.name} is not over this text.")
            found.append((signer, signature))
        return found
