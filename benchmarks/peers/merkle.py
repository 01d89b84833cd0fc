"""pymerkle measured: the same tree over the same bytes, in memory, and proofs from it."""

import random
import time
from collections.abc import Iterable

from pymerkle import InmemoryTree


def build(bodies: Iterable[bytes]) -> tuple[InmemoryTree, float]:
    """Return the tree over these entries, and the seconds it took to append them."""
    tree, begun = InmemoryTree(algorithm="sha256"), time.perf_counter()
    for body in bodies:
        tree.append_entry(body)
    return tree, time.perf_counter() - begun


def prove(tree: InmemoryTree, count: int) -> list[float]:
    """Return the seconds of each of many proofs that an entry is in the tree, sorted."""
    chance, size, found = random.Random(7), tree.get_size(), []
    for _ in range(count):
        index = chance.randrange(size) + 1
        begun = time.perf_counter()
        tree.prove_inclusion(index, size)
        found.append(time.perf_counter() - begun)
    return sorted(found)
