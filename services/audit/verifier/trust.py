"""Whose keys a verification relies on: those that the auditor pins, else those that came with what is verified."""

from __future__ import annotations

from dataclasses import dataclass

from services.audit.tlog.errors import LogError
from services.audit.tlog.keys import VerifierKey
from services.audit.tlog.policies import Policy, Witnessed
from services.audit.verifier import sources
from services.audit.verifier.verdicts import Unusable, counted, listed, moment


@dataclass(frozen=True)
class Trust:
    """A policy, and where it is from."""

    policy: Policy
    where: str
    pinned: bool

    @property
    def origin(self) -> str:
        """Say where the keys are from."""
        return f"those in {self.where}" if self.where else "the one you gave"

    def opened(self, note: bytes, what: str) -> Witnessed:
        """Return the checkpoint in a note that this policy accepts; Unusable where it does not."""
        try:
            return self.policy.check(note)
        except LogError as problem:
            raise Unusable(f"{what} cannot be relied on: {_plain(str(problem))} The keys are {self.origin}.") from None

    def said(self) -> list[str]:
        """Say whose keys were relied on, and what that is worth."""
        if self.pinned:
            return [f"The keys are {self.origin}."]
        keys = [f"  log {log.key}" for log in self.policy.logs]
        keys += [f"  witness {witness.name} {witness.key}" for witness in self.policy.witnesses]
        advice = "It proves nothing by itself: compare these keys with those you were given, or use --policy FILE."
        return [f"The keys are {self.origin}. {advice}", *keys]


def trust(policy: str | None, log: str | None, carried: bytes | None, where: str) -> Trust:
    """Return what to rely on: the policy in a file, else the one that came along, held to the key of a log if given.

    Raise Unusable where there is none, it cannot be read, or it names another log.
    """
    if policy is not None:
        found = Trust(_parsed(sources.file(policy, "The policy"), policy), policy, True)
    elif carried is not None:
        found = Trust(_parsed(carried, f"the policy in {where}"), f"the policy that came with {where}", False)
    elif log is not None:
        return Trust(_alone(log), "", True)
    else:
        raise Unusable(
            "No keys are known to check the signatures with: give --log KEY or --policy FILE (the record's own is at "
            "/audit/policy)."
        )
    return found if log is None else _held_to(found, log)


def witnesses_said(witnessed: Witnessed, trusted: Trust) -> str:
    """Say who vouches for a checkpoint, as the end of a sentence."""
    if not trusted.policy.witnesses:
        return "is signed by the log alone, for no witness is known"
    if not witnessed.cosigned:
        return "is signed by the log alone"
    of = counted(len(trusted.policy.witnesses), "witness", "witnesses")
    names = listed([f"{name} on {moment(at)}" for name, at in sorted(witnessed.cosigned.items())])
    return f"is signed by the log and co-signed by {len(witnessed.cosigned)} of {of} ({names})"


def _held_to(found: Trust, log: str) -> Trust:
    """Return the same for one log alone, by the key that was given; the witnesses' keys are what they were."""
    key = _key(log)
    logs = tuple(known for known in found.policy.logs if known.key == key)
    if not logs:
        raise Unusable(f"The key you gave, of {key.name}, is not among the logs in {found.where}.")
    policy = Policy(logs, found.policy.witnesses, found.policy.groups, found.policy.quorum)
    return Trust(policy, found.where, found.pinned or not policy.witnesses)


def _alone(log: str) -> Policy:
    return _parsed(f"log {_key(log)}\nquorum none\n".encode(), "the key you gave")


def _key(text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text.strip())
    except LogError as problem:
        raise Unusable(f"The log's key cannot be used: {problem}") from None


def _parsed(data: bytes, what: str) -> Policy:
    try:
        return Policy.parse(data)
    except LogError as problem:
        raise Unusable(f"{what[:1].upper()}{what[1:]} cannot be read: {problem}") from None


def _plain(text: str) -> str:
    return text[:1].lower() + text[1:]
