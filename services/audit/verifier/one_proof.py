"""`proof`: one entry, from its bytes to the signatures under the checkpoint, without asking anybody."""

from __future__ import annotations

import json
from typing import Any

from services.audit.tlog import proofs, strict, tree
from services.audit.tlog.errors import LogError, Unproven
from services.audit.tlog.proof_files import ProofFile
from services.audit.verifier import envelopes, sources
from services.audit.verifier.private_values import check_one, check_surplus, commitments, said_of, salt_in, text_in
from services.audit.verifier.trust import trust, witnesses_said
from services.audit.verifier.verdicts import Good, Tampered, Unusable, counted


def verified(path: str, policy: str | None, log: str | None) -> Good:
    """Verify a proof file; raise Tampered or Unusable."""
    try:
        proof = ProofFile.parse(sources.file(path, "The proof"))
    except LogError as problem:
        raise Unusable(f"{path} is no proof that can be read: {problem}") from None
    entry, values, carried = _extra(path, proof.extra)
    trusted = trust(policy, log, carried, "the proof")
    witnessed = trusted.opened(proof.checkpoint, "The checkpoint in the proof")
    checkpoint = witnessed.checkpoint
    if proof.index >= checkpoint.size:
        raise Unusable(f"The proof is for entry {proof.index:,}, and its checkpoint has only {checkpoint.size:,}.")
    try:
        proofs.check_inclusion(tree.leaf(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    except Unproven:
        raise Tampered(
            proof.index, "no path leads from its bytes to the checkpoint: it or the proof was changed."
        ) from None
    event = envelopes.read(proof.index, entry)
    right, without = _check_values(proof.index, event, values)
    sentence = (
        f"Entry {proof.index:,} ({event['type']}, at {event['time']}, by {event['actor']}) is in the record "
        f"{checkpoint.origin}, whose checkpoint of {counted(checkpoint.size, 'entry', 'entries')} "
        f"{witnesses_said(witnessed, trusted)}; {said_of(right)}."
    )
    notes = [f"{counted(without, 'private value')} of this entry {'is' if without == 1 else 'are'} not in the file."]
    return Good(sentence, [*(notes if without else []), *trusted.said()])


def _check_values(index: int, event: dict[str, Any], values: dict[str, tuple[str, bytes]]) -> tuple[int, int]:
    """Return how many values are right, and how many are not in the file; that alone is nothing bad."""
    committed = dict(commitments(event["data"]))
    for pointer in sorted(set(values) & set(committed)):
        check_one(index, event["id"], pointer, committed[pointer], values[pointer])
    check_surplus(index, committed, values)
    return len(values), len(committed) - len(values)


def _extra(path: str, extra: bytes | None) -> tuple[bytes, dict[str, tuple[str, bytes]], bytes | None]:
    """Return the entry, the private values and, where it came along, the policy that a proof of Countersign carries."""
    if extra is None:
        raise Unusable(f"{path} is a proof without the entry it is for, which is no proof of Countersign's.")
    try:
        said = json.loads(extra.decode("utf-8"))
        entry = strict.base64(text_in(said["entry"]), "The entry")
        values = {text_in(one["pointer"]): (text_in(one["value"]), salt_in(one["salt"])) for one in said["private"]}
        if len(values) < len(said["private"]):
            raise ValueError("a private value is given twice")
        policy = text_in(said["policy"]).encode("utf-8") if "policy" in said else None
        return entry, values, policy
    except (LogError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Unusable(f"{path} does not say its entry as proofs of Countersign do: {problem!r}") from None
