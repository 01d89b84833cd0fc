"""The log at 10,000 and 1,000,000 entries: appending, verifying, proving, replaying, reading a page."""

import json
import os
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from benchmarks.long import LongLog, long_log
from benchmarks.peers import merkle, sourcing
from benchmarks.rows import Row, row
from services.audit.reading import replaying
from services.audit.telling import timeline
from services.audit.telling.timeline import Wish
from services.audit.tlog import tree
from services.audit.verification import verify
from services.audit.vouching import proving
from services.kernel import db
from services.kernel.events import Actor
from services.kernel.ids import new_id

SMALL = 10_000
BOOKED = 100_000  # pages are read where the directory has kept up, which takes its time for a million
LARGE = int(os.environ.get("COUNTERSIGN_BENCH_ENTRIES", "1000000"))
ALL = "true"
OF_DESIGNS = """type LIKE 'catalogue.draft.%' OR type LIKE 'catalogue.credential.%'
                OR (type LIKE 'codesign.%' AND type NOT LIKE 'codesign.message.%')"""
ASKED = 1000  # proofs whose time is taken
GROWTH = 1.25
IN_MEMORY = "all in memory, on both sides"

Answer = TypeVar("Answer")


Costs = Sequence[float]
"""The sorted seconds of one kind of act, at one size."""


@dataclass(frozen=True, slots=True)
class Growing:
    """What should cost about the same in a long log as in a short one."""

    proofs: Costs
    pages: Costs


def rows() -> list[Row]:
    """Grow a log to the small and to the large size, and measure at both."""
    appended, replayed = sourcing.measured()
    with long_log() as log:
        log.grow(SMALL)
        small = Growing(_proofs(), _pages())
        log.grow(BOOKED)
        pages = _pages()
        log.grow(LARGE, booked=False)
        large = Growing(_proofs(), pages)
        bodies = _bodies(ALL)
        tree_of_peer, built = merkle.build(bodies)
        proved = merkle.prove(tree_of_peer, ASKED)
        del tree_of_peer
        return [
            _append(log, appended),
            *_verify(bodies, built),
            _prove(large, proved),
            _replay(len(bodies), replayed),
            *_growth(log, small, large),
        ]


def _append(log: LongLog, peer: float) -> Row:
    what = f"append at {LARGE:,} entries: judge, hash, commit"
    return row(what, "entries/s", log.appending[LARGE], "", None, peers={"eventsourcing, one a save": peer})


def _verify(bodies: Sequence[bytes], peer: float) -> list[Row]:
    with verify.connect() as connection:
        ours, found = _timed(lambda: verify.verify(connection, lambda *_: None))
    floor, _ = _timed(lambda: [sha256(body).digest() for body in bodies])
    alone, root = _timed(lambda: tree.root(tree.append(0, (), map(tree.leaf, bodies))[0]))
    assert (found.size, found.root) == (len(bodies), root)
    peers, what = {"pymerkle, the tree": peer}, f"verify {LARGE:,} entries and every column"
    target, met = "<= 15 s, >= 1.5 x pymerkle", ours <= 15 and peer >= 1.5 * ours
    return [
        row(what, "s", ours, target, met, floor=floor, peers=peers),
        row(
            "the tree of it alone",
            "s",
            alone,
            ">= 4 x pymerkle",
            peer >= 4 * alone,
            floor=floor,
            peers=peers,
            note=IN_MEMORY,
        ),
    ]


def _prove(large: Growing, peer: Sequence[float]) -> Row:
    ours = _at(large.proofs, 0.99)
    what = f"inclusion proof at {LARGE:,} entries, p99"
    return row(what, "ms", 1000 * ours, "<= 5 ms", ours <= 0.005, peers={"pymerkle, in memory": 1000 * _at(peer, 0.99)})


def _replay(size: int, peer: float) -> Row:
    """Hold making designs and consultations again against decoding the very events that tell of them, and no more."""
    bodies = _bodies(OF_DESIGNS)
    with verify.connect() as connection:
        seconds, misfits = _timed(lambda: sum(len(one.misfits) for one in replaying.replay(connection, size)))
    assert misfits == 0
    decoded, _ = _timed(lambda: deque(map(json.loads, bodies), maxlen=0))
    what, target = f"replay of {len(bodies):,} events of designs, of {size:,}", ">= 0.25 of decoding alone"
    ours, floor = len(bodies) / seconds, len(bodies) / decoded
    return row(what, "events/s", ours, target, ours >= 0.25 * floor, floor=floor, peers={"eventsourcing": peer})


def _growth(log: LongLog, small: Growing, large: Growing) -> list[Row]:
    """Say what each act costs at the large size, as a multiple of what it costs at the small one."""
    found = {
        (LARGE, "append"): log.appending[SMALL] / log.appending[LARGE],
        (LARGE, "proof, p50"): _at(large.proofs, 0.5) / _at(small.proofs, 0.5),
        (BOOKED, "page of the timeline, p50"): _at(large.pages, 0.5) / _at(small.pages, 0.5),
    }
    target = f"<= {GROWTH} x"
    return [
        row(f"growth from {SMALL:,} to {size:,} entries: {act}", "x", grown, target, grown <= GROWTH)
        for (size, act), grown in found.items()
    ]


def _proofs() -> Costs:
    chance, size = random.Random(7), timeline.record().size

    def proof() -> None:
        with db.of("audit").transaction(read_only=True) as tx:
            proving.inclusion(tx, chance.randrange(size), size)

    return _times(proof, ASKED)


def _pages() -> Costs:
    """Read pages of the timeline as an auditor, anywhere in the record."""
    chance, size = random.Random(7), timeline.record().size
    auditor = Actor(new_id(), new_id(), frozenset({"auditor"}))
    return _times(lambda: timeline.timeline(auditor, Wish(), chance.randrange(100, size), 50), ASKED // 5)


def _times(act: Callable[[], object], count: int) -> Sequence[float]:
    for _ in range(20):  # what is prepared at the first is not what is measured
        act()
    return sorted(_timed(act)[0] for _ in range(count))


def _timed(act: Callable[[], Answer]) -> tuple[float, Answer]:
    begun = time.perf_counter()
    found = act()
    return time.perf_counter() - begun, found


def _at(times: Sequence[float], part: float) -> float:
    return times[int(len(times) * part)]


def _bodies(which: str) -> Sequence[bytes]:
    with verify.connect() as connection, connection.cursor("bodies", binary=True) as cursor:
        cursor.itersize = 10_000
        cursor.execute(f"SELECT body FROM entry WHERE {which} ORDER BY idx".encode())
        return [body for (body,) in cursor]
