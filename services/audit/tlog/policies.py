"""Policy files (C2SP tlog-policy): which logs are known, and whose cosignatures make a checkpoint good enough."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.audit.tlog import strict
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.cosignatures import time_of
from services.audit.tlog.errors import Unproven, Unreadable
from services.audit.tlog.notes import COSIGNATURE, Note, VerifierKey

NONE = "none"
MAX_BYTES = 1_000_000  # of a policy file; 32 logs and 32 witnesses with keys of ML-DSA need an eighth of it
_COSIGNING = (COSIGNATURE, 0x06)  # 0x06 is ML-DSA-44
_FORBIDDEN = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")
_WHITE = re.compile("[ \t]+")


@dataclass(frozen=True)
class Log:
    """A known log; its key's name is its origin."""

    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class Witness:
    """A known witness, under the name it has in this policy."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True)
class Group:
    """Witnesses and groups of which `threshold` at least must have witnessed a checkpoint for the group to have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Witnessed:
    """A checkpoint found good under a policy, and when each of the policy's witnesses cosigned it (seconds, POSIX)."""

    checkpoint: Checkpoint
    note: Note
    cosigned: dict[str, int]


@dataclass(frozen=True)
class Policy:
    """Logs, witnesses, groups in the order of their lines, and the name that must have witnessed: the quorum."""

    logs: tuple[Log, ...]
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read a policy file. Its names are octets: those that are no UTF-8 are kept as surrogate escapes."""
        if len(data) > MAX_BYTES:
            raise Unreadable(f"The policy has {len(data)} bytes; more than {MAX_BYTES} are not read.")
        if forbidden := _FORBIDDEN.search(data):
            before = data.count(b"\n", 0, forbidden.start())
            raise Unreadable(f"Line {before + 1} of the policy contains a control character.")
        if data and not data.endswith(b"\n"):
            raise Unreadable("The policy does not end with a newline.")
        reading = _Reading()
        for number, line in enumerate(data[:-1].decode("utf-8", "surrogateescape").split("\n"), start=1):
            try:
                reading.take(line)
            except Unreadable as problem:
                raise Unreadable(f"Line {number} of the policy: {problem}") from None
        return reading.policy()

    def check(self, note: bytes) -> Witnessed:
        """Return the checkpoint in a note that one of the logs signed and the quorum cosigned; Unproven otherwise.

        A cosignature of the future counts like any other: there is no clock here.
        """
        read = Note.parse(note)
        checkpoint = Checkpoint.parse(read.text)
        logs = {log.key for log in self.logs if log.key.name == checkpoint.origin}
        witnesses = {witness.key: witness.name for witness in self.witnesses}
        signed = read.signed_by({*logs, *witnesses})
        if not any(key in logs for key, _ in signed):
            raise Unproven(f"No log of the policy has signed this checkpoint of {strict.shown(checkpoint.origin)}.")
        cosigned: dict[str, int] = {}
        for key, signature in signed:
            if key in witnesses:
                name, at = witnesses[key], time_of(signature)
                cosigned[name] = max(at, cosigned.get(name, at))
        if not self.quorum_of(cosigned):
            who = ", ".join(map(strict.shown, cosigned)) or "nobody"
            raise Unproven(f"The quorum {strict.shown(self.quorum)} is missing: {who} has cosigned.")
        return Witnessed(checkpoint, read, cosigned)

    def quorum_of(self, names: Iterable[str]) -> bool:
        """Say whether these witnesses, by their names in the policy, are enough."""
        met = {NONE, *({witness.name for witness in self.witnesses} & set(names))}
        for group in self.groups:  # in the order of the file, so members come before those that they belong to
            if sum(member in met for member in group.members) >= group.threshold:
                met.add(group.name)
        return self.quorum in met


class _Reading:
    """A policy as far as its lines have been read."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self.names: set[str] = set()
        self.members: set[str] = set()

    def take(self, line: str) -> None:
        word, *items = _WHITE.split(line.strip(" \t"))
        if not word or word.startswith("#"):
            return
        kinds = {"log": self._log, "witness": self._witness, "group": self._group, "quorum": self._quorum}
        if word not in kinds:
            raise Unreadable(f"it begins with {strict.shown(word)}, and not with log, witness, group or quorum.")
        kinds[word](items)

    def policy(self) -> Policy:
        if self.quorum is None:
            raise Unreadable("The policy has no quorum line; without witnesses it is `quorum none`.")
        return Policy(tuple(self.logs), tuple(self.witnesses), tuple(self.groups), self.quorum)

    def _log(self, items: list[str]) -> None:
        if not 1 <= len(items) <= 2:
            raise Unreadable("a log has a key and perhaps an address.")
        key = VerifierKey.parse(items[0])
        if key.kind == COSIGNATURE:
            raise Unreadable("this is the key of a witness; it cosigns, and a log signs.")
        if key.public in {log.key.public for log in self.logs}:
            raise Unreadable("this key of a log was given before.")
        self.logs.append(Log(key, *items[1:]))

    def _witness(self, items: list[str]) -> None:
        if not 2 <= len(items) <= 3:
            raise Unreadable("a witness has a name, a key and perhaps an address.")
        key = VerifierKey.parse(items[1])
        if key.kind not in _COSIGNING:
            raise Unreadable("this is no key that cosigns, as a witness does.")
        if key.public in {witness.key.public for witness in self.witnesses}:
            raise Unreadable("this key of a witness was given before.")
        self.witnesses.append(Witness(self._new(items[0]), key, *items[2:]))

    def _group(self, items: list[str]) -> None:
        if len(items) < 3:
            raise Unreadable("a group has a name, how many of its members are needed, and one member at least.")
        name, needed, *members = items
        for member in members:
            if member not in self.names:
                raise Unreadable(f"no line before defines {strict.shown(member)}.")
            if member in self.members:
                raise Unreadable(f"{strict.shown(member)} belongs to a group already.")
            self.members.add(member)
        threshold = {"any": 1, "all": len(members)}.get(needed) or strict.number(needed, "the number needed")
        if not 1 <= threshold <= len(members):
            raise Unreadable(f"{threshold} of {len(members)} members cannot be what is needed.")
        self.groups.append(Group(self._new(name), threshold, tuple(members)))

    def _quorum(self, items: list[str]) -> None:
        if self.quorum is not None:
            raise Unreadable("the quorum was given before.")
        if len(items) != 1:
            raise Unreadable("the quorum is one name: of a witness, of a group, or none.")
        if items[0] not in {NONE, *self.names}:
            raise Unreadable(f"no line before defines {strict.shown(items[0])}.")
        self.quorum = items[0]

    def _new(self, name: str) -> str:
        if name == NONE or name in self.names:
            raise Unreadable(f"the name {strict.shown(name)} is taken.")
        self.names.add(name)
        return name
