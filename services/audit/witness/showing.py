"""What a witness says of itself: whom it witnesses, and how far it has seen each."""

import json
from datetime import UTC, datetime

from services.audit.tlog.strict import base64_of
from services.audit.witness import store
from services.audit.witness.folder import Witness


def as_json(witness: Witness) -> str:
    """Return its key and, for each log, the newest checkpoint that was co-signed, as JSON."""
    logs = [
        {
            "origin": origin,
            "keys": keys,
            "size": latest.size if latest else 0,
            "root": base64_of(latest.root) if latest else None,
            "time": _moment(latest.at) if latest else None,
            "checkpoint": latest.note.decode() if latest else None,
            "evidence": against,
        }
        for origin, keys, latest, against in _seen(witness)
    ]
    return json.dumps({"witness": witness.vkey, "logs": logs}, ensure_ascii=False, indent=1) + "\n"


def as_text(witness: Witness) -> str:
    """Return the same as lines to read."""
    lines = [f"This is a witness of logs (https://c2sp.org/tlog-witness).\nIts public key: {witness.vkey}\n"]
    for origin, _, latest, against in _seen(witness):
        lines.append(f"\n{origin}\n")
        if latest is None:
            lines.append("  not seen yet\n")
        else:
            lines.append(f"  size  {latest.size}\n  root  {base64_of(latest.root)}\n  time  {_moment(latest.at)}\n")
        if against:
            lines.append(f"  Checkpoints that speak against this log: {against} (`countersign witness evidence`).\n")
    if len(lines) == 1:
        lines.append("\nIt witnesses no log yet (`countersign witness add-log`).\n")
    return "".join(lines)


def _seen(witness: Witness) -> list[tuple[str, list[str], store.Latest | None, int]]:
    with store.opened(witness.file) as tx:
        found: dict[str, list[str]] = {}
        for origin, vkey in store.logs(tx):
            found.setdefault(origin, []).append(vkey)
        return [
            (origin, keys, store.latest(tx, origin), store.count_against(tx, origin)) for origin, keys in found.items()
        ]


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
