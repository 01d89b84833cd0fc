"""A log of a few entries in memory, with keys that never change, and RFC 6962's definitions to hold it against."""

from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.audit.tlog import checkpoints, cosignatures, proofs, tree
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, SigningKey
from services.audit.tlog.proof_files import ProofFile

VECTORS = Path(__file__).parents[4] / "shared/data/rfc6962"
# The eight entries that Certificate Transparency's own tests, and the public vectors, are made of.
CLASSIC = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")] + [
    bytes.fromhex("606162636465666768696a6b6c6d6e6f")
]

ORIGIN = "log.example/house"
AT = 1_700_000_000


def key(seed: int, name: str, kind: int = ED25519) -> SigningKey:
    """Return the key that a number makes; no secret."""
    return SigningKey(name, kind, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG = key(1, ORIGIN)
NORTH = key(2, "north.example/w", COSIGNATURE)
SOUTH = key(3, "south.example/w", COSIGNATURE)
EAST = key(4, "east.example/w", COSIGNATURE)

POLICY = (
    f"log {LOG.verifier} https://log.example/\n"
    f"witness north {NORTH.verifier} https://north.example/\n"
    f"witness south {SOUTH.verifier}\n"
    f"witness east {EAST.verifier}\n"
    "group most 2 north south east\n"
    "quorum most\n"
).encode()


def leaves(count: int) -> list[bytes]:
    """Return the hashes of so many different leaves."""
    return [tree.leaf(b"entry %d" % i) for i in range(count)]


def nodes_of(hashes: Sequence[bytes]) -> proofs.Nodes:
    """Know every complete subtree over these leaves."""
    known = {(0, i): leaf for i, leaf in enumerate(hashes)}
    known |= {(level, index): hash for level, index, hash in tree.append(0, (), hashes)[1]}
    return lambda level, index: known[level, index]


def mth(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not hashes:
        return tree.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = below(len(hashes))
    return tree.node(mth(hashes[:k]), mth(hashes[k:]))


def path(m: int, hashes: Sequence[bytes], mth: Callable[[Sequence[bytes]], bytes] = mth) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    k = below(len(hashes))
    if m < k:
        return [*path(m, hashes[:k], mth), mth(hashes[k:])]
    return [*path(m - k, hashes[k:], mth), mth(hashes[:k])]


def proof(m: int, hashes: Sequence[bytes], mth: Callable[[Sequence[bytes]], bytes] = mth) -> list[bytes]:
    """PROOF of RFC 6962, section 2.1.2, word for word."""
    return subproof(m, hashes, True, mth)


def subproof(m: int, hashes: Sequence[bytes], whole: bool, mth: Callable[[Sequence[bytes]], bytes]) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2, word for word."""
    if m == len(hashes):
        return [] if whole else [mth(hashes)]
    k = below(len(hashes))
    if m <= k:
        return [*subproof(m, hashes[:k], whole, mth), mth(hashes[k:])]
    return [*subproof(m - k, hashes[k:], False, mth), mth(hashes[:k])]


def below(count: int) -> int:
    """Return the largest power of two smaller than a count above 1."""
    return 1 << ((count - 1).bit_length() - 1)


def checkpoint(size: int, origin: str = ORIGIN) -> Checkpoint:
    """Return the checkpoint of the small log at a size."""
    return Checkpoint(origin, size, mth(leaves(size)))


def signed(size: int) -> Note:
    """Return that checkpoint signed by the log."""
    return checkpoints.signed(checkpoint(size), LOG)


def witnessed(size: int, *witnesses: SigningKey, at: int = AT) -> Note:
    """Return that checkpoint signed by the log and cosigned by these witnesses (north and south)."""
    note = signed(size)
    return Note(
        note.text,
        (*note.signatures, *(cosignatures.cosign(note.text, w, at) for w in witnesses or (NORTH, SOUTH))),
    )


def proof_file(index: int, size: int, extra: bytes | None = None) -> ProofFile:
    """Return the proof of an entry of the small log at a size, under a checkpoint that the quorum cosigned."""
    found = proofs.inclusion(index, size, nodes_of(leaves(size)))
    return ProofFile(index, tuple(found), witnessed(size).encode(), extra)
