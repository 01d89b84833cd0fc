"""A real record of some 260 entries, published under a witness, as an auditor holds it: a bundle, and every proof."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.audit.directory.policy import Reader
from services.audit.evidence import exporting
from services.audit.vouching import proving
from services.kernel import db
from tests.component.audit_house import whole_round
from tests.log_house import Hands, LogHouse, empty_log
from tests.small_witness import SmallWitness, serving

ENTRIES = 260  # more than one tile of 256: there is a full one, one that is not full, and a node above
WITNESSED = "quorum w1\n"


@dataclass(frozen=True)
class Record:
    """What an auditor has. `policy` is the auditor's own copy, which nobody else can change."""

    house: LogHouse
    bundle: Path
    proofs: Path
    policy: Path


@contextmanager
def recorded(folder: Path) -> Iterator[Record]:
    """Record a round and more, publish it, and hand out everything."""
    with pytest.MonkeyPatch.context() as patch, serving(SmallWitness("w1")) as witness:
        empty_log()
        house = LogHouse(Hands(patch), [witness], WITNESSED)
        whole_round()
        house.record(ENTRIES - house.head.size)
        house.publish()
        (folder / "policy").write_bytes(house.folder.policy() or b"")
        exporting.export(folder / "bundle", lambda *_: None)
        (folder / "proofs").mkdir()
        for idx in range(ENTRIES):
            with db.of("audit").transaction() as tx:
                proof = proving.proof_file(tx, idx, Reader(everything=True))
            (folder / "proofs" / f"{idx}.tlog-proof").write_bytes(proof)
        yield Record(house, folder / "bundle", folder / "proofs", folder / "policy")
        house.close()
