"""Free ports on loopback, kept from one start to the next."""

import json
import random
import socket
from pathlib import Path

# Below the range the kernel takes outgoing ports from (32768 on): a client's connection may not take a port between two
# starts of its server.
RANGE = range(20_000, 30_000)


def keep(path: Path, *names: str, in_use: bool = False) -> dict[str, int]:
    """A port for each name: the one noted at `path` while it is free, else another, noted there.

    `in_use` says that our own servers may hold them: what is noted then stays, taken or not.
    """
    try:
        noted = json.loads(path.read_text())
    except (OSError, ValueError):
        noted = {}
    chosen: dict[str, int] = {}
    for name in names:
        port = noted.get(name)
        chosen[name] = (
            port if isinstance(port, int) and (in_use or is_free(port)) else free(besides=set(chosen.values()))
        )
    path.write_text(json.dumps(chosen))
    return chosen


def free(besides: set[int] | None = None) -> int:
    """A port nobody listens on."""
    tries = (random.choice(RANGE) for _ in range(1000))
    return next(port for port in tries if port not in (besides or ()) and is_free(port))


def is_free(port: int) -> bool:
    """True when a server could listen on this port of loopback now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """True when somebody listens on this port of loopback."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
