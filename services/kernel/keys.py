"""The key that signs sessions: its private half is read by accounts alone, its public half by everyone."""

import os
from pathlib import Path

from joserfc.jwk import OKPKey

PRIVATE, PUBLIC = "session-key.pem", "session-key.pub.pem"


def ensure_session_key(folder: Path) -> None:
    """Make an Ed25519 key pair in the folder where there is none; the private file is readable by its owner only."""
    if not (folder / PRIVATE).exists():
        key = OKPKey.generate_key("Ed25519")
        with open(os.open(folder / PRIVATE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.as_pem(private=True))
        (folder / PUBLIC).write_bytes(key.as_pem(private=False))
