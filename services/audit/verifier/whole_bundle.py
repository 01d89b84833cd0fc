"""`bundle`: an evidence bundle as a whole, from the checkpoint's signatures to the last private value."""

from __future__ import annotations

from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.tiles import WIDTH
from services.audit.verifier import envelopes, sources, whole_tree
from services.audit.verifier.excuses import Excuses
from services.audit.verifier.kept_values import KeptValues
from services.audit.verifier.private_values import MARK, Counts, check
from services.audit.verifier.sequences import Sequences
from services.audit.verifier.sources import Missing, Source
from services.audit.verifier.succession import Successions
from services.audit.verifier.trust import Trust, trust, witnesses_said
from services.audit.verifier.verdicts import Good, Tampered, Unusable, counted
from services.audit.verifier.whole_tree import Progress


class Contents:
    """What the entries of a bundle say, as far as it has to be right."""

    def __init__(self, origin: str, kept: Checkpoint | None) -> None:
        self.counts, self.sequences, self.successions = Counts(), Sequences(), Successions(origin, kept)


def verified(place: str, policy: str | None, log: str | None, kept: str | None, progress: Progress) -> Good:
    """Verify a bundle; raise Tampered or Unusable."""
    source = sources.bundle(place)
    try:
        note, carried = source.read("checkpoint"), source.read("policy")
    except Missing as problem:
        raise Unusable(f"{problem} It is no evidence bundle, or not a whole one.") from None
    trusted = trust(policy, log, carried, "the bundle")
    witnessed = trusted.opened(note, "The checkpoint of the bundle")
    mine = None if kept is None else kept_checkpoint(kept, trusted)
    try:
        contents = _check(source, witnessed.checkpoint, mine, progress)
    except Missing as problem:
        raise Unusable(f"{problem} Without it the bundle is not whole: ask for it again.") from None
    sentence = (
        f"The bundle is whole: {_entries(witnessed.checkpoint)} of the record {witnessed.checkpoint.origin} are "
        f"exactly those of its checkpoint, which {witnesses_said(witnessed, trusted)}; {contents.counts.said()}."
    )
    return Good(sentence, [*_notes(witnessed.checkpoint, mine, contents), *trusted.said()])


def kept_checkpoint(path: str, trusted: Trust) -> Checkpoint:
    """Read the checkpoint that an auditor kept: the three lines alone, or with the signatures below them."""
    data = sources.file(path, "The checkpoint")
    if b"\n\n" in data:
        return trusted.opened(data, f"The checkpoint in {path}").checkpoint
    try:
        return Checkpoint.parse(b"".join(line.strip() + b"\n" for line in data.strip().splitlines()))
    except LogError as problem:
        raise Unusable(f"{path} holds no checkpoint: {problem}") from None


def _check(source: Source, checkpoint: Checkpoint, kept: Checkpoint | None, progress: Progress) -> Contents:
    marks = [kept] if kept and kept.origin == checkpoint.origin else []
    for mark in marks:
        if mark.size > checkpoint.size:
            raise Tampered(
                checkpoint.size,
                f"it is missing: you kept a checkpoint of {counted(mark.size, 'entry', 'entries')}, and this bundle "
                f"has {checkpoint.size:,}. Was it made before you kept yours? Then ask for a newer one.",
            )
    excuses = whole_tree.check(source, checkpoint, marks, lambda done, of: progress(done, 2 * of))
    contents = Contents(checkpoint.origin, kept)
    _read(source, checkpoint, excuses, contents, lambda done, of: progress(of + done, 2 * of))
    return contents


def _read(source: Source, checkpoint: Checkpoint, excuses: Excuses, contents: Contents, progress: Progress) -> None:
    """Read every entry, in order, and hold it to the rules."""
    kept = KeptValues(source)
    for n, width in whole_tree.widths(checkpoint.size):
        for index, entry in enumerate(whole_tree.entries(source, n, width), start=n * WIDTH):
            event = envelopes.read(index, entry)
            contents.sequences.take(index, event)
            contents.successions.take(index, event, entry)
            if MARK in entry:
                check(index, event, kept.of(index), excuses, contents.counts)
        progress(n * WIDTH + width, checkpoint.size)
    kept.end()
    contents.successions.end()


def _entries(checkpoint: Checkpoint) -> str:
    if checkpoint.size == 0:
        return "no entries"
    return "its one entry" if checkpoint.size == 1 else f"all {checkpoint.size:,} entries"


def _notes(checkpoint: Checkpoint, kept: Checkpoint | None, contents: Contents) -> list[str]:
    notes = ["Keep these three lines:", *checkpoint.text().decode().splitlines()[:3]]
    if kept and kept.origin == checkpoint.origin:
        size = counted(kept.size, "entry", "entries")
        notes.append(f"It begins with the {size} of the checkpoint you kept, unchanged.")
    notes += contents.successions.notes
    if contents.sequences.gaps:
        missing = contents.sequences.still_missing()
        what = f"{counted(missing, 'event')} never came" if missing else "all of them came late"
        places = ", ".join(f"{index:,}" for index in contents.sequences.gaps[:10])
        notes.append(f"The record itself declares events missing in {places}; {what}.")
    return notes
