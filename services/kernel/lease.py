"""Leases: one holder at a time, by the database's clock.

No advisory lock: a frozen process would keep one for ever. A lease ends by itself, and a holder that was frozen finds
out at its next transaction.
"""

import os
import socket
from functools import cache

from services.kernel import ids
from services.kernel.db import Transaction

SECONDS = 6.0  # how long one lasts; renewed every 2 s by a holder that is well


@cache
def me() -> str:
    """Return the name under which this process holds leases: readable, and never used twice."""
    return f"{socket.gethostname()}/{os.getpid()}/{ids.new_id()[-12:]}"


def hold(tx: Transaction, name: str, holder: str, seconds: float = SECONDS) -> bool:
    """Take or renew a lease; False where somebody else holds it."""
    return bool(
        tx.value(
            f"""INSERT INTO {tx.service}_own.lease AS l (name, holder, until)
                VALUES (%(name)s, %(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
                ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
                WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
                RETURNING true""",
            {"name": name, "holder": holder, "seconds": seconds},
        )
    )


def release(tx: Transaction, name: str, holder: str) -> None:
    """End a lease before its time, so that another can take it at once."""
    tx.execute(
        f"UPDATE {tx.service}_own.lease SET until = clock_timestamp() WHERE name = %(name)s AND holder = %(holder)s",
        {"name": name, "holder": holder},
    )


def is_held(tx: Transaction, name: str, holder: str) -> bool:
    """Say whether the lease is still this holder's, and let nobody else take it until the transaction ends."""
    return bool(
        tx.value(
            f"""SELECT true FROM {tx.service}_own.lease
                WHERE name = %(name)s AND holder = %(holder)s AND until > clock_timestamp() FOR UPDATE""",
            {"name": name, "holder": holder},
        )
    )
