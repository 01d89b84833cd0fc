"""Every byte of every entry, node, tile, checkpoint and proof, changed one at a time: each change is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.verifier import whole_bundle
from tests.tampering.mutating import ONE_IN, WHOLE, all_missed, bundle_missed, bytes_of, chunks, proof_missed
from tests.tampering.record import ENTRIES, Record, recorded

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture(scope="module")
def record(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Record]:  # noqa: ARG001
    with recorded(tmp_path_factory.mktemp("record")) as found:
        yield found


def files_of(bundle: Path) -> list[str]:
    """The files that the record consists of: its checkpoint, its tiles and its entries."""
    tiles = sorted(str(path.relative_to(bundle)) for path in (bundle / "tile").rglob("*") if path.is_file())
    return ["checkpoint", *tiles]


def test_the_record_is_whole_before_anybody_touches_it(record: Record) -> None:
    """What is changed below is good as it is: a full tile, one that is not full, a node above them."""
    good = whole_bundle.verified(str(record.bundle), str(record.policy), None, None, lambda *_: None)
    assert f"all {ENTRIES} entries" in good.sentence
    assert {"tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1", "tile/entries/000"} <= set(files_of(record.bundle))


def test_every_changed_byte_of_a_bundle_is_found_and_the_entry_named(record: Record) -> None:
    """A byte of an entry, or of its hash, names that very entry; one of a checkpoint or a node is found as well."""
    work = [
        (bundle_missed, (record.bundle, record.policy, name, part))
        for name in files_of(record.bundle)
        for part in chunks(bytes_of(record.bundle / name, 1 if name == "checkpoint" else ONE_IN))
    ]
    assert all_missed(work) == []


def test_every_changed_byte_of_a_proof_is_found(record: Record) -> None:
    """Path, checkpoint, cosignature, the entry it carries and its private values alike."""
    work = [
        (proof_missed, (path, record.policy, part))
        for path in sorted(record.proofs.iterdir())
        for part in chunks(bytes_of(path))
    ]
    assert all_missed(work) == []


@pytest.mark.skipif(not WHOLE, reason="counted where all is changed: make test-tamper")
def test_there_are_two_hundred_thousand_changes_at_least(record: Record) -> None:
    """One for each byte."""
    names = [record.bundle / name for name in files_of(record.bundle)]
    count = sum(path.stat().st_size for path in [*names, *record.proofs.iterdir()])
    print(f"{count:,} changes of one byte")
    assert count >= 200_000
