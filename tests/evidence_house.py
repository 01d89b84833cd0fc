"""A record of a test's own, made without servers: what is said is an entry at once; bundles and proofs are of it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.audit.evidence import targets
from services.audit.evidence.tiling import Tiling
from services.audit.tlog import proofs, tree
from services.audit.tlog.checkpoints import Checkpoint, signed
from services.audit.tlog.cosignatures import cosign
from services.audit.tlog.notes import COSIGNATURE, ED25519, Note, SigningKey
from services.audit.tlog.proof_files import ProofFile
from services.audit.tlog.tiles import WIDTH
from services.kernel import ids
from services.kernel.documents import canonical
from services.kernel.events import SYSTEM, Actor, Event
from tests.said import Speaker

ORIGIN = "countersign.test/log"

Verify = Callable[..., tuple[int, str]]
"""Runs the tool with words of a command line; returns its exit code and all that it said."""


@dataclass
class Evidence:
    """Entries with their private values, the keys of a log and of its witnesses, and when they last co-signed."""

    origin: str = ORIGIN
    speaker: Speaker = field(default_factory=Speaker)
    entries: list[bytes] = field(default_factory=list)
    private: list[dict[str, Any]] = field(default_factory=list)
    witnesses: Sequence[str] = ("north",)
    cosigned: int = field(default_factory=lambda: int(time.time()))

    def __post_init__(self) -> None:
        self.key = SigningKey.generate(self.origin, ED25519)
        self.keys = {name: SigningKey.generate(f"witness.example/{name}", COSIGNATURE) for name in self.witnesses}

    # what is said

    def says(
        self, type: str, subject: str, data: Mapping[str, Any], by: Actor = SYSTEM, *, checked: bool = True
    ) -> Event:
        """Say an event, and enter it with its private values."""
        return self.enters(self.speaker.say(type, subject, data, by, checked=checked))

    def enters(self, event: Event) -> Event:
        """Enter an event."""
        for value in event.private:
            kept = {"entry": len(self.entries), "pointer": value.pointer, "value": canonical(value.value).decode()}
            self.private.append(kept | {"salt": value.salt, "person": value.person})
        self.entries.append(event.body)
        return event

    def ticks(self, count: int, subject: str = "a clock") -> None:
        """Enter so many events that say nothing in confidence."""
        for event in self.speaker.ticks(subject, count):
            self.enters(event)

    def recalls(self, by: Actor, reason: str = "Because", subject: str = "a draft") -> Event:
        """Say something with a reason given in confidence."""
        data = {"draft": ids.new_id(), "version": 1, "submission": ids.new_id(), "reason": reason}
        return self.says("catalogue.draft.recalled.v1", subject, data, by)

    def forgets(self, event: Event) -> None:
        """Let the private values of an event go, as an erasure does."""
        entry = self.entries.index(event.body)
        self.private = [one for one in self.private if one["entry"] != entry]

    # what it comes to

    @property
    def policy(self) -> bytes:
        """The log's key and the witnesses', all of whom have to sign."""
        lines = [f"log {self.key.verifier}", *(f"witness {name} {key.verifier}" for name, key in self.keys.items())]
        group = [f"group all all {' '.join(self.keys)}", "quorum all"] if self.keys else ["quorum none"]
        return "".join(f"{line}\n" for line in [*lines, *group]).encode()

    def nodes(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree."""
        part = self.entries[index << level : (index + 1) << level]
        return tree.root(tree.append(0, (), map(tree.leaf, part))[0])

    def three(self, size: int | None = None) -> Checkpoint:
        """The checkpoint of the first entries, of all where no size is given."""
        size = len(self.entries) if size is None else size
        return Checkpoint(self.origin, size, proofs.root(size, self.nodes))

    def checkpoint(self, size: int | None = None, *, at: int | None = None) -> bytes:
        """The same, signed and co-signed."""
        note = signed(self.three(size), self.key)
        when = self.cosigned if at is None else at
        cosignatures = (cosign(note.text, key, when) for key in self.keys.values())
        return Note(note.text, (*note.signatures, *cosignatures)).encode()

    def proof(self, idx: int, size: int | None = None, **more: Any) -> bytes:
        """The proof file of an entry, with its private values."""
        size = len(self.entries) if size is None else size
        values = [{k: one[k] for k in ("pointer", "value", "salt")} for one in self.private if one["entry"] == idx]
        extra = {"entry": base64.b64encode(self.entries[idx]).decode(), "private": values} | more
        path = proofs.inclusion(idx, size, self.nodes)
        return ProofFile(idx, tuple(path), self.checkpoint(size), json.dumps(extra).encode()).encode()

    def bundle(self, place: Path, size: int | None = None) -> Path:
        """Write the evidence bundle, a folder or a zip; without the report and the tool."""
        size = len(self.entries) if size is None else size
        with targets.made(place) as target:
            tiling = Tiling(target.write)
            for first in range(0, size, WIDTH):
                part = self.entries[first : min(first + WIDTH, size)]
                tiling.add(part, [tree.leaf(entry) for entry in part])
            tiling.end()
            rows = [json.dumps(one).encode() for one in self.private if one["entry"] < size]
            target.write("private.json", b"[" + b",".join(b"\n" + row for row in rows) + b"\n]\n")
            target.write("checkpoint", self.checkpoint(size))
            target.write("policy", self.policy)
        return place
