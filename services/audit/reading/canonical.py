"""Canonical JSON (RFC 8785), quickly: by the C encoder where it writes the same, by the slow one where it may not."""

import json
import re
from hashlib import sha256
from typing import Any

import rfc8785

_quoted = json.encoder.encode_basestring
_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode

# Numbers with a fraction, or beyond 2^53, are written otherwise. That a text looks like one costs time, no more.
_DOUBTFUL = re.compile(r"[:,\[]-?[0-9]+(?:[.eE]|(?<=[0-9]{16}))").search


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value; raise ValueError where it has none."""
    text = _write(value)
    if isinstance(value, int | float) or _DOUBTFUL(text) or _is_sorted_otherwise(text):
        return rfc8785.dumps(value)
    return text.encode()


def _is_sorted_otherwise(text: str) -> bool:
    """Say whether there is a character beyond 16 bits, which UTF-16 sorts before some that code points put first."""
    return not text.isascii() and len(text.encode("utf-16-le")) > 2 * len(text)


class Written:
    """The canonical JSON of values that are never changed in place: each is written once, whatever holds it.

    A version shares with the one before it all that the patch between them leaves alone (patching.py).
    """

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Any, bytes, str]] = {}  # a value is kept too, so that no other comes to have its id

    def hash(self, value: Any) -> str:
        """Return the SHA-256 of a value's canonical JSON; raise ValueError where it has none."""
        return self._found(value)[2]

    def hash_of_members(self, document: dict[str, Any]) -> str:
        """Return the same of an object, its members written each by itself."""
        keys = sorted(document) if "".join(document).isascii() else sorted(document, key=_as_utf16)
        text = b",".join(b"%b:%b" % (_quoted(key).encode(), self._found(document[key])[1]) for key in keys)
        return sha256(b"{%b}" % text).hexdigest()

    def _found(self, value: Any) -> tuple[Any, bytes, str]:
        found = self._kept.get(id(value))
        if found is None:
            text = canonical(value)
            found = self._kept[id(value)] = value, text, sha256(text).hexdigest()
        return found


def _as_utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
