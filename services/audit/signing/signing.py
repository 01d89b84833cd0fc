"""Signing, step by step, in the one order in which a crash between any two of them costs nothing.

Prove that the committed head continues what the head file says; write what an auditor needs to check it; write the
head file; and only then sign. So nothing that was signed is ever ahead of the folder, which is not in the database
and is not rolled back with it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services.audit.signing.checkpoints import Signed
from services.audit.signing.durable import lasting
from services.audit.signing.identity import Identity
from services.audit.signing.log_folder import LogFolder
from services.audit.tlog import tiles, tree
from services.audit.tlog.checkpoints import Checkpoint, opened, signed
from services.audit.tlog.errors import LogError
from services.audit.tlog.proofs import Nodes
from services.audit.tlog.tiles import HEIGHT, WIDTH

AT_ONCE = 64 * WIDTH  # leaf hashes read at once

Leaves = Callable[[int, int], Iterable[bytes]]
"""The leaf hashes that the database keeps of the entries from the first number up to the second."""
Rows = Callable[[int, int], Sequence[tuple[bytes, bytes]]]
"""The same with the entries themselves: (bytes, leaf hash)."""


class RefusesToSign(Exception):
    """The log is not what was signed before, or cannot be shown to be. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The log as the database has it: the committed head, and the newest checkpoint that we signed."""

    head: Checkpoint
    signed: Signed | None

    @property
    def is_new(self) -> bool:
        """Say whether there are entries that no checkpoint of ours covers."""
        return self.head.size > (self.signed.size if self.signed else 0)


def check_identity(identity: Identity, noted: Checkpoint | None, newest: Signed | None) -> None:
    """Refuse where this log is, by its name or by its key, another than the one that was signed so far."""
    if noted and noted.origin != identity.origin:
        raise RefusesToSign(
            f"The origin was changed: the head file says {noted.origin}, COUNTERSIGN_LOG_ORIGIN says {identity.origin}."
            " A log keeps its name for as long as it lives: set it back, or give the new log a folder of its own."
        )
    if newest is None:
        return
    try:
        opened(newest.note, identity.key.verifier)
    except LogError as problem:
        raise RefusesToSign(
            f"The log's key was changed: it has not signed the newest checkpoint, of {newest.size:,} entries "
            f"({problem}) Bring back log-key.pem; a key that is lost ends the log, `countersign audit succeed` "
            "opens its successor."
        ) from None


def check_heads(folder: LogFolder, noted: Checkpoint | None, standing: Standing) -> None:
    """Refuse where the database is behind what was signed, or has other entries."""
    head, newest = standing.head, standing.signed
    if noted and noted.size > head.size:
        raise RefusesToSign(
            f"The head file is ahead of the database: {folder.path}/head says {noted.size:,} entries, and there are "
            f"{head.size:,}. The database was brought back from an older copy, or the folder is another log's. "
            f"`countersign audit recover --from {folder.path}` brings the entries back."
        )
    if noted and noted.size == head.size and noted.root != head.root:
        raise RefusesToSign(
            f"The database has {head.size:,} entries, as many as the head file, with another root: entries that were "
            "signed have been changed. `countersign audit verify` finds out which; nothing is signed on top of them."
        )
    if newest and newest.size > head.size:
        raise RefusesToSign(
            f"The database has {head.size:,} entries, and a checkpoint over {newest.size:,}: entries were removed. "
            f"`countersign audit recover --from {folder.path}` brings back what the folder has of them."
        )


def prove(folder: LogFolder, noted: Checkpoint | None, standing: Standing, leaves: Leaves) -> tree.Frontier:
    """Return the frontier of the tree in the head file, once the committed head is shown to continue it.

    The old part is taken from the folder, and only what came since from the database: so roots agree only where the
    one tree begins with the other. A checkpoint that the folder does not know yet (it is new) is held against, too.
    """
    old = noted.size if noted else 0
    before = _frontier(old, folder.nodes(old))
    if noted and tree.root(before) != noted.root:
        raise RefusesToSign(
            f"The hash tiles in {folder.public} do not lead to the root in the head file beside them: the folder is "
            "damaged. Bring it back from its copy, or move it away and let the signer make it anew."
        )
    frontier, at = before, old
    promises = [promise for promise in (standing.signed, standing.head) if promise and promise.size >= old]
    for promise in promises:
        for first in range(at, promise.size, AT_ONCE):
            frontier, _ = tree.append(first, frontier, leaves(first, min(first + AT_ONCE, promise.size)))
        at = promise.size
        if tree.root(frontier) != promise.root:
            raise RefusesToSign(
                f"The database does not continue what was signed: after the {old:,} entries of the head file, its own "
                f"do not lead to the root {_of(promise, standing)}, of {at:,}. `countersign audit verify` finds what "
                "was changed."
            )
    return before


def keep(folder: LogFolder, old: int, frontier: tree.Frontier, head: Checkpoint, rows: Rows) -> None:
    """Write bundles and hash tiles of the entries from `old` on, so that they last; `frontier` is that of `old`."""
    with lasting() as write:
        fresh: dict[tuple[int, int], bytes] = {}
        known = folder.nodes(old)
        for n in range(old // WIDTH, -(-head.size // WIDTH)):
            first, end = n * WIDTH, min((n + 1) * WIDTH, head.size)
            entries, hashes = _checked(first, rows(first, end))
            since = max(old, first)
            _check_beginning(hashes, first, since, known)
            frontier, complete = tree.append(since, frontier, hashes[since - first :])
            fresh |= {(level, index): hash for level, index, hash in complete if level % HEIGHT == 0}
            folder.keep_bundle(write, n, entries)
            folder.keep_tile(write, 0, n, hashes)
        if tree.root(frontier) != head.root:
            raise RefusesToSign("Entries were changed while they were read. Nothing is signed.")
        for level, n, width in tiles.new_tiles(old, head.size):
            if level:
                places = ((HEIGHT * level, n * WIDTH + i) for i in range(width))
                folder.keep_tile(write, level, n, [fresh.get(place) or known(*place) for place in places])


def keep_head(folder: LogFolder, head: Checkpoint) -> None:
    """Write the head file: from here on this head may be signed, and none that it does not continue."""
    folder.keep_head(head)


def sign(identity: Identity, head: Checkpoint) -> bytes:
    """Sign a head; return the note."""
    return signed(head, identity.key).encode()


def _frontier(size: int, nodes: Nodes) -> tree.Frontier:
    levels = (level for level in reversed(range(size.bit_length())) if size >> level & 1)
    return tuple(nodes(level, (size >> level) - 1) for level in levels)


def _checked(first: int, rows: Sequence[tuple[bytes, bytes]]) -> tuple[list[bytes], list[bytes]]:
    """Return the entries and their leaf hashes, the bytes held against the hashes."""
    for idx, (body, leaf) in enumerate(rows, first):
        if tree.leaf(body) != leaf:
            raise RefusesToSign(f"Entry {idx:,}: its bytes are not those that were hashed when it was entered.")
    return [body for body, _ in rows], [leaf for _, leaf in rows]


def _check_beginning(hashes: Sequence[bytes], first: int, since: int, known: Nodes) -> None:
    """Hold what stands in a tile before the new entries against the folder."""
    for idx in range(first, since):
        if hashes[idx - first] != known(0, idx):
            raise RefusesToSign(
                f"Entry {idx:,} was changed after it was signed: its leaf hash is not the one in the log folder."
            )


def _of(promise: Signed | Checkpoint, standing: Standing) -> str:
    return "in the head" if promise is standing.head else "of the newest checkpoint"
