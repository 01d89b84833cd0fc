"""The lock of the contracts: a checksum per file, so that the wire never changes by accident."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

LOCK = "lock.json"


def present() -> dict[str, str]:
    """Return the SHA-256 of every contract file as it is now, by its name under `contracts/`."""
    root = files("contracts")
    events = (f"events/{file.name}" for file in root.joinpath("events").iterdir() if file.name.endswith(".json"))
    names = sorted(["common.json", "envelope.json", *events])
    return {name: hashlib.sha256(root.joinpath(name).read_bytes()).hexdigest() for name in names}


def recorded() -> dict[str, str]:
    """Return the lock as it was last written."""
    content: dict[str, str] = json.loads(files("contracts").joinpath(LOCK).read_text())
    return content


def write() -> Path:
    """Write the lock anew, in a checkout, and return its path."""
    path = Path(str(files("contracts").joinpath(LOCK)))
    path.write_text(json.dumps(present(), indent=2) + "\n")
    return path
