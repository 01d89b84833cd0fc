"""Identifiers: UUIDv7 (RFC 9562), made here because PostgreSQL 15 and Python 3.11 have none."""

import os
import time
import uuid


def new_id() -> str:
    """Return a new UUIDv7 as text: 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76  # version 7
    value = value & ~(0x3 << 62) | 0x2 << 62  # variant of RFC 9562
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Say whether text is a UUID in its usual lower-case form."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
