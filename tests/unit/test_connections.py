"""How many connections the whole platform holds on PostgreSQL, added up."""

import pytest

from services import SERVICES
from services.cli.runner import names
from services.kernel.db import POOL_SIZE

MOST = 60  # architecture.md, trap 12; PostgreSQL gives 100 unless told otherwise
BELONGS_TO_NOBODY = {"front", "mailcatcher", "witness"}  # these know no database


def pools(name: str) -> int:
    """Return the connections in the pools of one process; it must be known here."""
    role, _, service = name.partition("-")
    if role in BELONGS_TO_NOBODY:
        return 0
    services = [service] if service else SERVICES
    held = POOL_SIZE * len(services)
    return {"web": held, "worker": held, "relay": len(SERVICES), "recorder": POOL_SIZE, "signer": POOL_SIZE}[role]


@pytest.mark.parametrize("apart", [False, True])
def test_the_pools_of_all_processes_are_sixty_at_most(apart: bool) -> None:
    """One to four connections per service and process; a process more, and somebody has to count again."""
    assert sum(pools(name) for name in names(apart)) <= MOST
