"""Keys of the platform: that of sessions, whose private half accounts alone reads, and that of the log."""

import os
from pathlib import Path

from joserfc.jwk import OKPKey

PRIVATE, PUBLIC = "session-key.pem", "session-key.pub.pem"
LOG_KEY = "log-key.pem"  # read by the process that signs the log, and by no other


def ensure_session_key(folder: Path) -> None:
    """Make an Ed25519 key pair in the folder where there is none; the private file is readable by its owner only."""
    if not (folder / PRIVATE).exists():
        key = _make(folder / PRIVATE)
        (folder / PUBLIC).write_bytes(key.as_pem(private=False))


def ensure_log_key(folder: Path) -> None:
    """Make the Ed25519 key of the log where there is none.

    In a folder that is not ours to write in, somebody else decides which secrets this process is given: none is made.
    """
    if not (folder / LOG_KEY).exists() and os.access(folder, os.W_OK):
        _make(folder / LOG_KEY)


def _make(path: Path) -> OKPKey:
    key = OKPKey.generate_key("Ed25519")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key.as_pem(private=True))
    return key
