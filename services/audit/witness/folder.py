"""The folder of a witness: its key, and the file of what it knows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.audit.tlog.errors import Unreadable
from services.audit.tlog.notes import COSIGNATURE, ED25519, SigningKey, VerifierKey
from services.audit.witness import store

KEY, KNOWN = "witness-key.pem", "witness.sqlite"


class NoWitness(Exception):
    """There is no witness in this folder, or not a whole one; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its key, and where it keeps what it knows."""

    key: SigningKey
    file: Path

    @property
    def vkey(self) -> str:
        """Return its public key, as policies name it."""
        return str(self.key.verifier)

    def policy(self, url: str, name: str = "witness") -> str:
        """Return the lines with which a log's policy asks for its cosignature."""
        return f"witness {name} {self.vkey} {url}\nquorum {name}\n"


def begin(folder: Path, name: str, vkeys: Sequence[str], key: bytes | None = None) -> Witness:
    """Make a witness in a folder, or take the one that is there, and have it witness the logs of these keys.

    `key` is the PEM of a private key made elsewhere, where there is one.
    """
    for vkey in vkeys:
        log_key(vkey)
    made = SigningKey.from_pem(name, COSIGNATURE, key) if key else SigningKey.generate(name, COSIGNATURE)
    if not (folder / KEY).exists():
        folder.mkdir(parents=True, exist_ok=True)
        store.make(folder / KNOWN)
        with store.opened(folder / KNOWN, writing=True) as tx:
            if store.has_seen(tx):
                raise NoWitness(f"In {folder} the key {KEY} is missing: bring it back, or take an empty folder.")
            store.set_name(tx, name)
        _write_key(folder / KEY, made.to_pem())  # last: where a key is, the rest is
    witness = there(folder)
    if witness.key.name != name:
        raise NoWitness(f"The witness in {folder} is called {witness.key.name}, not {name}; take another folder.")
    if key and witness.vkey != str(made.verifier):
        raise NoWitness(f"The witness in {folder} has a key already, and another one; take another folder.")
    for vkey in vkeys:
        add(witness, vkey)
    return witness


def there(folder: Path) -> Witness:
    """Return the witness of a folder; raise NoWitness where it is not whole."""
    if not (folder / KEY).exists():
        raise NoWitness(f"There is no witness in {folder}; `countersign witness init` makes one.")
    if not (folder / KNOWN).exists():
        raise NoWitness(
            f"The witness in {folder} has its key but not {KNOWN}, and without what it knew it would co-sign a "
            "log that was rewritten. Bring the file back from a copy, or make a new witness of another name."
        )
    with store.opened(folder / KNOWN) as tx:
        name = store.name(tx)
    return Witness(SigningKey.from_pem(name, COSIGNATURE, (folder / KEY).read_bytes()), folder / KNOWN)


def add(witness: Witness, vkey: str) -> VerifierKey:
    """Have one more log witnessed, or one more key of a log trusted."""
    key = log_key(vkey)
    with store.opened(witness.file, writing=True) as tx:
        store.add_log(tx, key.name, str(key))
    return key


def log_key(text: str) -> VerifierKey:
    """Read the public key of a log; raise LogError where it is none."""
    key = VerifierKey.parse(text)
    if key.kind != ED25519:
        raise Unreadable(f"The key of {key.name} is not one that signs logs: its kind is {key.kind}, not {ED25519}.")
    return key


def _write_key(path: Path, pem: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
