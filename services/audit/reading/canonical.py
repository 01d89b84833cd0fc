"""Canonical JSON (RFC 8785), quickly: by the C encoder where it writes the same, by the slow one where it may not."""

import json
import re
from typing import Any

import rfc8785

_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode

# Where the two may differ: numbers with a fraction or beyond 2^53, and keys that UTF-16 sorts otherwise. That some text
# looks like it costs time and nothing else.
_DOUBTFUL = re.compile(r"(?:^|[:,\[])-?\d+(?:[.eE]|(?<=\d{16}))|[\ud800-\udfff\U00010000-\U0010ffff]")


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value; raise ValueError where it has none."""
    text = _write(value)
    return rfc8785.dumps(value) if _DOUBTFUL.search(text) else text.encode()
