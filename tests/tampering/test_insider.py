"""An insider with the database and the log's key rebuilds all of it: no witness signs that, no auditor believes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.audit.evidence import exporting
from services.audit.verifier import prefixes, whole_bundle
from services.audit.verifier.verdicts import Tampered, Unusable
from tests.facts import eventually
from tests.log_house import LogHouse, empty_log
from tests.tampering.record import ENTRIES, Record, recorded

pytestmark = pytest.mark.usefixtures("module_database")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    with recorded(tmp_path) as found:
        yield found


def forged(record: Record, count: int, **more: object) -> LogHouse:
    """Another log under the same name and key, in an empty database and an empty folder."""
    empty_log()
    remembered = [dict(witness.known) for witness in record.house.witnesses]
    house = LogHouse(record.house.hands, key=record.house.key, **more)  # type: ignore[arg-type]
    for witness, known in zip(record.house.witnesses, remembered, strict=True):
        witness.known = known
    house.record(count)
    return house


@pytest.mark.parametrize("count", [ENTRIES - 1, ENTRIES, ENTRIES + 40])
def test_no_witness_signs_another_past(record: Record, count: int) -> None:
    """Shorter, as long, or longer: the witness remembers, the signer refuses and says so, and nothing is published."""
    house = forged(record, count, witnesses=record.house.witnesses, quorum=record.house.quorum)
    before = dict(record.house.witnesses[0].known)
    signer = house.signer()

    def refuses() -> str:
        house.hands.on(seconds=1)
        signer.tick(0.02)
        return signer.refusal or " ".join(house.folder.alarms())

    said = eventually(refuses)
    assert "w1" in said
    assert house.count("published") == 0
    assert house.folder.checkpoint() is None
    assert record.house.witnesses[0].known == before
    house.close()


def test_an_auditor_does_not_believe_a_forged_bundle(record: Record, tmp_path: Path) -> None:
    """Signed with the log's own key it has no witness; and whoever kept three lines sees that it is another record."""
    house = forged(record, ENTRIES + 40)
    house.publish()
    exporting.export(tmp_path / "forged", lambda *_: None)
    house.close()
    place, kept = str(tmp_path / "forged"), str(record.bundle / "checkpoint")
    with pytest.raises(Unusable, match="relied on"):
        whole_bundle.verified(place, str(record.policy), None, None, lambda *_: None)
    key = str(record.house.key.verifier)
    with pytest.raises(Tampered) as found:
        whole_bundle.verified(place, None, key, kept, lambda *_: None)
    assert "kept" in str(found.value)
    with pytest.raises((Tampered, Unusable)):
        prefixes.verified(kept, f"{place}/checkpoint", place, None, key)
