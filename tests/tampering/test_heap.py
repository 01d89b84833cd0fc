"""Bytes changed in the files of a stopped PostgreSQL: no trigger and no right is asked, and all of it is found."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from services.audit.verification import verify
from services.audit.verification.verify import Tampered
from services.kernel import db, migrate
from tests import private
from tests.log_house import administrator
from tests.tampering.mutating import WHOLE
from tests.tampering.record import recorded

CHANGES = 60 if WHOLE else 4


@dataclass(frozen=True)
class Cell:
    """Where a value of a row lies in a file, and the entry it is of; None for a checkpoint."""

    file: Path
    at: int
    size: int
    idx: int | None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """A PostgreSQL of our own with a record in it."""
    folder = tmp_path_factory.mktemp("heap")
    own = Servers(folder / "servers")
    own.start(broker=False)
    own_settings = {
        "COUNTERSIGN_SECRETS": str(folder / "secrets"),
        "COUNTERSIGN_LOG_FOLDER": str(folder / "log"),
        "COUNTERSIGN_DATABASE_URL": own.postgres.url,
    }
    with private.settings(**own_settings):
        migrate.migrate(own.postgres.url)
        with recorded(folder):
            yield own
        db.close_all()
    own.erase()


def cells(server: Servers) -> list[Cell]:
    """Values of the log as they lie in the files of the stopped server, where they lie there as they are."""
    values: dict[str, list[tuple[bytes, int | None]]] = {}
    with administrator() as admin:
        admin.execute("CHECKPOINT")
        (root,) = admin.execute("SHOW data_directory").fetchone() or ("",)
        for table, columns, idx in (
            ("entry", ("body", "leaf"), "idx"),
            ("checkpoint", ("note", "root"), "NULL::bigint"),
        ):
            (file,) = admin.execute("SELECT pg_relation_filepath(%s)", [f"audit.{table}"]).fetchone() or ("",)
            for column in columns:
                rows = admin.execute(f"SELECT {column}, {idx} FROM {table}".encode()).fetchall()
                values.setdefault(f"{root}/{file}", []).extend((bytes(value), of) for value, of in rows)
    db.close_all()
    server.postgres.stop()
    found = []
    for path, wanted in values.items():
        data = Path(path).read_bytes()
        places = ((data.find(value), len(value), of) for value, of in wanted if data.count(value) == 1)
        found += [Cell(Path(path), at, size, of) for at, size, of in places]
    return found


def test_a_byte_changed_in_the_files_is_found(server: Servers) -> None:
    """Of an entry, its hash, or a signed checkpoint; the entry is named."""
    chance = random.Random(7)
    known = cells(server)
    assert len(known) > 200
    for cell in [*chance.sample(known, CHANGES - 1), next(one for one in known if one.idx is None)]:
        at = cell.at + chance.randrange(cell.size)
        with cell.file.open("r+b") as file:
            file.seek(at)
            before = file.read(1)
            file.seek(at)
            file.write(bytes([before[0] ^ chance.randrange(1, 256)]))
        server.postgres.start()
        with pytest.raises(Tampered) as found, verify.connect() as connection:
            verify.verify(connection, lambda *_: None)
        assert cell.idx is None or found.value.idx == cell.idx, found.value
        server.postgres.stop()
        with cell.file.open("r+b") as file:
            file.seek(at)
            file.write(before)
    server.postgres.start()
