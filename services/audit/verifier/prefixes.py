"""`consistency`: that the log of a newer checkpoint begins with all of an older one's."""

from __future__ import annotations

from services.audit.tlog import proofs, tiles
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError, Unproven
from services.audit.verifier import sources
from services.audit.verifier.sources import Source
from services.audit.verifier.trust import trust
from services.audit.verifier.verdicts import Good, Tampered, Unusable, counted
from services.audit.verifier.whole_bundle import kept_checkpoint
from services.audit.verifier.whole_tree import read_tile


def verified(old: str, new: str, place: str | None, policy: str | None, log: str | None) -> Good:
    """Verify that one checkpoint continues another; raise Tampered or Unusable."""
    source = None if place is None else sources.source(place)
    carried = None if source is None or policy else _policy_of(source)
    trusted = trust(policy, log, carried, place or "")
    before, after = kept_checkpoint(old, trusted), kept_checkpoint(new, trusted)
    check(before, after, source)
    sentence = (
        f"The record {after.origin} of {counted(after.size, 'entry', 'entries')} begins with the "
        f"{counted(before.size, 'entry', 'entries')} of the older checkpoint, unchanged."
    )
    return Good(sentence, trusted.said())


def check(before: Checkpoint, after: Checkpoint, source: Source | None) -> None:
    """Check that a tree continues another; raise Tampered where it does not, Unusable where nothing can be said."""
    if before.origin != after.origin:
        raise Unusable(f"These are checkpoints of two records, {before.origin} and {after.origin}.")
    if before.size > after.size:
        raise Unusable(f"The older one has {before.size:,} entries and the newer {after.size:,}: give the older first.")
    if before.size == after.size:
        if before.root != after.root:
            raise Tampered(None, f"There are two records of {before.size:,} entries: somebody is shown another one.")
        return
    if before.size == 0:
        raise Unusable("The older checkpoint is of an empty record, which every record continues: it proves nothing.")
    if source is None:
        raise Unusable("The hashes between them are needed: say where with --tiles (a bundle, a folder or an address).")
    nodes = tiles.nodes(lambda level, n, width: read_tile(source, level, n, width), after.size)
    try:
        if proofs.root(after.size, nodes) != after.root:
            raise Tampered(None, f"The hashes of {source.where} do not lead to the newer checkpoint.")
        path = proofs.consistency(before.size, after.size, nodes)
        proofs.check_consistency(before.size, after.size, path, before.root, after.root)
    except Unproven:
        raise Tampered(
            None, f"The first {before.size:,} entries are not those of the older checkpoint: the record was rewritten."
        ) from None
    except LogError as problem:
        raise Unusable(f"The hashes of {source.where} cannot be used: {problem}") from None


def _policy_of(source: Source) -> bytes | None:
    try:
        return source.read("policy")
    except sources.Missing:
        return None
