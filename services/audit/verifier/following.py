"""`follow`: a log in use, watched from outside; what was seen last is kept in a folder of the auditor's own."""

from __future__ import annotations

import os
import tempfile
import time
from dataclasses import dataclass

from services.audit.tlog.policies import Policy, Witnessed
from services.audit.verifier import prefixes
from services.audit.verifier.sources import LIMIT, Site
from services.audit.verifier.trust import Trust, trust
from services.audit.verifier.verdicts import Good, Tampered, Unusable, counted, moment

STALE = 150  # seconds since the newest cosignature: an idle log is co-signed again every 60
CHECKPOINT, POLICY = "checkpoint", "policy"


class Alarm(Tampered):
    """Nothing was found changed, but something is not as it has to be, and somebody should look."""

    def __init__(self, what: str) -> None:
        super().__init__(None, what)


@dataclass(frozen=True)
class Kept:
    """The folder of what was seen last: the newest checkpoint that was proved, and the policy it was held to."""

    folder: str

    def read(self, name: str) -> bytes | None:
        """Return what was kept under a name, None where nothing was."""
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return file.read(LIMIT)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise Unusable(f"{self.folder} cannot be read: {problem.strerror}.") from None

    def write(self, name: str, data: bytes) -> None:
        """Keep something under a name, in the place of what was there: all of it or nothing."""
        try:
            os.makedirs(self.folder, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(file.name, os.path.join(self.folder, name))
        except OSError as problem:
            raise Unusable(
                f"{self.folder} cannot be written: {problem.strerror}. Choose another: --keep DIR."
            ) from None


def looked(address: str, folder: str, policy: str | None, log: str | None) -> Good:
    """Look once: prove what is shown now to continue what was seen last, keep it, and judge how fresh it is.

    Raise Tampered where it is another record, Alarm where it is not fresh, Unusable where it cannot be read.
    """
    site, kept = Site(address), Kept(folder)
    trusted = _trust(site, kept, policy, log)
    note = site.read(CHECKPOINT)
    now = trusted.opened(note, f"The checkpoint at {address}")
    last = kept.read(CHECKPOINT)
    before = None if last is None else trusted.opened(last, f"The checkpoint kept in {folder}")
    try:
        said = _compared(site, before, now)
    except Tampered:
        kept.write(f"evidence-{now.checkpoint.size}-{now.checkpoint.root.hex()[:16]}", note)
        raise
    if before is None or now.checkpoint.size >= before.checkpoint.size:
        kept.write(CHECKPOINT, note)
    fresh = _fresh(trusted.policy, now)
    return Good(f"{said} {fresh}", [] if before else trusted.said())


def _trust(site: Site, kept: Kept, policy: str | None, log: str | None) -> Trust:
    """Return the policy given, else the one kept, else the record's own, which is kept from now on."""
    if policy is not None:
        return trust(policy, log, None, "")
    known = kept.read(POLICY)
    offered = site.read(POLICY) if known is None else known
    found = trust(None, log, offered, site.address if known is None else f"{kept.folder}, where it was kept")
    if known is None:
        kept.write(POLICY, offered)
    return found


def _compared(site: Site, before: Witnessed | None, now: Witnessed) -> str:
    new = now.checkpoint
    if before is None:
        size = counted(new.size, "entry", "entries")
        return f"This is the first look at {new.origin}: its checkpoint of {size} is kept."
    old = before.checkpoint
    if new.origin == old.origin and new.size < old.size:
        if _newest(now) <= _newest(before) and now.cosigned:
            sizes = f"of {new.size:,} entries, and you have seen {old.size:,}"
            raise Alarm(f"{site.address} shows an older checkpoint, {sizes}.")
        raise Tampered(new.size, f"it is missing: you have seen {old.size:,} entries, and now there are {new.size:,}.")
    if old.size:
        prefixes.check(old, new, site)
    grown = new.size - old.size
    return (
        f"{new.origin} has {counted(new.size, 'entry', 'entries')}, {grown:,} more than at the last look, and begins "
        f"with the {old.size:,} seen before, unchanged."
        if grown
        else f"{new.origin} has {counted(new.size, 'entry', 'entries')}, the same as at the last look."
    )


def _fresh(policy: Policy, now: Witnessed) -> str:
    if not policy.witnesses:
        return "How fresh that is cannot be said, for no witness is known."
    if not now.cosigned:
        raise Alarm("No witness has co-signed the checkpoint that is shown: it may be shown to you alone.")
    newest = _newest(now)
    age = int(time.time()) - newest
    if age > STALE:
        raise Alarm(
            f"The newest cosignature is of {moment(newest)}, {age:,} seconds ago, and {STALE} are the most: what is "
            "shown may be an old state, or the log or its witnesses stand still."
        )
    return f"The newest cosignature is {counted(max(age, 0), 'second')} old."


def _newest(witnessed: Witnessed) -> int:
    return max(witnessed.cosigned.values(), default=0)
