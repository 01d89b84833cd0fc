"""What can go wrong with the bytes of a log; nothing but these ever leaves the package."""

from __future__ import annotations


class LogError(Exception):
    """Something about a log cannot be relied on. The message is a sentence for people."""


class Unreadable(LogError):
    """The bytes are not in the form that the standard prescribes."""


class Unproven(LogError):
    """The bytes are well formed, but do not prove what they say: a bad signature, a wrong path, no quorum, a fork."""
