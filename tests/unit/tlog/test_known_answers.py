"""Bytes that must never change: made once with keys that everybody may know, and found the same by another's tool.

proofbundle 6.3.1 (from PyPI), which shares no code with this, writes the same keys, checkpoint, cosignatures and file.
"""

import pytest

from services.audit.tlog import tree
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import VerifierKey
from services.audit.tlog.policies import Policy
from services.audit.tlog.proof_files import ProofFile
from tests.unit.tlog.small_log import AT, LOG, NORTH, SOUTH, proof_file

KEYS = {
    "log.example/house+7e064aaf+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c": LOG,
    "north.example/w+db43ea13+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU": NORTH,
    "south.example/w+770503cb+BO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR": SOUTH,
}
PROOF = """c2sp.org/tlog-proof@v1
extra ZXh0cmE=
index 2
YcoROfaBWEHVuvLQ0tm9nf7pfImN1ve6DAqpQe5sAes=
WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=
SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=

log.example/house
5
fKo0Xb2JKmZFTWxlEuo8PqPw0+whvj/C4jdXBf049nI=

— log.example/house fgZKrzWpvcf8hZ092fZ6EM0iKYnNXoyUTZ3WSe0ZErAov6UxUNDS0XnwEFMqi6KdFGIuqmdscV1YdvjSrD+vkDUrag8=
— north.example/w 20PqEwAAAABlU/EAmKxHl1fVpRq5e2g0QkDKQMqPJeYGx8EJmJFY9rRtglhdYvIOcdbwng1A\
Szp/ua9+ES4auAaxmKrl9YxIoml9Bw==
— south.example/w dwUDywAAAABlU/EA7lFQUvQU3CD6GMAon4quuS/ljIR1lJZnxrEDiLUs5c50Ecs+Fjbnu3fl\
DIDpQJwZV0MsJuc0ssgyZgia0CY9AA==
"""
POLICY = "".join(
    f"{owner} {key}\n" for owner, key in zip(("log", "witness north", "witness south"), KEYS, strict=True)
) + ("group both all north south\nquorum both\n")


def test_keys_are_written_as_ever() -> None:
    """A key that was handed out once is read, and is the one that its owner signs with."""
    for text, key in KEYS.items():
        assert str(key.verifier) == text
        assert VerifierKey.parse(text) == key.verifier


def test_a_proof_is_written_as_ever() -> None:
    """Leaf, path, root, signature, cosignatures and the file around them: each byte is the one of before."""
    assert proof_file(2, 5, b"extra").encode().decode() == PROOF


def test_a_proof_that_was_handed_out_proves_for_ever() -> None:
    """From the text of a proof, that of a policy and the entry alone: the same answer as on the first day."""
    found = ProofFile.parse(PROOF.encode()).check(tree.leaf(b"entry 2"), Policy.parse(POLICY.encode()))
    assert (found.checkpoint.origin, found.checkpoint.size) == ("log.example/house", 5)
    assert found.cosigned == {"north": AT, "south": AT}
    with pytest.raises(LogError):
        ProofFile.parse(PROOF.encode()).check(tree.leaf(b"entry 3"), Policy.parse(POLICY.encode()))
