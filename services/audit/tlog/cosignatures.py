"""Cosignatures (C2SP tlog-cosignature, Ed25519): a witness says that, at a time, this was the largest tree it had seen.

They are verified as any signature of a note, with a VerifierKey of kind COSIGNATURE.
"""

from __future__ import annotations

from services.audit.tlog import keys, strict
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unreadable
from services.audit.tlog.notes import COSIGNATURE, Signature, SigningKey

_LENGTH = keys.TIME + 64  # a time and an Ed25519 signature


def cosign(text: bytes, key: SigningKey, at: int) -> Signature:
    """Cosign the text of a checkpoint, `at` being the time now in seconds since 1970 (POSIX)."""
    if key.kind != COSIGNATURE:
        raise LogError(f"The key of {key.name} signs; it does not cosign.")
    if not 0 <= at < strict.LIMIT:
        raise LogError(f"{at} is not a time in seconds since 1970.")
    Checkpoint.parse(text)
    signature = key.private.sign(keys.cosigned(text, at))
    return Signature(key.name, key.verifier.id, at.to_bytes(keys.TIME, "big") + signature)


def time_of(signature: Signature) -> int:
    """Return the time of a cosignature, in seconds since 1970; only a verified one says it truly."""
    if len(signature.signature) != _LENGTH:
        raise Unreadable(f"The signature of {signature.name} is no Ed25519 cosignature.")
    return int.from_bytes(signature.signature[: keys.TIME], "big")
