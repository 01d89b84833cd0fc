"""JSON as we accept it from outside: nothing in it that two readers could read differently."""

import json
from typing import Any

from services.kernel.errors import Malformed

MAX_DEPTH = 32

Json = Any  # what the json module reads; the contracts say more


def strict_json(body: bytes) -> Json:
    """Read JSON and refuse what readers disagree about: duplicate keys, NaN, lone surrogates, depth past 32."""
    try:
        text = body.decode()
        document = _read(text)
        if _write(document) != text:
            _read_with_care(text)
    except (ValueError, RecursionError) as problem:
        raise Malformed(f"the bytes are no JSON as we accept it: {problem}") from problem
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(document) > MAX_DEPTH:
        raise Malformed(f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return document


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


# Our own bytes are canonical: written anew they are the same text, so no key stands twice in them, and the slow reader
# (60 of 80 microseconds for a comment) is spared. Writing also fails on a lone surrogate once it is encoded.
_read = json.JSONDecoder(parse_constant=_no_constant).decode
_write = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def _read_with_care(text: str) -> None:
    document = json.loads(text, object_pairs_hook=_no_duplicates)
    json.dumps(document, ensure_ascii=False).encode()  # a lone surrogate fails here


def _no_duplicates(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(k for k in keys if keys.count(k) > 1)!r} stands twice in one object")
    return found


def _depth(document: Json, limit: int = MAX_DEPTH + 1) -> int:
    children = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    if limit == 0:
        return 1
    return 1 + max((_depth(child, limit - 1) for child in children), default=0)
