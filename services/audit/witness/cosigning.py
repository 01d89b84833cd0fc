"""What a witness does with a request: judge it, remember the checkpoint, and only then answer with a cosignature."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from services.audit.tlog.cosignatures import cosign
from services.audit.tlog.errors import Unreadable
from services.audit.tlog.notes import Note, VerifierKey
from services.audit.tlog.witnessing import TEXT_TYPE, Known, Request, judge
from services.audit.witness import store
from services.audit.witness.folder import Witness
from services.audit.witness.store import Evidence, Latest

_WITHOUT_A_LOOK_AT_SIZES = (400, 403, 404)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and a body of some type."""

    status: int
    body: str
    kind: str = TEXT_TYPE


def add_checkpoint(witness: Witness, body: bytes, now: Callable[[], float] = time.time) -> Answer:
    """Answer the body of a request with a cosignature, or say why there is none; raise Unwritable where it cannot."""
    try:
        request = Request.parse(body)
    except Unreadable as problem:
        return Answer(400, f"{problem}\n")
    checkpoint, note = request.opened()
    with store.opened(witness.file) as tx:  # who cannot sign for a log shall not hold up who can
        first = judge(request, _known(tx, checkpoint.origin))
    if first.status in _WITHOUT_A_LOOK_AT_SIZES:
        return Answer(first.status, first.body)
    with store.opened(witness.file, writing=True) as tx:
        known = _known(tx, checkpoint.origin)
        verdict, at = judge(request, known), int(now())
        signed = Note(note.text, tuple(signature for _, signature in note.signed_by(known.keys if known else ())))
        if verdict.checkpoint is None:
            _keep_what_speaks_against(tx, request, signed, verdict.status, at)
            return Answer(verdict.status, verdict.body, verdict.content_type)
        cosignature = cosign(note.text, witness.key, at)
        whole = Note(note.text, (*signed.signatures, cosignature)).encode()
        store.replace(tx, checkpoint.origin, Latest(checkpoint.size, checkpoint.root, whole, at))
    return Answer(200, cosignature.line())


def _known(tx: sqlite3.Connection, origin: str) -> Known | None:
    keys = tuple(map(VerifierKey.parse, store.keys(tx, origin)))
    latest = store.latest(tx, origin)
    if not keys:
        return None
    return Known(keys, latest.size, latest.root) if latest else Known(keys)


def _keep_what_speaks_against(tx: sqlite3.Connection, request: Request, signed: Note, status: int, at: int) -> None:
    """Keep what the log signed and what is not what it signed before; that the client was behind says nothing."""
    checkpoint, _ = request.opened()
    latest = store.latest(tx, checkpoint.origin)
    if latest is None:
        return
    forked = checkpoint.size == latest.size and checkpoint.root != latest.root
    if forked or status == 422:
        kind = "fork" if forked else "unproven"
        found = (checkpoint.origin, checkpoint.size, checkpoint.root, kind, signed.encode(), latest.note, at)
        store.keep(tx, Evidence(*found))
