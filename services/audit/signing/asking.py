"""Asking one witness for its cosignature: the log's side of C2SP tlog-witness, over HTTP."""

import time
from dataclasses import dataclass, field

import requests

from services.audit.tlog import proofs, witnessing
from services.audit.tlog.checkpoints import Checkpoint
from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import Note
from services.audit.tlog.policies import Witness
from services.audit.tlog.proofs import Nodes
from services.audit.tlog.witnessing import Request

CONNECT, READ, WHOLE = 3.0, 5.0, 10.0  # seconds: to be connected, to hear something more, for the whole answer
LARGEST_ANSWER = 16 * 1024  # bytes; a few signature lines
TRIES = 3  # for one cosignature: another signer may have been there in between


class Away(Exception):
    """The witness does not co-sign now; asked later, it may. The message says why."""


class Conflict(Exception):
    """The witness has co-signed what this log does not continue: a fork, or a log that was rolled back.

    Nothing heals it: that is what witnesses are for. The message says what to do.
    """


@dataclass(slots=True)
class Asking:
    """A witness of the policy that has an address, and the size it co-signed last as far as is known."""

    witness: Witness
    size: int = 0
    _session: requests.Session = field(default_factory=requests.Session)

    @property
    def name(self) -> str:
        """Return its name in the policy."""
        return self.witness.name

    def cosign(self, note: Note, nodes: Nodes) -> Note:
        """Return the note with this witness's cosignature; raise Away or Conflict.

        The proof begins at the size the witness had last; where it says that it has another, at that one.
        """
        checkpoint = Checkpoint.parse(note.text)
        self.size = min(self.size, checkpoint.size)
        for _ in range(TRIES):
            path = proofs.consistency(self.size, checkpoint.size, nodes) if self.size else []
            status, kind, body = self._post(Request(self.size, tuple(path), note.encode()))
            if status == 200:
                self.size = checkpoint.size
                return self._cosigned(note, body)
            if status != 409 or not kind.startswith(witnessing.SIZE_TYPE):
                raise self._refusal(status, checkpoint)
            self._take_size(body, checkpoint)
        raise Away(f"The witness {self.name} says another size each time it is asked.")

    def last_size(self, empty: Note) -> int:
        """Return how large the log was when this witness co-signed it last, 0 where it never did.

        It is asked with a checkpoint of the empty log, which binds to nothing.
        """
        status, kind, body = self._post(Request(0, (), empty.encode()))
        if status in (200, 404):
            return 0
        if status == 409 and kind.startswith(witnessing.SIZE_TYPE):
            return self._size_in(body)
        raise self._refusal(status, Checkpoint.parse(empty.text))

    def _take_size(self, body: bytes, checkpoint: Checkpoint) -> None:
        last, asked = self._size_in(body), self.size
        if last > checkpoint.size:
            raise Conflict(
                f"The witness {self.name} has co-signed {last:,} entries of this log, and it has {checkpoint.size:,}: "
                "the log was rolled back, or another holds its key. Nothing is published until it is larger again and "
                "the same: `countersign audit recover` brings entries back."
            )
        if last == asked == checkpoint.size:
            raise self._refusal(409, checkpoint)
        self.size = last

    def _size_in(self, body: bytes) -> int:
        try:
            return witnessing.size_in(body)
        except LogError as problem:
            raise Away(f"The witness {self.name} answers in a way that is not understood: {problem}") from None

    def _cosigned(self, note: Note, body: bytes) -> Note:
        try:
            return witnessing.answered(note, body, [self.witness.key])
        except LogError as problem:
            raise Away(f"The witness {self.name} sent no good cosignature: {problem}") from None

    def _refusal(self, status: int, checkpoint: Checkpoint) -> Away | Conflict:
        """Return what an answer other than a cosignature, or a size to go on from, means."""
        if status in (409, 422):
            return Conflict(
                f"The witness {self.name} has co-signed another log under this name: what it has of {self.size:,} "
                f"entries is not the beginning of the {checkpoint.size:,} here. One of the two was forged. Compare "
                "with it before anything is published (docs/operations.md, “The log's keys, folder and signer”)."
            )
        if status == 404:
            return Away(
                f"The witness {self.name} does not know the log {checkpoint.origin}: "
                "give its operator the line that begins with `log` in the policy."
            )
        if status == 403:
            return Away(f"The witness {self.name} knows another key of this log: was log-key.pem replaced?")
        return Away(f"The witness {self.name} answered {status}.")

    def _post(self, request: Request) -> tuple[int, str, bytes]:
        """Send a request; return status, content type and body of the answer, all within the time limits."""
        address = f"{(self.witness.url or '').rstrip('/')}/add-checkpoint"
        until = time.monotonic() + WHOLE
        try:
            with self._session.post(
                address, data=request.encode(), timeout=(CONNECT, READ), stream=True, allow_redirects=False
            ) as answer:
                body = bytearray()
                for byte in answer.iter_content(1):  # as they come: a larger piece would wait to be filled
                    body += byte
                    if len(body) > LARGEST_ANSWER or time.monotonic() > until:
                        raise Away(f"The witness {self.name} answers too much, or too slowly.")
                return answer.status_code, answer.headers.get("Content-Type", ""), bytes(body)
        except requests.RequestException as problem:
            raise Away(f"The witness {self.name} does not answer ({type(problem).__name__}).") from problem
